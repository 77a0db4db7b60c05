"""身份判断 — what people decide about a question of who is who; it binds every night that follows."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from matchers.people.signature import same, signature
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import PARTY, SIGNER, is_party, operators
from sql.tables import audit_event, claim, identity_decision, identity_question, probable_link

DECISIONS = {"same": "同一人", "different": "不是同一人"}
OPINIONS = {**DECISIONS, "cannot_tell": "无法判断"}
OPINION = "identity_opinion"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person thinks of a pair, one of ``OPINIONS``, and why."""

    by: str
    opinion: str
    reason: str
    at: datetime


def decide(engine: Engine, pair_id: str, decision: str, by: str, reason: str) -> bool:
    """Whether the decision was recorded now: the recipient and the row of the pair are one person, or two.

    ``pair_id``: a question, or a proposed link. The night that follows goes by it: a pair decided as
    ``different`` is neither linked nor asked again. The same decision again changes nothing;
    ``DecisionRefused`` for another one, where there is no such pair, or where the person accepted or approved
    a claim of the recipient.
    """
    if not signature(by) or not reason.strip():
        raise DecisionRefused(
            "身份判断须注明判断人（--by）和依据（--reason）", at="by" if reason.strip() else "reason"
        )
    if decision not in DECISIONS:
        raise DecisionRefused(f"没有“{decision}”这种判断；可用：{'、'.join(DECISIONS)}", at="decision")
    with deciding(engine, beside_nights=True) as connection:
        if _decided(connection, pair_id) == decision:
            return False
        _require_open(connection, pair_id, by)
        _record(connection, pair_id, decision, by, reason)
        audit.record(connection, by, "identity", pair_id, {"decision": decision})
    return True


def judge(engine: Engine, pair_id: str, opinion: str, by: str, reason: str) -> bool:
    """Whether two people are now of one opinion on the pair, which so is decided; else this one is on record.

    Of each person the last opinion counts; that nobody can tell decides nothing. ``DecisionRefused`` where
    ``decide`` refuses, and for a pair that is decided.
    """
    if not signature(by) or not reason.strip():
        raise DecisionRefused("身份判断须写明依据", pair_id, at="reason")
    if opinion not in OPINIONS:
        raise DecisionRefused(f"请选择{'、'.join(OPINIONS.values())}", pair_id, at="opinion")
    with deciding(engine, beside_nights=True) as connection:
        _require_open(connection, pair_id, by)
        before = opinions(connection, [pair_id]).get(pair_id, ())
        audit.record(connection, by, OPINION, pair_id, {"opinion": opinion, "reason": reason.strip()})
        agreeing = [one for one in before if one.opinion == opinion and not same(one.by, by)]
        if opinion not in DECISIONS or not agreeing:
            return False
        first = agreeing[0]
        _require_open(connection, pair_id, first.by)
        why = f"{first.by}：{first.reason}；{by}：{reason.strip()}"
        _record(connection, pair_id, opinion, f"{first.by}、{by}", why)
        audit.record(connection, by, "identity", pair_id, {"decision": opinion, "first_by": first.by})
    return True


def opinions(connection: Connection, pair_ids: Collection[str]) -> Mapping[str, Sequence[Opinion]]:
    """By pair, the last opinion of each person, oldest first."""
    c = audit_event.c
    wanted = select(c.subject, c.actor, c.detail, c.at).where(c.action == OPINION, c.subject.in_(pair_ids))
    last: dict[str, list[Opinion]] = {}
    for row in connection.execute(wanted.order_by(c.seq)):
        detail = json.loads(row.detail)
        others = [one for one in last.get(row.subject, ()) if not same(one.by, row.actor)]
        last[row.subject] = [*others, Opinion(row.actor, detail["opinion"], detail["reason"], row.at)]
    return last


def _decided(connection: Connection, pair_id: str) -> str | None:
    recorded = select(identity_decision.c.decision).where(identity_decision.c.pair_id == pair_id)
    return connection.execute(recorded).scalar()


def _require_open(connection: Connection, pair_id: str, by: str) -> None:
    """``DecisionRefused`` unless the pair is there, undecided, and no matter of the person's own."""
    if (before := _decided(connection, pair_id)) is not None:
        already = f"已判断为{DECISIONS[before]}；如有新证据，请由 DBA 更正并留痕"
        raise DecisionRefused(already, pair_id, at="decision")
    person_id = _recipient(connection, pair_id)
    if is_party(by, operators(connection, claim.c.person_id == person_id)):
        raise DecisionRefused(PARTY.format(SIGNER), pair_id, at="by")


def _record(connection: Connection, pair_id: str, decision: str, by: str, reason: str) -> None:
    row = {"pair_id": pair_id, "decision": decision, "reason": reason, "decided_by": by}
    connection.execute(insert(identity_decision).values(**row, decided_at=clock.now()))


def _recipient(connection: Connection, pair_id: str) -> str:
    """Whom the question or the proposed link is about."""
    asked = select(identity_question.c.person_id).where(identity_question.c.question_id == pair_id)
    linked = select(probable_link.c.person_id).where(probable_link.c.pair_id == pair_id)
    person_id = connection.execute(asked.union(linked)).scalar()
    if person_id is None:
        raise DecisionRefused(f"没有编号为 {pair_id} 的身份问题；编号见夜报“身份存疑”")
    return str(person_id)
