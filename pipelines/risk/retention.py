"""保存期限 — unfounded signals and untouched leads go after twelve months; their fingerprints stay."""

from datetime import date
from typing import Final

from sqlalchemy import Connection, and_, delete, exists, or_, select

from matchers import months
from matchers.lifecycle import SignalStatus, SignalStep
from matchers.risk.signals import Level
from pipelines.database import audit
from pipelines.risk import memory
from sql.risk_tables import risk_fact, risk_review, risk_seen, risk_signal

MONTHS: Final = 12
SIZE: Final = 500


def erase(connection: Connection, as_of: date) -> int:
    """How many signals were erased with their facts and reviews: those last seen twelve months before."""
    s, r = risk_signal.c, risk_review.c
    last = months.last_day(months.of(as_of) - MONTHS)
    reviewed = exists().where(r.signal_id == s.signal_id)
    unfounded = exists().where(
        r.signal_id == s.signal_id, r.decision == SignalStep.UNFOUNDED, r.second_by.is_not(None)
    )
    answered = and_(s.status.in_((SignalStatus.UNFOUNDED, SignalStatus.CLOSED)), unfounded)
    waiting = s.status.in_((SignalStatus.OPEN, SignalStatus.WITHDRAWN))
    untouched = and_(s.level == Level.LEAD, waiting, ~reviewed)
    expired = select(risk_signal).where(s.last_seen_as_of <= last, or_(answered, untouched))
    gone = connection.execute(expired.order_by(s.signal_id)).mappings().all()
    for signal in gone:
        memory.remember(connection, dict(signal), as_of)
    for start in range(0, len(gone), SIZE):
        part = [g["signal_id"] for g in gone[start : start + SIZE]]
        for table in (risk_fact, risk_seen, risk_review, risk_signal):
            connection.execute(delete(table).where(table.c.signal_id.in_(part)))
    if gone:
        audit.record(connection, "crossmatch", "risk_retention", as_of.isoformat(), {"signals": len(gone)})
    return len(gone)
