"""决定表单 — what somebody typed on a case as one decision, read as the workbook reads the same cells."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from matchers.lifecycle import MAY_FOLLOW, PROVEN, TWO_PEOPLE, Step
from pipelines.base.errors import DecisionRefused
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import AFTERWARDS
from pipelines.desk import settled
from pipelines.desk.roles import Role
from pipelines.desk.visit import Visit
from pipelines.feedback.answer import READINGS
from pipelines.feedback.standing import Standing, implausible
from pipelines.reports.case.values import Case, Decided

# Each field of the form: its heading in the workbook, under which it is read, and the decisions it goes with.
CONFIRMS: Final = (Step.CONFIRMED, Step.PARTLY_CONFIRMED)
EVERY: Final = (Step.VERIFYING, Step.NOTIFIED, *CONFIRMS, Step.DISMISSED)
FIELDS: Final[dict[str, tuple[str, tuple[Step, ...]]]] = {
    "verified_how": ("核查方式", EVERY),
    "verified_on": ("核查日期", EVERY),
    "notice_on": ("告知日期", (Step.NOTIFIED, *CONFIRMS)),
    "stop_month": ("停发年月", CONFIRMS),
    "recoverable_fen": ("应追回金额", CONFIRMS),
    "recovered_fen": ("已追回金额", (*CONFIRMS, Step.RECOVERING, Step.CLOSED)),
    "recovery_way": ("追回方式", (*CONFIRMS, Step.RECOVERING)),
    "document_no": ("处理文书号", (*CONFIRMS, Step.RECOVERING, Step.CLOSED)),
    "closed_on": ("销号日期", (Step.CLOSED,)),
}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    Step.NOTIFIED: ("notice_on",),
    Step.CONFIRMED: ("stop_month",),
    Step.PARTLY_CONFIRMED: ("stop_month", "recoverable_fen"),
    Step.RECOVERING: ("recovered_fen",),
    Step.CLOSED: ("closed_on",),
}
HINTS: Final = {
    "recovered_fen": "：至今累计追回的数，还没有收到款的填 0",
    "recoverable_fen": "：部分属实的，写明其中应追回多少，没有的填 0",
}
MAY: Final[dict[Role, tuple[Step, ...]]] = {
    Role.HANDLER: (*EVERY, Step.RECOVERING, Step.CLOSED),
    Role.CHECKER: (Step.VERIFYING,),
    Role.SUPERVISOR: (Step.DISPATCHED,),
}
DAYS: Final = ("verified_on", "notice_on")
LONGEST: Final = 1000
SENT_BACK: Final = "要更改的，先登记“核查中”，再登记决定"
PUT_RIGHT: Final = "此前签认的结论照旧有效；不再更正的，重新登记原来的结论，由复核签认"


def read(visit: Visit, shown: Case, today: date) -> Decision:
    """The decision that the form asks for; ``DecisionRefused`` names what is to be mended."""
    step, number = visit.typed("decision"), str(shown.candidate["candidate_id"])
    waiting = awaiting(shown)
    signs = visit.account.role == Role.CHECKER and waiting is not None and step == waiting.decision
    if visit.account.role == Role.CHECKER and not signs and step in (*CONFIRMS, Step.DISMISSED):
        raise DecisionRefused(
            "您的岗位只签认待复核的决定；它已签认、已更改或已退回的，见“此前的决定”", number, at="decision"
        )
    if not signs and step not in MAY.get(visit.account.role, ()):
        raise DecisionRefused("请选择您的岗位可以作的决定", number, at="decision")
    if waiting and not signs and step == waiting.decision:
        way = PUT_RIGHT if shown.candidate["status"] in PROVEN else SENT_BACK
        raise DecisionRefused(f"同样的决定已登记，须由区县复核签认；{way}", number, at="decision")
    note = visit.typed("note")
    if visit.account.role == Role.CHECKER and step == Step.VERIFYING and not note:
        raise DecisionRefused("退回核查须在备注写明原因", number, at="note")
    if not signs and corrects(step, shown) and not note:
        raise DecisionRefused("更正两人已签认的结论，须在备注写明理由", number, at="note")
    if len(note) > LONGEST:
        raise DecisionRefused(f"备注过长，最多 {LONGEST} 字", number, at="note")
    reason = visit.typed("reason_code")
    if reason and step != Step.DISMISSED:
        raise DecisionRefused("只有不属实才选原因", number, at="reason_code")
    if reason == "other" and not note:
        raise DecisionRefused("原因为其他时须在备注写明", number, at="note")
    return Decision(
        candidate_id=number,
        decision=step,
        by=visit.account.name,
        source=f"desk {visit.typed('form')[:64]}",
        reason_code=waiting.reason_code if signs and waiting else reason,
        note=note,
        facts=tuple(sorted({fact.fact_key for fact in shown.supporting})),
        detail={} if signs else _detail(visit, step, number, today),
    )


def require_plausible(made: Decision, shown: Case, standing: Standing) -> None:
    """``DecisionRefused`` where what was typed cannot be true of the candidate, as in a returned workbook."""
    days = {name: day for r in shown.reviews for name in DAYS if (day := getattr(r, name)) is not None}
    answer = replace(standing.answer, **{**days, **made.detail})
    wrong = implausible(answer, standing)
    for name in made.detail:
        if reason := wrong.get(FIELDS[name][0]):
            raise DecisionRefused(reason, made.candidate_id, at=name)


def require_settled(visit: Visit, made: Decision, standing: Standing) -> None:
    """``DecisionRefused`` where a confirmed case is closed and nobody says why money has not come back."""
    if made.decision != Step.CLOSED or standing.status not in PROVEN:
        return
    on_record = settled.of(replace(standing.answer, **made.detail), standing)
    if reason := settled.objection(on_record, visit.typed("settled"), made.note):
        raise DecisionRefused(reason, made.candidate_id, at="settled")


def corrects(step: str, shown: Case) -> bool:
    """Whether the decision takes the place of a conclusion that two people have signed."""
    return step in TWO_PEOPLE and shown.candidate["status"] in PROVEN


def awaiting(shown: Case) -> Decided | None:
    """The last decision if it awaits its second person."""
    last = next((r for r in reversed(shown.reviews) if r.decision != Step.DISPATCHED), None)
    concluding = (*CONFIRMS, Step.DISMISSED)
    return last if last is not None and last.decision in concluding and not last.second_by else None


def choices(visit: Visit, shown: Case) -> tuple[Step, ...]:
    """What the account's role may decide by the form now, where the candidate stands."""
    status = shown.candidate["status"]
    shut = AFTERWARDS if awaiting(shown) else ()
    own = (step for step in MAY.get(visit.account.role, ()) if step not in shut)
    return tuple(step for step in own if status in MAY_FOLLOW[step])


def asked(steps: tuple[Step, ...]) -> frozenset[str]:
    """The fields that go with one of the decisions at least."""
    return frozenset(name for name, (_, goes_with) in FIELDS.items() if set(goes_with) & set(steps))


def _detail(visit: Visit, step: str, number: str, today: date) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, (heading, steps) in FIELDS.items():
        text = visit.typed(name)
        if not text:
            if name in REQUIRED.get(step, ()):
                raise DecisionRefused(f"须填{heading}{HINTS.get(name, '')}", number, at=name)
            continue
        if step not in steps:
            raise DecisionRefused(f"这种决定不填{heading}", number, at=name)
        try:
            values[name] = READINGS[heading](heading, text, today)
        except ValueError as unreadable:
            raise DecisionRefused(f"{heading}：{unreadable}", number, at=name) from None
    return values
