"""信号记忆 — what people found unfounded, by the fingerprints of its facts: nothing new, nothing raised."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from matchers.risk.judge import fact_fingerprint
from matchers.risk.signals import SUPPORTS
from sql.risk_tables import risk_fact, risk_memory


def unfounded(connection: Connection) -> frozenset[str]:
    """The fingerprints of signals and facts that are not to be raised again without a new fact."""
    return frozenset(connection.execute(select(risk_memory.c.fingerprint)).scalars())


def remember(connection: Connection, signal: Mapping[str, Any], on: date) -> None:
    """Keeps the signal (a row of ``risk_signal``) and each of its supporting facts."""
    c = risk_fact.c
    own = select(risk_fact).where(c.signal_id == signal["signal_id"], c.weight == SUPPORTS)
    about = signal["rule"], signal["subject_kind"], signal["subject_key"]
    prints = {fact_fingerprint(*about, dict(row)) for row in connection.execute(own).mappings().all()}
    fresh = sorted((prints | {signal["fingerprint"]}) - unfounded(connection))
    if fresh:
        rows = [{"fingerprint": f, "rule": signal["rule"], "as_of": on} for f in fresh]
        connection.execute(insert(risk_memory), rows)
