"""较上夜、较上月 — what differs between two nights: raised, fallen away, other amounts, closed by people.

Each night is taken as it was judged, from its own frames, so the answer does not depend on when it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from matchers.lifecycle import Step
from matchers.schemas import TakenDecisions
from pipelines.base.clock import SHANGHAI
from pipelines.base.frames import Night
from pipelines.base.store import Store

JUDGED = "judged/candidates"
AMOUNTS = ["tier", "overpaid_fen", "preventable_fen", "at_risk_fen"]
MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Since:
    """The numbers of the candidates that differ from ``night``: ``new``, no longer seen (``gone``),
    ``changed`` in tier or amount, and ``closed`` by people from then on until the day before this night.
    """

    night: date
    new: frozenset[str]
    gone: frozenset[str]
    changed: frozenset[str]
    closed: frozenset[str]

    def among(self, numbers: Iterable[str]) -> "Since":
        """The same, of these candidates alone."""
        own = frozenset(numbers)
        return Since(self.night, self.new & own, self.gone & own, self.changed & own, self.closed & own)

    def __str__(self) -> str:
        return (
            f"与 {self.night} 相比：新增 {len(self.new)} 件，不再出现 {len(self.gone)} 件，"
            f"等级或金额有变化 {len(self.changed)} 件，办结（不属实或销号）{len(self.closed)} 件"
        )


def last_night(nights: tuple[date, ...], as_of: date) -> date | None:
    """The night before this one that ran to its end."""
    return max((night for night in nights if night < as_of), default=None)


def last_month(nights: tuple[date, ...], as_of: date) -> date | None:
    """The newest night four weeks before this one or earlier."""
    return max((night for night in nights if night <= as_of - MONTH), default=None)


def since(store: Store, night: date | None, as_of: date, reviews: TakenDecisions) -> Since | None:
    """What differs from ``night``; None where there is no such night or its frames are past their time."""
    if night is None:
        return None
    before, after = (Night(store.night(day)) for day in (night, as_of))
    if not (before.path(JUDGED).exists() and after.path(JUDGED).exists()):
        return None
    was, now = (frame.frame(JUDGED).set_index("candidate_id")[AMOUNTS] for frame in (before, after))
    both = now.index.intersection(was.index)
    differs = now.loc[both].ne(was.loc[both]).any(axis="columns")
    return Since(
        night=night,
        new=frozenset(now.index.difference(was.index)),
        gone=frozenset(was.index.difference(now.index)),
        changed=frozenset(both[differs]),
        closed=_closed(reviews, night, as_of),
    )


def shanghai(instants: "pd.Series[pd.Timestamp]") -> "pd.Series[date]":
    """The days in Shanghai of instants in UTC."""
    return pd.to_datetime(instants).dt.tz_localize("UTC").dt.tz_convert(SHANGHAI.key).dt.date


def _closed(reviews: pd.DataFrame, first: date, before: date) -> frozenset[str]:
    """The candidates that people have dismissed with two signatures, or closed, on these days."""
    days = shanghai(reviews["decided_at"])
    signed = reviews["second_by"].notna() & (reviews["decision"] == Step.DISMISSED)
    ended = signed | (reviews["decision"] == Step.CLOSED)
    return frozenset(reviews.loc[ended & (days >= first) & (days < before), "candidate_id"])
