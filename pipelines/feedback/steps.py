"""办理步骤 — the decisions that one answer stands for, in the order in which they are taken."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from matchers.lifecycle import TWO_PEOPLE, WAY, Status, Step, reached
from pipelines.decisions.record import Decision
from pipelines.feedback.answer import Answer
from pipelines.feedback.check import CheckedRow, Sent

CELL: Mapping[str, str] = {
    Step.VERIFYING: "核查人",
    Step.NOTIFIED: "告知日期",
    Step.CONFIRMED: "核查结论",
    Step.PARTLY_CONFIRMED: "核查结论",
    Step.DISMISSED: "核查结论",
    Step.RECOVERING: "已追回金额",
    Step.CLOSED: "销号日期",
}
SIGNED: Mapping[str, str] = {"by": "核查人", "second_by": "复核人"}
NOT_DETAIL = ("verified_by", "conclusion", "reason_code", "second_by", "note")


def cell(step: str, at: str) -> str:
    """The heading of the cell to be mended where ``step`` is refused for its part ``at``."""
    return SIGNED.get(at, CELL[step])


def steps(checked: CheckedRow, status: str, export: Sent, by: str) -> list[Decision]:
    """The decisions still to be taken from ``status`` on; the last one stands for the answer as a whole.

    ``by``: who brings the list in, and enters a recovery where the row names nobody.
    """
    asked = _asked(checked.answer)
    due = [step for step in asked[:-1] if _place(step) > _place(status)]
    return [_decision(step, checked, export, by) for step in (*due, asked[-1])]


def _asked(answer: Answer) -> list[str]:
    recovering = bool(answer.second_by) and bool(answer.recovered_fen or answer.recovery_way)
    wanted = [
        (Step.VERIFYING, True),
        (Step.NOTIFIED, answer.notice_on is not None),
        (answer.conclusion, answer.conclusion in TWO_PEOPLE),
        (Step.RECOVERING, recovering),
        (Step.CLOSED, answer.closed_on is not None),
    ]
    return [step for step, holds in wanted if holds]


def _place(step: str) -> int:
    """How far a step is; a dismissal stands where a confirmation does."""
    status = reached(step)
    return WAY.index(Status.CONFIRMED if status == Status.DISMISSED else Status(status))


def _decision(step: str, checked: CheckedRow, export: Sent, by: str) -> Decision:
    answer, concluding = checked.answer, step in TWO_PEOPLE
    signer = answer.verified_by if concluding or checked.row.cells.get(SIGNED["by"]) else by
    detail = {name: value for name, value in asdict(answer).items() if name not in NOT_DETAIL}
    return Decision(
        candidate_id=checked.candidate_id,
        decision=step,
        by=signer,
        source=f"{export.export_id} {_content(answer)}",
        reason_code=answer.reason_code if concluding else "",
        note=answer.note,
        second_by=answer.second_by if concluding else "",
        facts=export.facts[checked.candidate_id],
        detail={**detail, "export_id": export.export_id},
    )


def _content(answer: Answer) -> str:
    """What tells two answers apart; who signs second does not, so that a signature completes the answer."""
    answered = asdict(replace(answer, second_by=""))
    return hashlib.sha256(json.dumps(answered, ensure_ascii=False, default=str).encode()).hexdigest()
