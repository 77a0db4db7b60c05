"""下发 — a list is handed to its district: what was open in it now waits for the district's answer."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from pipelines.database.transaction import deciding
from pipelines.decisions import handout
from pipelines.feedback.check import sent
from pipelines.feedback.returned import listed, read


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
    ``DecisionRefused`` where its export is not on record or nobody is named, ``Locked`` while a run works
    alone.
    """
    handout.require_name(by)
    handed = read(path)
    export = {"export_id": handed.export_id}
    with deciding(engine) as connection:
        record = sent(connection, handed.export_id)
        listed(handed, record.format)
        done = handout.take(connection, list(record.seals), by, handed.export_id, at, export)
    return Dispatched(handed.file, handed.export_id, done.asked, len(done.dispatched))
