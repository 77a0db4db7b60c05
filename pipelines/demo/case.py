"""场景 — what a story may do: open claims, have agencies report facts, state what a night must raise."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from pipelines.demo.calendar import Calendar, compact, month_of, on
from pipelines.demo.claims import Claim, Payment, Recipient, Shape, open_claim
from pipelines.demo.employers import Employer, employer
from pipelines.demo.identity import untidy
from pipelines.demo.people import Person

EMPLOYEE_INSURANCES: Final = ("110", "210", "310", "410", "510")
TIERS: Final = ("precise", "important", "lead")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one feed, in canonical text: months ``202605``, dates ``2026-05-01``, sex ``M``/``F``.

    ``mistaken`` rows stand only in the delivery that a later one supersedes.
    """

    feed: str
    delivered_on: dt.date
    columns: Mapping[str, str]
    mistaken: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a night must find: the fact begins in ``event`` and holds in the months ``holds``.

    ``named``: the only payments that it is about, where it names them; else all of those months.
    """

    claim: Claim
    cause: str
    tier: str
    event: int
    holds: frozenset[int]
    link: str
    stop: int | None = None
    named: frozenset[Payment] = frozenset()


@dataclass(slots=True)
class Case:
    """One claim on stage. ``link``: how the agencies know the person; ``written``: how they write them."""

    rng: Random
    calendar: Calendar
    claims: list[Claim]
    written: Person
    link: str
    number: Callable[[], str]
    rows: list[Row] = field(default_factory=list)

    @property
    def claim(self) -> Claim:
        """The claim that the story was given."""
        return self.claims[0]

    @property
    def person(self) -> Person:
        """Who draws."""
        return self.claim.recipient.person

    def chance(self, share: float) -> bool:
        """True in that share of the cases."""
        return self.rng.random() < share

    def employer(self, kind: str = "10") -> Employer:
        """A payer that the person never worked for before."""
        return employer(self.rng, kind)

    def month(self, length: int = 1, until: int | None = None) -> int:
        """A first month such that ``length`` months from it were paid for and have reached every feed.

        ``until`` bounds the last of them further.
        """
        newest = min(self.claim.last, self.calendar.now - 2)
        last = min(newest, until or newest) - length + 1
        return self.rng.randint(min(self.claim.start + 1, last), last)

    def run(self, least: int = 2, most: int = 5, until: int | None = None) -> range:
        """Some consecutive months within the claim."""
        length = self.rng.randint(least, most)
        first = self.month(length, until)
        return range(first, first + length)

    def day(self, month: int) -> dt.date:
        """Some day of ``month``."""
        return on(month, self.rng.randint(4, 24))

    def until_now(self, month: int) -> range:
        """From ``month`` on, as an event with a lasting effect holds."""
        return range(month, self.calendar.now + 1)

    def until_newest(self, feed: str, month: int) -> range:
        """From ``month`` on, as a register states it: up to the month of its newest delivery."""
        return range(month, month_of(self.calendar.newest(feed)) + 1)

    def report(
        self,
        feed: str,
        learned_on: dt.date,
        columns: Mapping[str, str],
        *,
        about: Person | None = None,
        mistaken: bool = False,
    ) -> None:
        """An agency that learned of it that day writes one row; a register repeats it in later snapshots."""
        who = untidy(about or self.written, self.rng)
        facts = {
            "id_number": who.id_number,
            "name": who.name,
            "sex": who.sex,
            "birth_date": who.born.isoformat(),
            "phone": who.phone if self.chance(0.6) else "",
            **columns,
        }
        days = self.calendar.days(feed)
        first = self.calendar.arrival(feed, max(learned_on, days[0]))
        snapshot = days[-1] <= self.calendar.as_of
        arrivals = [day for day in days if day >= first] if snapshot else [first]
        self.rows.extend(Row(feed, day, facts, mistaken) for day in arrivals)

    def contribute(
        self,
        payer: Employer,
        months: Iterable[int],
        *,
        insurances: Iterable[str] = (),
        settled: Callable[[int], int] = lambda month: month,
        about: Person | None = None,
        **columns: str,
    ) -> None:
        """Contributions of the person at ``payer`` for ``months``, one row per insurance and month."""
        chosen = tuple(insurances) or self.rng.sample(EMPLOYEE_INSURANCES, self.rng.randint(1, 2))
        for month in months:
            paid_in = settled(month)
            facts = contribution(payer, month, paid_in) | columns
            for insurance in chosen:
                self.report("contributions", on(paid_in + 1), facts | {"insurance": insurance}, about=about)

    def hire(
        self,
        payer: Employer,
        hired_on: dt.date,
        left_on: dt.date | None = None,
        form: str = "单位就业",
        about: Person | None = None,
    ) -> None:
        """A registered employment, reported at once."""
        facts = {
            "employer_name": payer.name,
            "employer_uscc": payer.uscc,
            "hired_on": hired_on.isoformat(),
            "left_on": left_on.isoformat() if left_on else "",
            "form": form,
        }
        self.report("hires", hired_on, facts, about=about)

    def open(self, shape: Shape, recipient: Recipient | None = None) -> Claim:
        """One more claim, of the same recipient unless another is given."""
        who = recipient or self.claim.recipient
        claim = open_claim(self.rng, self.calendar, f"C{self.number()}", who, self.employer(), shape)
        self.claims.append(claim)
        return claim

    def recipient(self, person: Person, id_number: str | None = None) -> Recipient:
        """Somebody registered under a new person_id."""
        return Recipient(f"P{self.number()}", person, id_number or person.id_number)

    def change(self, new: Person, *, old_number: str = "", old_name: str = "") -> None:
        """The population register reports a change of number or name from before the claim, late or soon.

        So each of its deliveries has as many, however many claims there are.
        """
        changed = self.claim.registered_on - dt.timedelta(days=self.rng.randint(40, 900))
        late = (self.calendar.newest("identity_changes") - changed).days
        learned = changed + dt.timedelta(days=self.rng.randint(0, late))
        facts = {"old_id_number": old_number, "old_name": old_name, "changed_on": changed.isoformat()}
        self.report("identity_changes", learned, facts, about=new)

    def finding(
        self,
        cause: str,
        tier: str,
        event: int,
        holds: Iterable[int],
        claim: Claim | None = None,
        stop: int | None = None,
    ) -> Finding:
        """What the night must find on the claim, the tier no higher than the link allows.

        ``stop`` only where it is not the month after the event.
        """
        limit = {"name_differs": "important", "mangled": "lead"}.get(self.link, "precise")
        reached = max(tier, limit, key=TIERS.index)
        return Finding(claim or self.claim, cause, reached, event, frozenset(holds), self.link, stop)


def contribution(payer: Employer, covered: int, settled: int) -> dict[str, str]:
    """The columns of a regular, paid contribution, without the insurance."""
    return {
        "employer_id": payer.employer_id,
        "employer_name": payer.name,
        "employer_uscc": payer.uscc,
        "employer_kind": payer.kind,
        "settled_month": compact(settled),
        "covered_month": compact(covered),
        "payment_kind": "10",
        "base": "4800",
        "paid_flag": "1",
        "received_on": on(settled, 25).isoformat(),
        "valid": "1",
    }
