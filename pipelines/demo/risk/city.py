"""城市 — what happens in a risk city, row by row: jobs, claims, payments, acts of operators."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from pipelines.demo.calendar import hyphened, month_of, on
from pipelines.demo.risk import who
from pipelines.demo.risk.who import Employers, Identities

DISTRICTS: Final = 12
ACCEPTING: Final = 3  # of the people of an office, the first ones accept; the others review, approve, pay
PAY_DAY, ROLL_DAY = 26, 16
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A last job. ``gap``: nothing before it; ``least``: at the minimum base."""

    person: int
    employer: int
    left_on: dt.date
    months: int
    gap: bool = False
    least: bool = False


@dataclass(slots=True)
class City:
    """Rows by relation or feed; people, districts and operators are numbers until they are written."""

    seed: int
    month: int
    claims: int
    identities: Identities
    rng: np.random.Generator
    employers: Employers
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    truth: list[Row] = field(default_factory=list)
    quiet: list[Row] = field(default_factory=list)
    persons: int = 0
    shared: int = 0
    operator_office: list[int] = field(default_factory=list)

    @property
    def offices(self) -> int:
        """How many there are; every fourth has two people less."""
        return max(self.claims // 420, DISTRICTS)

    @property
    def log_starts(self) -> dt.date:
        """The first day of the operators' log."""
        return on(self.month - 17)

    @property
    def last(self) -> dt.date:
        """The last day of the city."""
        return on(self.month + 1) - dt.timedelta(days=1)

    def person(self) -> int:
        """One more person."""
        self.persons += 1
        return self.persons - 1

    def one_more(self) -> int:
        """The number of one more thing that several people share."""
        self.shared += 1
        return self.shared

    def day(self, first: int, last: int) -> dt.date:
        """A working day of the months ``first`` to ``last``."""
        month = int(self.rng.integers(first, last + 1))
        return weekday(on(month, int(self.rng.integers(1, 26))))

    def chance(self, of: float) -> bool:
        """Yes, in so many of a hundred cases."""
        return bool(self.rng.random() < of)

    def left(self, job: Job, code: str = "212") -> None:
        """The form of a staff reduction."""
        joined = job.left_on - dt.timedelta(days=30 * job.months - 8)
        filed = weekday(job.left_on + dt.timedelta(days=3))
        form = f"JY{len(self.rows['staff_reductions']):09d}"
        self.rows["staff_reductions"].append(
            (job.person, job.employer, joined, job.left_on, code, filed, form, None, None)
        )

    def claim(self, job: Job, *, account: str = "", phone: str = "", online: bool | None = None) -> int:
        """A claim after the job, with its form, contributions, payments and acts; its number."""
        number = len(self.rows["claim"])
        registered = weekday(job.left_on + dt.timedelta(days=int(self.rng.integers(5, 20))))
        office = int(self.rng.integers(self.offices))
        district = office % DISTRICTS
        start = month_of(registered) + 1
        self.left(job)
        self._contributed(job)
        self.rows["claim"].append(
            (number, job.person, district, registered, start, job.left_on, job.employer)
        )
        self.rows["recipient"].append((job.person, phone or who.own_phone(job.person), district))
        paid_to = account or who.own_account(job.person)
        for month in range(start, min(start + int(self.rng.integers(4, 13)), self.month + 1)):
            payment = f"Y{len(self.rows['payment']):08d}"
            self.rows["payment"].append((payment, number, month, on(month, PAY_DAY), paid_to))
        if registered >= self.log_starts:
            self._handled(number, office, registered, self.chance(0.4) if online is None else online)
        return number

    def _contributed(self, job: Job) -> None:
        left, base = month_of(job.left_on), self.minimum if job.least else self.minimum + 1370
        for month in range(left - min(job.months, 14) + 1, left + 1):
            self.rows["contributions"].append((job.person, job.employer, month, base))
        if job.months <= 3 and not job.gap:
            before = left - job.months + 1
            earlier = int(self.rng.integers(self.claims // 2))
            for month in range(before - 10, before):
                self.rows["contributions"].append((job.person, earlier, month, self.minimum + 900))

    @property
    def minimum(self) -> int:
        """The minimum contribution base in yuan; the same every month, as the city's policy says."""
        return 4300

    def _handled(self, claim: int, office: int, day: dt.date, online: bool) -> None:
        team = self.team(office)
        accepts = None if online else team[int(self.rng.integers(len(team) - 3))]
        self.act("accept", claim, day, accepts, "online" if online else "counter")
        self.act("review", claim, weekday(day + dt.timedelta(days=1)), team[-3])
        self.act("approve", claim, weekday(day + dt.timedelta(days=2)), team[-2])

    def act(
        self, kind: str, claim: int | None, day: dt.date, operator: int | None, channel: str = "counter",
        *, hour: int = 0, before: str | None = None, after: str | None = None, reference: str | None = None,
    ) -> str:  # fmt: skip
        """One event; its number. Without an hour it is one of the day's."""
        event = f"E{len(self.rows['claim_event']):08d}"
        at = dt.datetime.combine(
            day, dt.time(hour or int(self.rng.integers(9, 17)), int(self.rng.integers(60)))
        )
        row = (event, claim, kind, at, operator, channel, before, after, reference)
        self.rows["claim_event"].append(row)
        return event

    def team(self, office: int) -> list[int]:
        """The operators of an office: those who accept, then review, approve and pay."""
        return [n for n, place in enumerate(self.operator_office) if place == office]

    def true(self, rule: str, kind: str, key: Any, level: str, story: str, **more: Any) -> None:
        """One signal that must be there; ``certain`` where no statistics decide it."""
        self.truth.append((
            rule, kind, key, more.get("period", hyphened(self.month)[:4]), more.get("district", ""), level,
            more.get("n", ""), more.get("certain", 0), story, "", ";".join(more.get("facts", ())),
        ))  # fmt: skip

    def innocent(self, kind: str, key: Any, story: str, *, rule: str = "*", ban: str = "any") -> None:
        """One subject of which nothing may be said."""
        self.quiet.append((rule, kind, key, ban, story, ""))


def weekday(day: dt.date) -> dt.date:
    """The day, or the Monday after a weekend."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
