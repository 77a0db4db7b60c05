"""核查决定 — what people decide about a candidate, and how its status moves by it.

A conclusion takes two different people: the first one's is recorded and waits, the second one's same decision
makes it final. Nothing here stops a benefit.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from matchers.causes import causes
from matchers.lifecycle import CONFIRMING, MAY_FOLLOW, TWO_PEOPLE, UNDECIDED, Status, Step, reached
from matchers.people.signature import same, signature
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.decisions.signing import operators, party
from sql import tables as t

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


Standing = Row[Any, Any, Any, Any, Any]
Waiting = Row[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as a person made it.

    ``second_by``: who signed it with them, empty where nobody has yet. ``facts``: the keys of the supporting
    facts they saw, None for those on record now. ``source``: what the decision is told apart by; the same
    source is the same decision. ``detail``: further columns of ``review_detail``.
    """

    candidate_id: str
    decision: str
    by: str
    source: str
    reason_code: str = ""
    note: str = ""
    second_by: str = ""
    facts: tuple[str, ...] | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def review_id(self) -> str:
        """The number of the review, made of its source, so that it is recorded once."""
        told = json.dumps([self.candidate_id, self.decision, self.by, self.source], ensure_ascii=False)
        return "HC" + hashlib.sha256(told.encode()).hexdigest()[:16].upper()


def decide(connection: Connection, made: Decision, at: datetime) -> str:
    """The candidate's status after the decision, which is recorded with its audit event.

    ``UsageError`` where there is no such candidate, the decision cannot follow its status, one person would
    sign twice or accepted or approved the claim, or a dismissal has no reason.
    """
    standing = _candidate(connection, made.candidate_id)
    if known(connection, made):
        return str(standing.status)
    waiting = _waiting(connection, made)
    if waiting and _second(made, waiting) == "":
        raise UsageError(f"{made.candidate_id}：{made.by} 的决定已登记，须由另一人复核")
    objection = may(standing.status, standing.cause, made) or _party(connection, made, standing.claim_id)
    if objection:
        raise UsageError(f"{made.candidate_id}：{objection}")
    review_id, second = _signed(connection, made, waiting, standing, at)
    final = made.decision not in TWO_PEOPLE or bool(second)
    status = _moved(connection, made, review_id, standing.status) if final else str(standing.status)
    told = {
        "decision": made.decision, "reason": made.reason_code, "second": second, "review": review_id,
        "from": standing.status, "to": status, "export": made.detail.get("export_id") or "",
    }  # fmt: skip
    audit.record(connection, made.by, "review", made.candidate_id, told)
    return status


def may(status: str, cause: str, made: Decision) -> str:
    """Why the decision cannot be taken in this status, in Chinese; empty where it can."""
    if made.decision not in MAY_FOLLOW:
        return f"没有“{made.decision}”这种决定；可用：{'、'.join(WORDS.values())}"
    if not signature(made.by):
        return "须注明决定人"
    if same(made.by, made.second_by):
        return "复核人与核查人不得为同一人"
    if made.decision == Step.DISMISSED and made.reason_code not in REASONS:
        return f"不属实须选择原因：{'、'.join(REASONS.values())}"
    if status == Status.WITHDRAWN:
        return "该疑点所依据的事实已更正，疑点已撤回，无须处理"
    if status not in MAY_FOLLOW[made.decision]:
        first = status in UNDECIDED and made.decision in CONFIRMING
        hint = f"须先告知{causes()[cause].notice_to}并听取申辩" if first else ""
        return f"当前状态不能作“{WORDS[made.decision]}”的决定" + (f"：{hint}" if hint else "")
    return ""


def _second(made: Decision, waiting: Waiting) -> str:
    """Who signs beside the one that decided first; empty where the decision brings nobody else."""
    others = (name for name in (made.by, made.second_by) if signature(name))
    return next((name for name in others if not same(name, waiting.decided_by)), "")


def _party(connection: Connection, made: Decision, claim_id: str) -> str:
    """Why one who signs may not judge this claim; to hand out a list is no judgement."""
    if made.decision == Step.DISPATCHED:
        return ""
    return party((made.by, made.second_by), operators(connection, t.claim.c.claim_id == claim_id))


def _signed(
    connection: Connection, made: Decision, waiting: Waiting | None, standing: Standing, at: datetime
) -> tuple[str, str]:
    """The review that holds the decision, and who signed second, empty while that is awaited."""
    if waiting is not None:
        second = _second(made, waiting)
        signed = update(t.review).where(t.review.c.review_id == waiting.review_id)
        connection.execute(signed.values(second_by=second, second_at=at))
        return str(waiting.review_id), second
    connection.execute(
        insert(t.review).values(
            review_id=made.review_id, candidate_id=made.candidate_id, decision=made.decision,
            reason_code=made.reason_code, note=made.note, decided_by=made.by, decided_at=at,
            second_by=made.second_by or None, second_at=at if made.second_by else None,
        )
    )  # fmt: skip
    detail = {"cause": standing.cause, "tier": standing.tier, "policy_version": standing.policy_version}
    connection.execute(insert(t.review_detail).values(review_id=made.review_id, **detail, **made.detail))
    return made.review_id, made.second_by


def _moved(connection: Connection, made: Decision, review_id: str, before: str) -> str:
    """The new status, written; a dismissal remembers the facts that were judged."""
    told_before = made.decision == Step.VERIFYING and before == Status.NOTIFIED
    status = before if told_before else reached(made.decision)
    c = t.suspension_candidate.c
    moved = update(t.suspension_candidate).where(c.candidate_id == made.candidate_id, c.status == before)
    connection.execute(moved.values(status=status))
    if made.decision == Step.DISMISSED:
        facts = made.facts if made.facts is not None else supporting(connection, made.candidate_id)
        rows = [{"candidate_id": made.candidate_id, "fact_key": k, "review_id": review_id} for k in facts]
        if rows:
            connection.execute(insert(t.judged_fact), rows)
    return status


def supporting(connection: Connection, candidate_id: str) -> tuple[str, ...]:
    """The keys of the facts that support the candidate now."""
    c = t.evidence.c
    wanted = select(c.fact_key).where(c.candidate_id == candidate_id, c.weight == "supports").distinct()
    return tuple(sorted(connection.execute(wanted).scalars()))


def _candidate(connection: Connection, candidate_id: str) -> Standing:
    c = t.suspension_candidate.c
    wanted = select(c.claim_id, c.status, c.cause, c.tier, c.policy_version).where(
        c.candidate_id == candidate_id
    )
    found = connection.execute(wanted.with_for_update()).first()
    if found is None:
        raise UsageError(f"没有编号为 {candidate_id} 的疑点；编号见疑点清单第一列")
    return found


def known(connection: Connection, made: Decision) -> bool:
    """Whether the decision is on record already, with all the signatures it brings."""
    wanted = select(t.review.c.second_by).where(t.review.c.review_id == made.review_id)
    found = connection.execute(wanted).first()
    return found is not None and (found.second_by is not None or not made.second_by)


def _waiting(connection: Connection, made: Decision) -> Waiting | None:
    """The same review, or the candidate's latest if it is the same decision, while it awaits a second.

    That the list was handed out in between takes no signature back.
    """
    c = t.review.c
    reviews = select(c.review_id, c.decision, c.decided_by, c.decided_at)
    awaiting = reviews.where(c.candidate_id == made.candidate_id, c.second_by.is_(None))
    own = (c.candidate_id == made.candidate_id, c.decision != Step.DISPATCHED)
    last = select(func.max(c.decided_at)).where(*own).scalar_subquery()
    rows = connection.execute(awaiting.where((c.review_id == made.review_id) | (c.decided_at == last))).all()
    same = (row for row in rows if row.decision == made.decision and made.decision in TWO_PEOPLE)
    return next(same, None)
