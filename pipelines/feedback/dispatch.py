"""下发 — a list is handed to its district: what was open in it now waits for the district's answer."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from matchers.lifecycle import Status, Step
from pipelines.base.errors import UsageError
from pipelines.database.transaction import deciding
from pipelines.decisions.reviews import Decision, decide
from pipelines.feedback.check import sent
from pipelines.feedback.returned import listed, read
from sql.tables import suspension_candidate


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of a list: how many candidates it holds, and how many of them were open until now."""

    file: str
    export_id: str
    rows: int
    dispatched: int


def dispatch(engine: Engine, path: Path, by: str, at: datetime) -> Dispatched:
    """Every open candidate of the list at ``path`` becomes ``dispatched``, on record under its export.

    The same list again changes nothing. ``DeliveryRejected`` where the file is no list of ours,
    ``UsageError`` where its export is not on record or nobody is named.
    """
    if not by.strip():
        raise UsageError("下发须注明操作人（--by）")
    handed = read(path)
    with deciding(engine) as connection:
        record = sent(connection, handed.export_id)
        listed(handed, record.format)
        candidate_ids = sorted(record.seals)
        opened = _open(connection, candidate_ids)
        for candidate_id in opened:
            detail = {"export_id": handed.export_id}
            decide(
                connection, Decision(candidate_id, Step.DISPATCHED, by, handed.export_id, detail=detail), at
            )
    return Dispatched(handed.file, handed.export_id, len(candidate_ids), len(opened))


def _open(connection: Connection, candidate_ids: list[str]) -> list[str]:
    c = suspension_candidate.c
    waiting = set(connection.execute(select(c.candidate_id).where(c.status == Status.OPEN)).scalars())
    return [candidate_id for candidate_id in candidate_ids if candidate_id in waiting]
