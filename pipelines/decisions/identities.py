"""身份判断 — what people decide about a question of who is who; it binds every night that follows."""

from sqlalchemy import Connection, Engine, insert, select

from matchers.people.signature import signature
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import PARTY, SIGNER, is_party, operators
from sql.tables import claim, identity_decision, identity_question, probable_link

DECISIONS = {"same": "同一人", "different": "不是同一人"}


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
        recorded = select(identity_decision.c.decision).where(identity_decision.c.pair_id == pair_id)
        before = connection.execute(recorded).scalar()
        if before == decision:
            return False
        if before is not None:
            already = f"已判断为{DECISIONS[before]}；如有新证据，请由 DBA 更正并留痕"
            raise DecisionRefused(already, pair_id, at="decision")
        person_id = _recipient(connection, pair_id)
        if is_party(by, operators(connection, claim.c.person_id == person_id)):
            raise DecisionRefused(PARTY.format(SIGNER), pair_id, at="by")
        row = {"pair_id": pair_id, "decision": decision, "reason": reason, "decided_by": by}
        connection.execute(insert(identity_decision).values(**row, decided_at=clock.now()))
        audit.record(connection, by, "identity", pair_id, {"decision": decision})
    return True


def _recipient(connection: Connection, pair_id: str) -> str:
    """Whom the question or the proposed link is about."""
    asked = select(identity_question.c.person_id).where(identity_question.c.question_id == pair_id)
    linked = select(probable_link.c.person_id).where(probable_link.c.pair_id == pair_id)
    person_id = connection.execute(asked.union(linked)).scalar()
    if person_id is None:
        raise DecisionRefused(f"没有编号为 {pair_id} 的身份问题；编号见夜报“身份存疑”")
    return str(person_id)
