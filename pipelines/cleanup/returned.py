"""清单收回 — a district's filled-in list of proposals comes back: each row is taken in whole or named.

Rows read = taken in + on record already + without an answer + refused; rows that did not come back are named
as well. The same file again changes nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from matchers.cleanup.steps import DECISIONS
from matchers.people.signature import signature
from pipelines.base.errors import UsageError
from pipelines.cleanup.decisions import Decision, decide, is_on_record
from pipelines.cleanup.lists import ANSWERS_WITH, SHEET
from pipelines.database import audit
from pipelines.database.transaction import deciding, trying
from pipelines.feedback.check import Sent, changed, copies, named
from pipelines.feedback.returned import ReturnedRow, listed, read
from pipelines.reports.format import of_text
from sql import cleanup_tables as t

CODES = {word: code for code, word in DECISIONS.items() if word in ANSWERS_WITH}
OUTCOMES = ("taken", "on_record", "blank", "refused")


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is not accepted: where, of which proposal, and why; its value is never repeated."""

    place: str
    proposal_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a returned list; ``missing`` proposals were sent out and did not come back."""

    file: str
    list_id: str
    rows: int
    outcomes: Mapping[str, int]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    applied: bool


def take_in(engine: Engine, path: Path, by: str, *, apply: bool, at: datetime) -> Receipt:
    """The receipt for the workbook at ``path``; without ``apply`` the same is tried and taken back.

    ``DeliveryRejected`` where the file is no list of ours, ``UsageError`` where it is not on record.
    """
    if not signature(by):
        raise UsageError("收回清单须注明操作人（--by）")
    returned = read(path, SHEET)
    with (deciding if apply else trying)(engine) as connection:
        record = _sent(connection, returned.export_id)
        back = listed(returned, record.format)
        receipt = _taken(connection, back.rows, record, returned.file, at, apply)
        audit.record(connection, by, "correction_feedback", record.export_id, dict(receipt.outcomes))
    return receipt


def _sent(connection: Connection, list_id: str) -> Sent:
    made = select(t.correction_list.c.format).where(t.correction_list.c.list_id == list_id)
    columns = connection.scalar(made)
    if columns is None:
        raise UsageError("封面的导出编号不在本待遇库；请交回本库导出的更正建议清单原文件")
    c = t.correction_list_row.c
    rows = connection.execute(select(c.proposal_id, c.seal).where(c.list_id == list_id)).all()
    seals = {row.proposal_id: row.seal for row in rows}
    return Sent(list_id, of_text(columns), seals, {})


def _taken(
    connection: Connection, rows: tuple[ReturnedRow, ...], record: Sent, file: str, at: datetime, apply: bool
) -> Receipt:
    by_seal = {mark: proposal_id for proposal_id, mark in record.seals.items()}
    ids = [named(row, record, by_seal) for row in rows]
    twice = copies(rows, ids, record.format)
    outcomes, problems = Counter(dict.fromkeys(OUTCOMES, 0)), []
    for row, proposal_id in zip(rows, ids, strict=True):
        faults = changed(row, proposal_id, record) | twice.get(row.at, {})
        filled = any(row.cells.get(heading, "").strip() for heading in record.format.answers)
        outcome = "refused" if faults else "blank"
        if filled and not faults:
            outcome, faults = _decided(connection, row, proposal_id, at)
        outcomes[outcome] += 1
        problems += [Problem(row.place(heading), proposal_id, why) for heading, why in faults.items()]
    missing = tuple(sorted(set(record.seals) - set(ids)))
    return Receipt(file, record.export_id, len(rows), dict(outcomes), tuple(problems), missing, apply)


def _decided(
    connection: Connection, row: ReturnedRow, proposal_id: str, at: datetime
) -> tuple[str, dict[str, str]]:
    cells = {heading: text.strip() for heading, text in row.cells.items()}
    decision = CODES.get(cells.get("决定", ""))
    if decision is None:
        return "refused", {"决定": "请从下拉列表选择"}
    made = Decision(
        proposal_id, decision, cells.get("决定人", ""), cells.get("理由", ""), cells.get("复核人", "")
    )
    if is_on_record(connection, made):
        return "on_record", {}
    whole = connection.begin_nested()
    try:
        decide(connection, made, at)
    except UsageError as refused:
        whole.rollback()
        return "refused", {"决定": str(refused).removeprefix(f"{proposal_id}：")}
    whole.commit()
    return "taken", {}
