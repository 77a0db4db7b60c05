"""反馈收回 — a district's filled-in list comes back: every change is taken in, or named with cell and reason.

Rows read = taken in + on record already + without an answer + refused; rows that did not come back are named
as well. A row is taken in whole or not at all. The same file again changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Literal, get_args

from sqlalchemy import Connection, Engine

from matchers.lifecycle import CONTRADICTS, PROVEN, TWO_PEOPLE, Status
from matchers.people.signature import same, signature
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit
from pipelines.database.transaction import deciding, trying
from pipelines.decisions import record, reviews
from pipelines.decisions.record import Decision
from pipelines.feedback import standing
from pipelines.feedback.answer import Problems
from pipelines.feedback.check import CheckedRow, Sent, check, sent
from pipelines.feedback.returned import Returned, listed
from pipelines.feedback.returned import read as read
from pipelines.feedback.steps import SIGNED, cell, steps

Outcome = Literal["taken", "earlier", "blank", "refused"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
OTHERS = "两人签认的结论须由核查人或复核人用自己的账号交回"


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is not accepted: where it is, of which candidate, and why; its value is never repeated."""

    place: str
    heading: str
    candidate_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a returned file. ``missing``: candidates that were sent out and did not come back.

    ``sheets``: those whose rows were read; ``left_alone``: every other sheet that the file holds.
    """

    file: str
    export_id: str
    rows: int
    outcomes: Mapping[Outcome, int]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    sheets: tuple[str, ...]
    left_alone: tuple[str, ...]
    applied: bool


def take_in(
    engine: Engine, returned: Returned, by: str, *, apply: bool, at: datetime, today: date, own: bool = False
) -> Receipt:
    """The receipt for a list that ``read`` has read; without ``apply`` the same is tried and then taken back.

    ``by``: who brings the list in, which is no signature. ``own``: they have signed in with an account of
    their own, and bring no conclusion of two others: one of its signatures is theirs. ``DeliveryRejected``
    where the file is no list of ours, ``DecisionRefused`` where its export is not on record or nobody is
    named, ``Locked`` while a run works alone.
    """
    if not signature(by):
        raise DecisionRefused("收回反馈须注明操作人（--by）", at="by")
    with (deciding if apply else trying)(engine) as connection:
        receipt = _receipt(connection, returned, by, at, today, apply, own)
        outcomes = {str(outcome): n for outcome, n in receipt.outcomes.items()}
        audit.record(connection, by, "import_feedback", returned.export_id, outcomes)
    return receipt


def _receipt(
    connection: Connection, returned: Returned, by: str, at: datetime, today: date, applied: bool, own: bool
) -> Receipt:
    export = sent(connection, returned.export_id)
    back = listed(returned, export.format)
    outcomes = Counter[Outcome](dict.fromkeys(OUTCOMES, 0))
    problems: list[Problem] = []
    for checked in (rows := check(back.rows, export, today, partial(standing.read, connection))):
        outcome, faults = _outcome(connection, checked, export, by, at, own)
        outcomes[outcome] += 1
        problems += [
            Problem(checked.row.place(heading), heading, checked.candidate_id, reason)
            for heading, reason in faults.items()
        ]
    return Receipt(
        file=returned.file,
        export_id=returned.export_id,
        rows=len(rows),
        outcomes=dict(outcomes),
        problems=tuple(problems),
        missing=tuple(sorted(set(export.seals) - {checked.candidate_id for checked in rows})),
        unknown=back.unknown,
        sheets=tuple(returned.sheets),
        left_alone=returned.left_alone,
        applied=applied,
    )


def _outcome(
    connection: Connection, checked: CheckedRow, export: Sent, by: str, at: datetime, own: bool
) -> tuple[Outcome, Problems]:
    """What became of one row, and what is wrong with which of its cells."""
    if checked.problems:
        return "refused", checked.problems
    if checked.carried:
        return "earlier", {}
    if checked.blank:
        return "blank", {}
    before = standing.read(connection, checked.candidate_id)
    if checked.answer == before.answer:
        return "earlier", {}
    status = before.status
    due = steps(checked, status, export, by)
    if record.of(connection, due[-1]) is not None:
        return "earlier", {}
    if checked.answer.conclusion in CONTRADICTS.get(status, ()):
        concluded = reviews.WORDS[Status.CONFIRMED if status in PROVEN else status]
        return "refused", {"核查结论": f"已有相反的结论（{concluded}）；更改请在工作台登记，或用 review"}
    if own and any(_of_two_others(made, by) for made in due):
        return "refused", {SIGNED["second_by"]: OTHERS}
    return _taken(connection, due, at)


def _of_two_others(made: Decision, by: str) -> bool:
    """Whether the decision is a conclusion of two people of whom ``by`` is neither."""
    concludes = made.decision in TWO_PEOPLE and bool(made.second_by)
    return concludes and not same(by, made.by) and not same(by, made.second_by)


def _taken(connection: Connection, due: Sequence[Decision], at: datetime) -> tuple[Outcome, Problems]:
    """The decisions of one row are taken together, or none of them is."""
    row = connection.begin_nested()
    for made in due:
        try:
            reviews.take(connection, made, at)
        except DecisionRefused as refused:
            row.rollback()
            return "refused", {cell(made.decision, refused.at): refused.reason}
    row.commit()
    return "taken", {}
