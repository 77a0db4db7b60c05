"""日历 — months as numbers, and the days on which each agency's deliveries arrive.

A month is ``year * 12 + month - 1``, so that months subtract and make ranges.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Final

from expectations.feed import feed

DAY: Final = {
    "job_referrals": 2,
    "training_referrals": 2,
    "emigrations": 3,
    "enlistments": 3,
    "imprisonments": 3,
    "deaths": 5,
    "identity_changes": 6,
    "contributions": 10,
    "business_roles": 11,
    "pension_payees": 14,
    "hires": 18,
}
HISTORY: Final = {"contributions": 18}
SNAPSHOTS: Final = 3
INCREMENTS: Final = 12


def month_of(day: dt.date) -> int:
    """The month that holds ``day``."""
    return day.year * 12 + day.month - 1


def on(month: int, day: int = 1) -> dt.date:
    """A day of ``month``."""
    return dt.date(month // 12, month % 12 + 1, day)


def hyphened(month: int) -> str:
    """``2026-05``, as the benefit database and the truth write a month."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def compact(month: int) -> str:
    """``202605``, as an extract writes a month."""
    return f"{month // 12:04d}{month % 12 + 1:02d}"


@dataclass(frozen=True)
class Calendar:
    """What has arrived when, seen from the night ``as_of``."""

    as_of: dt.date

    @property
    def now(self) -> int:
        """The as-of month."""
        return month_of(self.as_of)

    def days(self, name: str) -> tuple[dt.date, ...]:
        """The days on which the feed delivers, ascending; an increment's last one is after ``as_of``."""
        return _days(name, self.as_of)

    def newest(self, name: str) -> dt.date:
        """The last delivery of the feed that the night can see."""
        return max(day for day in self.days(name) if day <= self.as_of)

    def arrival(self, name: str, learned_on: dt.date) -> dt.date:
        """The delivery that brings what the agency learned on that day; ``ValueError`` if none does."""
        return min(day for day in self.days(name) if day >= learned_on)

    @property
    def superseded(self) -> dt.date:
        """The delivery of deaths that another one takes out of use two days later."""
        return self.days("deaths")[-3]

    @property
    def settled(self) -> int:
        """The last month whose contributions the night can see."""
        return month_of(self.newest("contributions")) - 1


@cache
def _days(name: str, as_of: dt.date) -> tuple[dt.date, ...]:
    snapshot = feed(name).mode == "snapshot"
    count = HISTORY.get(name, SNAPSHOTS if snapshot else INCREMENTS)
    newest = month_of(as_of) - (as_of.day < DAY[name])
    return tuple(on(m, DAY[name]) for m in range(newest - count + 1, newest + (1 if snapshot else 2)))
