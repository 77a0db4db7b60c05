"""反馈收回 — a district's filled-in list comes back: every change is taken in, or named with cell and reason.

Rows read = taken in + on record already + without an answer + refused; rows that did not come back are named
as well. A row is taken in whole or not at all. The same file again changes nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import Connection, Engine, select

from matchers.lifecycle import CONTRADICTS, PROVEN, Status
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.reviews import WORDS, Decision, decide, known
from pipelines.feedback.answer import Problems
from pipelines.feedback.check import CheckedRow, Sent, check, sent
from pipelines.feedback.returned import Returned, listed, read
from pipelines.feedback.steps import CELL, steps
from sql.tables import suspension_candidate

Outcome = Literal["taken", "known", "blank", "refused"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is not accepted: where it is, of which candidate, and why; its value is never repeated."""

    place: str
    heading: str
    candidate_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a returned file. ``missing``: candidates that were sent out and did not come back."""

    file: str
    export_id: str
    rows: int
    outcomes: Mapping[Outcome, int]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    applied: bool


def take_in(engine: Engine, path: Path, by: str, *, apply: bool, at: datetime, today: date) -> Receipt:
    """The receipt for the workbook at ``path``; without ``apply`` the same is tried and then taken back.

    ``DeliveryRejected`` where the file is no list of ours, ``UsageError`` where its export is not on record.
    """
    if not by.strip():
        raise UsageError("收回反馈须注明操作人（--by）")
    returned = read(path)
    with deciding(engine) as connection:
        trial = connection.begin_nested()
        receipt = _taken(connection, returned, at, today, apply)
        if apply:
            audit.record(
                connection,
                by,
                "import_feedback",
                returned.export_id,
                {str(k): n for k, n in receipt.outcomes.items()},
            )
            trial.commit()
        else:
            trial.rollback()
    return receipt


def _taken(connection: Connection, returned: Returned, at: datetime, today: date, applied: bool) -> Receipt:
    record = sent(connection, returned.export_id)
    back = listed(returned, record.format)
    outcomes = Counter[Outcome](dict.fromkeys(OUTCOMES, 0))
    problems: list[Problem] = []
    came_back = set()
    for checked in check(back.rows, record, today):
        came_back.add(checked.candidate_id)
        faults = checked.problems
        outcome: Outcome = "refused" if faults else "blank"
        if not faults and not checked.blank:
            outcome, faults = _recorded(connection, checked, record, at)
        outcomes[outcome] += 1
        problems += [
            Problem(checked.row.place(heading), heading, checked.candidate_id, reason)
            for heading, reason in faults.items()
        ]
    return Receipt(
        file=returned.file,
        export_id=returned.export_id,
        rows=len(back.rows),
        outcomes=dict(outcomes),
        problems=tuple(problems),
        missing=tuple(sorted(set(record.seals) - came_back)),
        unknown=back.unknown,
        applied=applied,
    )


def _recorded(
    connection: Connection, checked: CheckedRow, record: Sent, at: datetime
) -> tuple[Outcome, Problems]:
    """What became of one good row: its decisions are taken together, or none of them is."""
    c = suspension_candidate.c
    wanted = select(c.status).where(c.candidate_id == checked.candidate_id)
    status = str(connection.execute(wanted).scalar_one())
    due = steps(checked, status, record)
    if known(connection, due[-1]):
        return "known", {}
    if checked.answer.conclusion in CONTRADICTS.get(status, ()):
        return "refused", {
            "核查结论": f"已有相反的结论（{WORDS[_word(status)]}）；更改请用 crossmatch review"
        }
    row = connection.begin_nested()
    for made in due:
        try:
            decide(connection, made, at)
        except UsageError as refused:
            row.rollback()
            return "refused", {CELL[made.decision]: _reason(made, refused)}
    row.commit()
    return "taken", {}


def _word(status: str) -> str:
    return Status.CONFIRMED if status in PROVEN else status


def _reason(made: Decision, refused: UsageError) -> str:
    return str(refused).removeprefix(f"{made.candidate_id}：")
