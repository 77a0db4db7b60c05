"""核查决定 — what people decide about a candidate, and how its status moves by it.

A conclusion takes two different people: the first one's is recorded and waits, the second one's same decision
makes it final. Nothing here stops a benefit.

``decide`` is one decision of its own; ``take`` is one of several in a transaction of the caller.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from matchers.causes import causes
from matchers.lifecycle import CONFIRMING, MAY_FOLLOW, PROVEN, TWO_PEOPLE, UNDECIDED, Status, Step
from matchers.people.signature import same, signature
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit, tally
from pipelines.database.transaction import deciding
from pipelines.decisions import record, version
from pipelines.decisions.record import Decision, Standing
from pipelines.decisions.signing import PARTY, SIGNER, every_number, is_party, operators
from sql.tables import claim

WORDS: Mapping[str, str] = {
    Step.DISPATCHED: "下发",
    Step.VERIFYING: "核查中",
    Step.NOTIFIED: "告知",
    Step.CONFIRMED: "属实",
    Step.PARTLY_CONFIRMED: "部分属实",
    Step.DISMISSED: "不属实",
    Step.RECOVERING: "追回",
    Step.CLOSED: "销号",
}
REASONS = {
    "paid_by_agency": "代缴或挂靠，未实际就业",
    "self_paid": "灵活就业，本人自行缴费",
    "back_paid": "补缴以前月份",
    "late_deregistration": "原单位减员滞后",
    "role_only": "挂名或未实际经营",
    "entity_closed": "市场主体已注销",
    "survivor_benefit": "遗属待遇，不是本人养老待遇",
    "another_person": "同名或证件号码被他人使用",
    "source_corrected": "来源数据有误，已更正",
    "justified_refusal": "拒绝有正当理由",
    "settled_before": "已在系统外停发或追回",
    "other": "其他（在备注写明）",
}


ONE_PERSON = "复核人与核查人不得为同一人"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a decision: the candidate's status after it; ``final``: no second person is awaited."""

    candidate_id: str
    status: str
    final: bool


AFTERWARDS = (Step.RECOVERING, Step.CLOSED)
DOUBTED = "有更正待另一人复核：先签认，或重新登记原来的结论再签认，才能登记“{}”"


def decide(engine: Engine, made: Decision, at: datetime, *, expected: str = "") -> Reviewed:
    """What became of the decision, which is committed with its audit event.

    ``expected``: the candidate's ``version`` when it was shown, empty where it does not matter. ``Outdated``
    where that is not its version now, ``DecisionRefused`` as of ``take``, ``Locked`` while a run works alone.
    """
    with deciding(engine) as connection:
        return take(connection, made, at, expected=expected)


def take(connection: Connection, made: Decision, at: datetime, *, expected: str = "") -> Reviewed:
    """What became of the decision, recorded with its audit event inside the caller's transaction.

    The same decision again changes nothing. ``DecisionRefused`` where there is no such candidate, the
    decision cannot follow its status, one person would sign twice or took part in the claim, or a dismissal
    has no reason.
    """
    standing = record.candidate(connection, made.candidate_id)
    on_record = record.of(connection, made)
    if on_record is not None:
        return Reviewed(made.candidate_id, str(standing.status), _final(made, on_record))
    if expected:
        version.require(connection, made.candidate_id, expected)
    waiting = record.awaiting(connection, made)
    before = every_number(connection, {waiting.decided_by}) if waiting else set()
    if waiting and _second(made, before) == "":
        raise DecisionRefused("同一人的决定已登记，须由另一人复核", made.candidate_id, at="by")
    may(standing.status, standing.cause, made)
    if made.decision in AFTERWARDS and record.doubted(connection, made.candidate_id):
        raise DecisionRefused(DOUBTED.format(WORDS[made.decision]), made.candidate_id, at="decision")
    _require_no_party(connection, made, standing.claim_id)
    second = _second(made, before) if waiting else made.second_by
    final = _final(made, second)
    with tally.kept(connection, standing.claim_id):
        review_id = record.sign(connection, made, waiting, second, standing, at)
        status = record.move(connection, made, review_id, standing) if final else str(standing.status)
    _enter(connection, made, standing, second=second, review=review_id, to=status)
    return Reviewed(made.candidate_id, status, final)


def may(status: str, cause: str, made: Decision) -> None:
    """Nothing where the decision can be taken in this status; ``DecisionRefused`` says why it cannot."""
    where = made.candidate_id
    if made.decision not in MAY_FOLLOW:
        choices = "、".join(WORDS.values())
        raise DecisionRefused(f"没有“{made.decision}”这种决定；可用：{choices}", where, at="decision")
    if not signature(made.by):
        raise DecisionRefused("须注明决定人", where, at="by")
    if same(made.by, made.second_by):
        raise DecisionRefused(ONE_PERSON, where, at="second_by")
    if made.decision == Step.DISMISSED and made.reason_code not in REASONS:
        raise DecisionRefused(f"不属实须选择原因：{'、'.join(REASONS.values())}", where, at="reason_code")
    if status == Status.WITHDRAWN:
        raise DecisionRefused("该疑点所依据的事实已更正，疑点已撤回，无须处理", where, at="decision")
    if status not in MAY_FOLLOW[made.decision]:
        hint = _way_there(status, cause, made.decision)
        raise DecisionRefused(f"当前状态不能作“{WORDS[made.decision]}”的决定{hint}", where, at="decision")


def _way_there(status: str, cause: str, decision: str) -> str:
    """What has to come first, or what can be done instead; empty where there is nothing to say."""
    if status in UNDECIDED and decision in CONFIRMING:
        return f"：须先告知{causes()[cause].notice_to}并听取申辩"
    if status in MAY_FOLLOW[Step.DISMISSED] and status in PROVEN:
        return "：已由两人认定属实；认定有误的，两人改登“不属实”并写明原因"
    return ""


def _final(made: Decision, second: str) -> bool:
    return made.decision not in TWO_PEOPLE or bool(second)


def _second(made: Decision, before: Collection[str]) -> str:
    """Who signs beside the one that decided first (``before``: all his numbers); empty: nobody else."""
    others = (name for name in (made.by, made.second_by) if signature(name))
    return next((name for name in others if not is_party(name, before)), "")


def _require_no_party(connection: Connection, made: Decision, claim_id: str) -> None:
    """Two people sign, of whom nobody took part in this claim; to hand out a list is no judgement."""
    if made.decision == Step.DISPATCHED:
        return
    if is_party(made.second_by, every_number(connection, {made.by})):
        raise DecisionRefused(ONE_PERSON, made.candidate_id, at="second_by")
    involved = operators(connection, claim.c.claim_id == claim_id)
    for part, name in (("by", made.by), ("second_by", made.second_by)):
        if is_party(name, involved):
            raise DecisionRefused(PARTY.format(SIGNER), made.candidate_id, at=part)


def _enter(
    connection: Connection, made: Decision, standing: Standing, *, second: str, review: str, to: str
) -> None:
    detail = {
        "decision": made.decision, "reason": made.reason_code, "second": second, "review": review,
        "from": standing.status, "to": to, "export": made.detail.get("export_id") or "",
    }  # fmt: skip
    audit.record(connection, made.by, "review", made.candidate_id, detail)
