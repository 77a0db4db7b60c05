"""核查记录 — what stands on record of a candidate and its reviews, read and written in one transaction."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, literal, select, update

from matchers.lifecycle import CONFIRMING, TWO_PEOPLE, Status, Step, reached
from pipelines.base.errors import DecisionRefused
from pipelines.database import upheld
from sql import tables as t

MONEY: Final = ("review_id", "scheduled_fen", "paid_fen")
Standing = Row[Any, Any, Any, Any, Any, Any]
Waiting = Row[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as a person made it.

    ``second_by``: who signed it with them, empty where nobody has yet. ``facts``: the keys of the supporting
    facts they saw, None for those on record now. ``source``: what the decision is recognised by; the same
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
        source = json.dumps([self.candidate_id, self.decision, self.by, self.source], ensure_ascii=False)
        return "HC" + hashlib.sha256(source.encode()).hexdigest()[:16].upper()


def candidate(connection: Connection, candidate_id: str) -> Standing:
    """The candidate's claim_id, status, cause, tier, policy_version and last_seen_as_of, locked until the
    transaction ends.

    ``DecisionRefused`` where there is none of this number.
    """
    c = t.suspension_candidate.c
    wanted = select(c.claim_id, c.status, c.cause, c.tier, c.policy_version, c.last_seen_as_of)
    row = connection.execute(wanted.where(c.candidate_id == candidate_id).with_for_update()).first()
    if row is None:
        raise DecisionRefused(f"没有编号为 {candidate_id} 的疑点；编号见疑点清单第一列")
    return row


def of(connection: Connection, made: Decision) -> str | None:
    """Who signed the decision second, empty where nobody has; None unless it is on record with all the
    signatures that it brings.
    """
    wanted = select(t.review.c.second_by).where(t.review.c.review_id == made.review_id)
    row = connection.execute(wanted).first()
    return None if row is None or (row.second_by is None and made.second_by) else row.second_by or ""


def awaiting(connection: Connection, made: Decision) -> Waiting | None:
    """The same decision while it awaits a second person: review_id, decision, decided_by, decided_at.

    It is the same review, or the candidate's latest. That the list was handed out in between takes no
    signature back.
    """
    c = t.review.c
    reviews = select(c.review_id, c.decision, c.decided_by, c.decided_at)
    unsigned = reviews.where(c.candidate_id == made.candidate_id, c.second_by.is_(None))
    own = (c.candidate_id == made.candidate_id, c.decision != Step.DISPATCHED)
    last = select(func.max(c.decided_at)).where(*own).scalar_subquery()
    rows = connection.execute(unsigned.where((c.review_id == made.review_id) | (c.decided_at == last))).all()
    same = (row for row in rows if row.decision == made.decision and made.decision in TWO_PEOPLE)
    return next(same, None)


def doubted(connection: Connection, candidate_id: str) -> bool:
    """Whether the candidate's latest decision is a conclusion that awaits its second person."""
    c = t.review.c
    own = (c.candidate_id == candidate_id, c.decision != Step.DISPATCHED)
    newest = (
        select(c.decision, c.second_by).where(*own).order_by(c.decided_at.desc(), c.review_id.desc()).limit(1)
    )
    row = connection.execute(newest).first()
    return row is not None and row.decision in TWO_PEOPLE and row.second_by is None


def sign(
    connection: Connection,
    made: Decision,
    waiting: Waiting | None,
    second: str,
    standing: Standing,
    at: datetime,
) -> str:
    """The number of the review that holds the decision: ``waiting``, now signed by ``second``, or its own."""
    if waiting is not None:
        signed = update(t.review).where(t.review.c.review_id == waiting.review_id)
        connection.execute(signed.values(second_by=second, second_at=at))
        return str(waiting.review_id)
    connection.execute(
        insert(t.review).values(
            review_id=made.review_id, candidate_id=made.candidate_id, decision=made.decision,
            reason_code=made.reason_code, note=made.note, decided_by=made.by, decided_at=at,
            second_by=second or None, second_at=at if second else None,
        )
    )  # fmt: skip
    rule = {"cause": standing.cause, "tier": standing.tier, "policy_version": standing.policy_version}
    connection.execute(insert(t.review_detail).values(review_id=made.review_id, **rule, **made.detail))
    if made.decision in CONFIRMING:
        connection.execute(insert(t.review_money).from_select(MONEY, _money(made)))
    return made.review_id


def _money(made: Decision) -> Select[Any]:
    number = t.suspension_candidate.c.candidate_id
    sums = (upheld.on_the_roll(number), upheld.gone_out(number))
    return select(literal(made.review_id), *sums).where(number == made.candidate_id)


def move(connection: Connection, made: Decision, review_id: str, standing: Standing) -> str:
    """The new status, written; a dismissal remembers the facts that were judged."""
    before = standing.status
    notified_already = made.decision == Step.VERIFYING and before == Status.NOTIFIED
    status = before if notified_already else reached(made.decision)
    c = t.suspension_candidate.c
    moved = update(t.suspension_candidate).where(c.candidate_id == made.candidate_id, c.status == before)
    connection.execute(moved.values(status=status))
    if made.decision == Step.DISMISSED:
        facts = made.facts if made.facts is not None else supporting(connection, made.candidate_id)
        of = {
            "candidate_id": made.candidate_id, "review_id": review_id, "seen_as_of": standing.last_seen_as_of,
        }  # fmt: skip
        if rows := [of | {"fact_key": key} for key in facts]:
            connection.execute(insert(t.judged_fact), rows)
    return status


def supporting(connection: Connection, candidate_id: str) -> tuple[str, ...]:
    """The keys of the facts that support the candidate now."""
    c = t.evidence.c
    wanted = select(c.fact_key).where(c.candidate_id == candidate_id, c.weight == "supports").distinct()
    return tuple(sorted(connection.execute(wanted).scalars()))
