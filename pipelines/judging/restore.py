"""复原 — our tables without one night: each candidate as the other nights say, from what these judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date

import pandas as pd
from sqlalchemy import Connection, Table, delete, select, update

from matchers.judge import Judgement
from matchers.lifecycle import Status, next_status
from pipelines.base.errors import CrossmatchError
from pipelines.database import tally
from pipelines.judging import writeback
from pipelines.judging.writeback import AT_ONCE, Who
from pipelines.runs import Later
from sql import tables as t

Judged = Callable[[date], tuple[Judgement, Who]]
Ran = Mapping[date, frozenset[str]]


def without(connection: Connection, as_of: date, ran: Ran, judged: Judged) -> dict[str, int]:
    """How many candidates were ``restored``, ``removed``, ``reopened`` and ``kept`` for people's decisions.

    ``ran``: the other nights with what was out on each; ``judged``: the judgement of one of them,
    ``CrossmatchError`` where nobody knows any more. Runs inside the caller's transaction.
    """
    standing = writeback.standing_candidates(connection)
    orphans = set(standing.loc[standing["last_seen_as_of"] == as_of, "candidate_id"])
    restored = 0
    for night in sorted((n for n in ran if n < as_of), reverse=True):
        if not orphans:
            break
        judgement, _ = judged(night)
        seen = orphans & _seen(judgement, ran[night])
        writeback.put(connection, judgement, seen, night, _later(ran, night))
        restored, orphans = restored + len(seen), orphans - seen
    kept = orphans & set(connection.execute(select(t.review.c.candidate_id)).scalars())
    _remove(connection, orphans - kept)
    _first_seen(connection, standing, as_of, ran, judged)
    reopened = _reopen(connection, standing[standing["last_seen_as_of"] < as_of], ran)
    if not ran:
        writeback.forget_latest(connection)
    elif max(ran) < as_of:
        writeback.latest(connection, *judged(max(ran)))
    _first_asked(connection, sorted(ran, reverse=True), judged)
    writeback.survivors(connection)
    tally.write(connection)
    return {
        "restored": restored, "removed": len(orphans - kept), "reopened": reopened, "kept": len(kept),
    }  # fmt: skip


def _later(ran: Ran, night: date) -> Later:
    return Later({day: out for day, out in ran.items() if day > night})


def _seen(judgement: Judgement, out: frozenset[str]) -> set[str]:
    """The candidates that a night saw and that did not rest on what was out on it."""
    evidence, candidates = judgement.evidence, judgement.candidates
    heads = zip(candidates["candidate_id"], candidates["cause"], candidates["link_tier"], strict=True)
    resting = set(evidence.loc[evidence["feed"].isin(out), "candidate_id"])
    return {number for number, cause, link in heads if not writeback.besides(cause, link) & out} - resting


def _parts(numbers: Set[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(numbers)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _remove(connection: Connection, numbers: Set[str]) -> None:
    tables: tuple[Table, ...] = (
        t.report_export_row, t.evidence, t.overpayment, t.preventable, t.suspension_candidate,
    )  # fmt: skip
    for part in _parts(numbers):
        for table in tables:
            connection.execute(delete(table).where(table.c.candidate_id.in_(part)))


def _change(connection: Connection, numbers: Set[str], **values: object) -> None:
    for part in _parts(numbers):
        row = update(t.suspension_candidate).where(t.suspension_candidate.c.candidate_id.in_(part))
        connection.execute(row.values(**values))


def _first_seen(
    connection: Connection, standing: pd.DataFrame, as_of: date, ran: Ran, judged: Judged
) -> None:
    """Candidates that were first seen on the night were first seen on the next one that saw them."""
    first, last = standing["first_seen_as_of"], standing["last_seen_as_of"]
    moved = set(standing.loc[(first == as_of) & (last > as_of), "candidate_id"])
    for night in sorted(n for n in ran if n > as_of):
        if not moved:
            break
        seen = moved & _seen(judged(night)[0], ran[night])
        _change(connection, seen, first_seen_as_of=night)
        moved -= seen


def _reopen(connection: Connection, earlier: pd.DataFrame, ran: Ran) -> int:
    """How many candidates were withdrawn by the night alone; each stands again as its facts say."""
    gone = earlier[earlier["status"] == Status.WITHDRAWN]
    rests_on = writeback.rests_on(connection, gone)
    dismissed = writeback.dismissed_facts(connection)
    standing: dict[Status, set[str]] = {}
    for number, last in zip(gone["candidate_id"], gone["last_seen_as_of"], strict=True):
        if not _later(ran, last).withdrew(rests_on[number]):
            facts = writeback.supporting(connection, number)
            status = next_status(None, facts, dismissed.get(number, frozenset()))
            standing.setdefault(status, set()).add(number)
    for status, numbers in standing.items():
        _change(connection, numbers, status=status)
    return sum(map(len, standing.values()))


def _first_asked(connection: Connection, newest_first: Sequence[date], judged: Judged) -> None:
    """A standing request is due as the first of the nights made it that have asked for it ever since.

    Where that was before what is still kept of the nights, it is due as it was.
    """
    c = t.material_request.c
    rows = connection.execute(select(c.claim_id, c.reason, c.due_on)).all()
    due = {(claim_id, reason): due_on for claim_id, reason, due_on in rows}
    first, asked = dict(due), set(due)
    for night in newest_first:
        if not asked:
            break
        try:
            requests = judged(night)[0].requests
        except CrossmatchError:
            first |= {key: due[key] for key in asked}
            break
        made = zip(requests["claim_id"], requests["reason"], pd.to_datetime(requests["due_on"]), strict=True)
        on = {(claim_id, reason): day.date() for claim_id, reason, day in made}
        asked &= set(on)
        first |= {key: on[key] for key in asked}
    for (claim_id, reason), day in first.items():
        if day != due[claim_id, reason]:
            row = update(t.material_request).where(c.claim_id == claim_id, c.reason == reason)
            connection.execute(row.values(due_on=day))
