"""较上夜、较上月 — what differs between two nights: raised, fallen away, other amounts, closed by people.

Each night is taken as it was judged, from its own frames, so the answer does not depend on when it is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from matchers.lifecycle import Status, Step
from matchers.schemas import Candidates, ReportedCandidates, TakenDecisions
from matchers.since import NEW, moves
from pipelines.base.clock import SHANGHAI
from pipelines.base.frames import Night
from pipelines.base.store import Store
from pipelines.judging import writeback
from pipelines.judging.moved import judged

MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Since:
    """The numbers of the candidates that differ from ``night``: ``new``, no longer seen (``gone``), with
    other tier or amounts (``moves``, in words), and ``closed`` by people from then on until the day before
    this night.
    """

    night: date
    new: frozenset[str]
    gone: frozenset[str]
    moves: Mapping[str, str]
    closed: frozenset[str]

    def among(self, numbers: Iterable[str]) -> "Since":
        """The same, of these candidates alone."""
        own = frozenset(numbers)
        moves = {number: words for number, words in self.moves.items() if number in own}
        return Since(self.night, self.new & own, self.gone & own, moves, self.closed & own)

    def words(self, number: str) -> str:
        """How a candidate differs; empty where it does not."""
        return NEW if number in self.new else self.moves.get(number, "")

    def __str__(self) -> str:
        return (
            f"与 {self.night} 相比：新增 {len(self.new)} 件，不再出现 {len(self.gone)} 件，"
            f"等级或金额有变化 {len(self.moves)} 件，办结（不属实或销号）{len(self.closed)} 件"
        )


def last_night(nights: tuple[date, ...], as_of: date) -> date | None:
    """The night before this one that ran to its end."""
    return max((night for night in nights if night < as_of), default=None)


def last_month(nights: tuple[date, ...], as_of: date) -> date | None:
    """The newest night four weeks before this one or earlier."""
    return max((night for night in nights if night <= as_of - MONTH), default=None)


def since(
    store: Store,
    night: date | None,
    as_of: date,
    reviews: TakenDecisions,
    standing: ReportedCandidates,
    outs: Mapping[date, frozenset[str]],
) -> Since | None:
    """What differs from ``night``; None where there is no such night or its frames are gone.

    ``standing``: every candidate that this night or one before it raised. ``outs``: what was out on each
    night that ended; a candidate that rests on it stands as it was, that night, though it was not seen.
    """
    if night is None:
        return None
    before = Night(store.night(night))
    was, now = judged(before), judged(Night(store.night(as_of)))
    if was is None or now is None:
        return None
    out = outs[as_of]
    later = standing.loc[standing["first_seen_as_of"] > night, "candidate_id"]
    unseen = was[~was["candidate_id"].isin(now["candidate_id"])]
    written = standing.loc[standing["last_seen_as_of"] >= as_of, "candidate_id"]
    lost = standing[
        (standing["last_seen_as_of"] < night) & ~standing["candidate_id"].isin(now["candidate_id"])
    ]
    stood = _stood(store, lost[lost["status"] == Status.WITHDRAWN], night, outs, out)
    return Since(
        night=night,
        new=frozenset(later) & frozenset(now["candidate_id"]),
        gone=(frozenset(unseen["candidate_id"]) - _resting(before, unseen, out)) | stood,
        moves=moves(was, now[now["candidate_id"].isin(written)]),
        closed=_closed(reviews, night, as_of),
    )


def _stood(
    store: Store,
    candidates: ReportedCandidates,
    night: date,
    outs: Mapping[date, frozenset[str]],
    out: frozenset[str],
) -> frozenset[str]:
    """Of candidates last seen before ``night``: those that stood on it because what they rest on was out then
    and on every night in between, and that rest on nothing that is ``out`` now.
    """
    stood: frozenset[str] = frozenset()
    if not outs.get(night, frozenset()) - out:
        return stood
    days: list[date] = sorted(set(candidates["last_seen_as_of"]))
    for day in days:
        between = [outs[ended] for ended in outs if day < ended <= night]
        seen = Night(store.night(day))
        was = judged(seen) if all(between) else None
        if was is not None:
            last_seen_then = candidates.loc[candidates["last_seen_as_of"] == day, "candidate_id"]
            own = was[was["candidate_id"].isin(last_seen_then)]
            held = [_resting(seen, own, then) for then in between]
            stood |= frozenset(own["candidate_id"]).intersection(*held) - _resting(seen, own, out)
    return stood


def _resting(night: Night, candidates: Candidates, out: frozenset[str]) -> frozenset[str]:
    """The candidates of a night that rest on what is out."""
    if not out:
        return frozenset()
    heads = candidates[["candidate_id", "cause", "link_tier"]].itertuples(index=False, name=None)
    besides = {number for number, cause, link in heads if writeback.besides(cause, link) & out}
    evidence = night.frame("judged/evidence", ("feed", out))
    return frozenset(evidence["candidate_id"]) | besides


def shanghai(instants: "pd.Series[pd.Timestamp]") -> "pd.Series[date]":
    """The days in Shanghai of instants in UTC."""
    return pd.to_datetime(instants).dt.tz_localize("UTC").dt.tz_convert(SHANGHAI.key).dt.date


def _closed(reviews: pd.DataFrame, first: date, before: date) -> frozenset[str]:
    """The candidates that people have dismissed with two signatures, or closed, on these days."""
    days = shanghai(reviews["decided_at"])
    signed = reviews["second_by"].notna() & (reviews["decision"] == Step.DISMISSED)
    ended = signed | (reviews["decision"] == Step.CLOSED)
    return frozenset(reviews.loc[ended & (days >= first) & (days < before), "candidate_id"])
