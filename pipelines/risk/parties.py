"""回避 — who may not sign about a signal: whom it is about, and whoever took any part in its claims."""

from sqlalchemy import Connection, select

from pipelines.base.errors import DecisionRefused
from pipelines.decisions.signing import PARTY, SIGNER, every_number, is_party, operators
from sql.risk_tables import risk_fact
from sql.tables import claim

OPERATOR = "operator"
SIZE = 500


def require_none(connection: Connection, signal_id: str, kind: str, subject: str, by: str) -> None:
    """Nothing where ``by`` has no part in it; else ``DecisionRefused``."""
    if kind == OPERATOR and is_party(by, every_number(connection, {subject})):
        raise DecisionRefused("信号涉及本人，须由其他人签认", signal_id, at="by")
    facts = select(risk_fact.c.claim_id).where(risk_fact.c.signal_id == signal_id)
    claims = sorted({c for c in connection.execute(facts).scalars() if c})
    involved: set[str] = set()
    for start in range(0, len(claims), SIZE):
        part = claims[start : start + SIZE]
        involved |= {*operators(connection, claim.c.claim_id.in_(part))}
    if is_party(by, involved):
        raise DecisionRefused(PARTY.format(SIGNER), signal_id, at="by")
