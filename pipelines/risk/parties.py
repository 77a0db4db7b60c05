"""回避 — who may not sign about a signal: whom it is about, and whoever took any part in its claims."""

from sqlalchemy import Connection, select

from pipelines.base.errors import DecisionRefused
from pipelines.database.optional import provided
from pipelines.decisions.signing import PARTY, SIGNER, is_party, operators
from sql.risk_tables import operator, risk_fact
from sql.tables import claim

OPERATOR = "operator"
SIZE = 500


def require_none(connection: Connection, signal_id: str, kind: str, subject: str, by: str) -> None:
    """Nothing where ``by`` has no part in it; else ``DecisionRefused``."""
    staff = _people(connection)
    signer = staff.get(by.strip(), by.strip())
    if kind == OPERATOR and signer == staff.get(subject, subject):
        raise DecisionRefused("信号涉及本人，须由其他人签认", signal_id, at="by")
    facts = select(risk_fact.c.claim_id).where(risk_fact.c.signal_id == signal_id)
    claims = sorted({c for c in connection.execute(facts).scalars() if c})
    involved: set[str] = set()
    for start in range(0, len(claims), SIZE):
        part = claims[start : start + SIZE]
        involved |= {*operators(connection, claim.c.claim_id.in_(part))}
    if is_party(by, involved):
        raise DecisionRefused(PARTY.format(SIGNER), signal_id, at="by")


def person(connection: Connection, name: str) -> str:
    """The person behind an operator's number: his smallest one; any other name as it is."""
    return _people(connection).get(name.strip(), name)


def _people(connection: Connection) -> dict[str, str]:
    """operator_id → the smallest operator_id of that person; empty where the agency provides no operators."""
    if not provided(connection, operator):
        return {}
    rows = connection.execute(select(operator.c.operator_id, operator.c.person_key)).all()
    smallest: dict[str, str] = {}
    for number, key in sorted(rows):
        smallest.setdefault(key, number)
    return {number: smallest[key] for number, key in rows}
