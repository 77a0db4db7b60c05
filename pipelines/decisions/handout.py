"""下发 — candidates are handed to their districts: what was open now waits for a district's answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, select

from matchers.lifecycle import Status, Step
from matchers.people.signature import signature
from pipelines.base.errors import DecisionRefused
from pipelines.database.transaction import deciding
from pipelines.decisions import deadlines, reviews, version
from pipelines.decisions.record import Decision
from sql.tables import suspension_candidate

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HandedOut:
    """How many candidates were to be handed out, and the numbers of those that were open until now."""

    asked: int
    dispatched: tuple[str, ...]


def hand_out(
    engine: Engine,
    candidate_ids: Sequence[str],
    by: str,
    at: datetime,
    *,
    expected: Mapping[str, str] = NOTHING,
    reply_by: date | None = None,
) -> HandedOut:
    """Every open one of the candidates becomes ``dispatched``, each with its audit event, or none does.

    What was handed out before stays as it is. ``expected``: versions by candidate, as they were shown.
    ``reply_by``: until when the districts are asked to answer for those that are handed out now.
    ``DecisionRefused`` where nobody is named or there is no such candidate, ``Outdated`` at the first that
    has changed, ``Locked`` while a run works alone.
    """
    require_name(by)
    with deciding(engine) as connection:
        for candidate_id, seen in sorted(expected.items()):
            version.require(connection, candidate_id, seen)
        handed = take(connection, candidate_ids, by, at.isoformat(), at)
        if reply_by is not None:
            deadlines.put(connection, handed.dispatched, reply_by, by, at)
        return handed


def take(
    connection: Connection,
    candidate_ids: Sequence[str],
    by: str,
    source: str,
    at: datetime,
    detail: Mapping[str, Any] = NOTHING,
) -> HandedOut:
    """The same inside the caller's transaction; ``source`` and ``detail`` as of ``Decision``."""
    numbers = sorted(set(candidate_ids))
    status = _status(connection, numbers)
    if missing := [number for number in numbers if number not in status]:
        raise DecisionRefused(f"没有编号为 {missing[0]} 的疑点；编号见疑点清单第一列")
    waiting = [number for number in numbers if status[number] == Status.OPEN]
    for number in waiting:
        reviews.take(connection, Decision(number, Step.DISPATCHED, by, source, detail=detail), at)
    return HandedOut(len(numbers), tuple(waiting))


def require_name(by: str) -> None:
    """``DecisionRefused`` where ``by`` names nobody."""
    if not signature(by):
        raise DecisionRefused("下发须注明操作人（--by）", at="by")


def _status(connection: Connection, numbers: Sequence[str]) -> dict[str, str]:
    c = suspension_candidate.c
    status: dict[str, str] = {}
    for start in range(0, len(numbers), version.AT_ONCE):
        part = c.candidate_id.in_(numbers[start : start + version.AT_ONCE])
        rows = connection.execute(select(c.candidate_id, c.status).where(part))
        status |= {row.candidate_id: row.status for row in rows}
    return status
