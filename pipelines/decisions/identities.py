"""身份判断 — what people decide about a question of who is who; it binds every night that follows."""

from sqlalchemy import Engine, insert, select

from matchers.people.signature import signature
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import operators, party
from sql.tables import claim, identity_decision, identity_question, probable_link

DECISIONS = {"same": "同一人", "different": "不是同一人"}


def decide(engine: Engine, pair_id: str, decision: str, by: str, reason: str) -> None:
    """Record that the recipient and the row of a question, or of a proposed link, are one person or two.

    The night that follows goes by it: a pair found different is neither linked nor asked again. The same
    decision again changes nothing; ``UsageError`` for another one, where
    there is no such pair, or where the person accepted or approved a claim of the recipient.
    """
    if not signature(by) or not reason.strip():
        raise UsageError("身份判断须注明判断人（--by）和依据（--reason）")
    if decision not in DECISIONS:
        raise UsageError(f"没有“{decision}”这种判断；可用：{'、'.join(DECISIONS)}")
    with deciding(engine, beside_nights=True) as connection:
        asked = select(identity_question.c.person_id).where(identity_question.c.question_id == pair_id)
        linked = select(probable_link.c.person_id).where(probable_link.c.pair_id == pair_id)
        decided = select(identity_decision.c.decision).where(identity_decision.c.pair_id == pair_id)
        before = connection.execute(decided).scalar()
        if before == decision:
            return
        if before is not None:
            raise UsageError(f"{pair_id} 已判断为{DECISIONS[before]}；如有新证据，请由 DBA 更正并留痕")
        person_id = connection.execute(asked.union(linked)).scalar()
        if person_id is None:
            raise UsageError(f"没有编号为 {pair_id} 的身份问题；编号见夜报“身份存疑”")
        if objection := party([by], operators(connection, claim.c.person_id == person_id)):
            raise UsageError(f"{pair_id}：{objection}")
        connection.execute(
            insert(identity_decision).values(
                pair_id=pair_id, decision=decision, reason=reason, decided_by=by, decided_at=clock.now()
            )
        )
        audit.record(connection, by, "identity", pair_id, {"decision": decision})
