"""闸门 — a night with far more new candidates than the nights before is held until two people release it.

Counted are candidates that nobody has seen yet, per cause and in all; a wrong month or a feed delivered twice
shows there at once. From the fourth night on it trips above max(``FLOOR``, 2 × median, median + 4 MAD) of
the nights before, or above ``SHARE`` of the claims that are live.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import Connection, func, select

from matchers.causes import causes
from matchers.schemas import Candidates
from pipelines.decisions.release import signed
from sql.tables import match_run, suspension_candidate

FLOOR = 50
SHARE = 0.05
HISTORY = 24
FIRST_NIGHTS = 3
PEOPLE = 2
ALL = "全部情形"


@dataclass(frozen=True, slots=True)
class Trip:
    """One count that is out of bounds: what was counted, how many, and how many at the most."""

    what: str
    new: int
    most: int

    def __str__(self) -> str:
        title = causes()[self.what].title if self.what in causes() else self.what
        return f"{title}新增{self.new}件，上限{self.most}件"


def trips(connection: Connection, candidates: Candidates, live_claims: int, as_of: date) -> list[Trip]:
    """What is out of bounds on this night; empty when all is as usual or there are too few nights before.

    ``candidates``: tonight's candidates (candidate_id, cause).
    """
    c, r = suspension_candidate.c, match_run.c
    ran = select(r.as_of).where(r.as_of < as_of, r.status == "succeeded").distinct().order_by(r.as_of.desc())
    nights = list(connection.execute(ran.limit(HISTORY)).scalars())
    if len(nights) < FIRST_NIGHTS:
        return []
    recorded = set(connection.execute(select(c.candidate_id)).scalars())
    new = candidates[~candidates["candidate_id"].isin(recorded)]
    counted = select(c.first_seen_as_of, c.cause, func.count()).group_by(c.first_seen_as_of, c.cause)
    opened = {(night, cause): n for night, cause, n in connection.execute(counted)}
    share = int(SHARE * live_claims)
    counts = [Trip(ALL, len(new), min(_most([_all(opened, night) for night in nights]), max(share, FLOOR)))]
    for cause, n in new["cause"].value_counts().sort_index().items():
        before = [opened.get((night, str(cause)), 0) for night in nights]
        counts.append(Trip(str(cause), int(n), _most(before)))
    return [trip for trip in counts if trip.new > trip.most]


def released(connection: Connection, run_id: str) -> int:
    """How many people have released the run."""
    return len(signed(connection, run_id))


def _all(opened: dict[tuple[date, str], int], night: date) -> int:
    return sum(n for (day, _), n in opened.items() if day == night)


def _most(before: Sequence[int]) -> int:
    middle = median(before)
    spread = median(abs(n - middle) for n in before)
    return int(max(FLOOR, 2 * middle, middle + 4 * spread))
