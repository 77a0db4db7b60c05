"""收件箱 — every delivery of every feed: the stories' rows, the ordinary ones, everybody else's, shuffled."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Final

import numpy as np
import pyarrow as pa

from expectations.feed import feed, feeds
from pipelines.demo.background import WHO, Background
from pipelines.demo.calendar import DAY, Calendar, month_of
from pipelines.demo.case import Row
from pipelines.demo.dirt import Dirt
from pipelines.demo.ordinary import Ordinary
from pipelines.demo.writing.delivery import Delivery
from pipelines.demo.writing.dialect import dialect

CHUNK: Final = 100_000
LEAST: Final = 4
SHARES: Final = {"business_roles": 0.5, "pension_payees": 0.7, "hires": 0.2}
RARE: Final = 0.006
RESENT: Final = "imprisonments"
CORRECTION: Final = timedelta(days=2)

Key = tuple[str, date]
Counted = tuple[str, str, int, int, int]


@dataclass(slots=True)
class Mailbox:
    """What the agencies have to say, by feed and day of delivery."""

    stated: dict[Key, list[Mapping[str, str]]] = field(default_factory=lambda: defaultdict(list))
    mistaken: dict[Key, list[Mapping[str, str]]] = field(default_factory=lambda: defaultdict(list))
    ordinary: Ordinary = field(default_factory=Ordinary)

    def add(self, rows: list[Row]) -> None:
        """Takes the rows of one case."""
        for row in rows:
            where = self.mistaken if row.mistaken else self.stated
            where[row.feed, row.delivered_on].append(row.columns)


class Inbox:
    """Writes the deliveries of a city with about ``rows`` contributions."""

    def __init__(
        self,
        root: Path,
        calendar: Calendar,
        mailbox: Mailbox,
        background: Background,
        *,
        rows: int,
        claims: int,
    ) -> None:
        self.root = root
        self.calendar = calendar
        self.mailbox = mailbox
        self.background = background
        self.rows = rows
        self.claims = claims
        self.dirt = Dirt(Random(f"{background.seed}/dirt"))

    def write(self, delivered: Callable[[int, int], None]) -> list[Counted]:
        """Writes everything; feed, day, rows, rejects and drops of each delivery that the night can see.

        A feed that has no day in the calendar is one that this city does not have.
        """
        had = [name for name in feeds() if name in DAY]
        plan = [
            (name, day, nth) for name in had for nth, day in enumerate(reversed(self.calendar.days(name)))
        ]
        counted: list[Counted] = []
        for done, (name, day, nth) in enumerate(plan, 1):
            counted.extend(self._deliver(name, day, nth))
            delivered(done, len(plan))
        self._resend(RESENT, *self.calendar.days(RESENT)[-3:-1])
        return [line for line in sorted(counted) if line[1] <= self.calendar.as_of.isoformat()]

    def _deliver(self, name: str, day: date, nth: int) -> Iterator[Counted]:
        own = self._own(name, day)
        wrong = self.mailbox.mistaken.get((name, day), [])
        yield self._write(name, day, nth, _with(name, own, wrong))
        if name == "deaths" and day == self.calendar.superseded:
            yield self._write(name, day + CORRECTION, nth, own, supersedes=day)

    def _write(
        self, name: str, day: date, nth: int, own: pa.Table, supersedes: date | None = None
    ) -> Counted:
        rng = Random(f"{self.background.seed}/{name}/{day}")
        delivery = Delivery(
            feed(name),
            day,
            dialect(name, nth),
            self._chunks(name, supersedes or day, own),
            manifest=rng.random() < 0.4 and not (name == RESENT and nth == 1),
            supersedes=supersedes,
        )
        counts = delivery.write(self.root, rng, self.dirt)
        return name, day.isoformat(), counts.rows, counts.rejected, counts.dropped

    def _resend(self, name: str, first: date, again: date) -> None:
        """The later delivery holds a file of the earlier one once more."""
        for file in (self.root / first.isoformat() / name).glob(f"*_{name}_*"):
            copyfile(file, self.root / again.isoformat() / name / file.name)

    def _own(self, name: str, day: date) -> pa.Table:
        own = _with(name, None, self.mailbox.stated.get((name, day), []))
        if name == "contributions":
            ordinary = self.mailbox.ordinary.contributions(month_of(day) - 1)
            return pa.concat_tables([own, _aligned(name, ordinary)])
        if name == "hires":
            return pa.concat_tables([own, _aligned(name, self.mailbox.ordinary.hires())])
        return own

    def _chunks(self, name: str, day: date, own: pa.Table) -> Iterator[pa.Table]:
        """The delivery's rows in random order, the city's own spread over all chunks."""
        count = self._others(name, len(own))
        parts = -(-count // CHUNK)
        order = np.random.default_rng([self.background.seed, 2, day.toordinal()])
        own = own.take(pa.array(order.permutation(len(own))))
        for part in range(parts):
            size = min(CHUNK, count - part * CHUNK)
            since, until = len(own) * part // parts, len(own) * (part + 1) // parts
            others = _aligned(name, self.background.rows(name, day, part, size))
            both = pa.concat_tables([own.slice(since, until - since), others]).combine_chunks()
            yield both.take(pa.array(order.permutation(len(both))))

    def _others(self, name: str, own: int) -> int:
        if name == "contributions":
            wanted = self.rows // (len(self.calendar.days(name)) - 1)
            return max(wanted - own, own // 4, LEAST)
        return max(int(self.claims * SHARES.get(name, RARE)), LEAST)


def columns(name: str) -> list[str]:
    """The columns that a delivery of the feed has, in their usual order."""
    declared = [c for c in feed(name).columns if c not in (*WHO, "district")]
    return [*WHO, *feed(name).drop, *declared]


def _aligned(name: str, table: pa.Table) -> pa.Table:
    empty = pa.array(np.repeat("", len(table)), pa.string())
    return pa.table({c: table[c] if c in table.column_names else empty for c in columns(name)})


def _with(name: str, own: pa.Table | None, rows: list[Mapping[str, str]]) -> pa.Table:
    names = columns(name)
    table = pa.table({c: pa.array([row.get(c, "") for row in rows], pa.string()) for c in names})
    return table if own is None else pa.concat_tables([own, table])
