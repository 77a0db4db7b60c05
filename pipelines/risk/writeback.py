"""写入信号 — brings the tables of fund risk to what a month says; decisions of people are left alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, or_, select, update

from matchers import months
from matchers.lifecycle import UNANSWERED_SIGNALS, SignalStatus
from matchers.risk.ground import Ground
from matchers.risk.judge import Outcome, fingerprint, money, signal_id
from matchers.risk.rules import rules
from matchers.risk.signals import Signal
from pipelines.base import clock
from pipelines.database import audit
from pipelines.database.sync import sync
from pipelines.risk import words
from sql.risk_tables import risk_fact, risk_run, risk_seen, risk_signal
from sql.tables import audit_event

RISK = "risk"
SIZE = 500
FACTS = ["claim_id", "event_id", "payment_id", "feed", "delivery_id", "file", "line", "weight", "reason"]
OWN = ("status", "first_seen_as_of")


def write(connection: Connection, ground: Ground, outcome: Outcome) -> dict[str, Any]:
    """Writes the month's signals and facts; how many there are by level, and how many were withdrawn.

    A signal that a later month has seen keeps what that month said of it.
    """
    signals = pd.DataFrame(_rows(ground, outcome.signals), columns=[c.name for c in risk_signal.columns])
    later = set(connection.execute(
        select(risk_signal.c.signal_id).where(risk_signal.c.last_seen_as_of > ground.as_of)
    ).scalars())  # fmt: skip
    fresh = signals[~signals["signal_id"].isin(later)]
    sync(connection, risk_signal, fresh, key=["signal_id"], untouched=OWN)
    _reopen(connection, set(fresh["signal_id"]))
    _facts(connection, [s for s in outcome.signals if signal_id(s) not in later])
    seen = signals[["signal_id", "level", "figures", "summary"]].assign(month=months.text(ground.month))
    scope = risk_seen.c.month == months.text(ground.month)
    sync(connection, risk_seen, seen, key=["month", "signal_id"], scope=scope)
    gone = _withdraw(connection, ground, outcome, set(signals["signal_id"]) | outcome.beyond)
    counts = {
        "levels": {k: int(n) for k, n in signals["level"].value_counts().sort_index().items()},
        "partly": {k: list(v) for k, v in sorted(outcome.partly.items())},
        SignalStatus.WITHDRAWN: gone,
    }
    _record(connection, ground, outcome, counts)
    return counts


def _rows(ground: Ground, signals: Sequence[Signal]) -> list[Mapping[str, Any]]:
    paid = money(ground, signals)
    return [
        {
            "signal_id": signal_id(s), "rule": s.rule, "subject_kind": s.subject_kind,
            "subject_key": s.subject, "district": s.district, "period": s.period, "level": str(s.level),
            "figures": json.dumps({**s.figures, "paid_fen": fen}, ensure_ascii=False),
            "expected": s.expected, "summary": words.summary(s), "counter": rules()[s.rule].counter,
            "legal_basis": rules()[s.rule].basis, "policy_version": ground.policy.version,
            "fingerprint": fingerprint(s), "status": SignalStatus.OPEN,
            "first_seen_as_of": ground.as_of, "last_seen_as_of": ground.as_of,
        }
        for s, fen in zip(signals, paid, strict=True)
    ]  # fmt: skip


def _reopen(connection: Connection, seen: set[str]) -> None:
    """What was withdrawn and is there again, and what was unfounded and now rests on a fact nobody judged."""
    c = risk_signal.c
    asleep = select(c.signal_id).where(c.status.in_((SignalStatus.WITHDRAWN, SignalStatus.UNFOUNDED)))
    again = sorted(seen & set(connection.execute(asleep).scalars()))
    for start in range(0, len(again), SIZE):
        part = again[start : start + SIZE]
        connection.execute(update(risk_signal).where(c.signal_id.in_(part)).values(status=SignalStatus.OPEN))


def _facts(connection: Connection, signals: Sequence[Signal]) -> None:
    rows = [
        {"signal_id": signal_id(s), "fact_no": number} | {c: asdict(f)[c] for c in FACTS}
        for s in signals
        for number, f in enumerate(s.facts)
    ]
    frame = pd.DataFrame(rows, columns=["signal_id", "fact_no", *FACTS])
    scope = risk_fact.c.signal_id.in_([signal_id(s) for s in signals])
    sync(connection, risk_fact, frame, key=["signal_id", "fact_no"], scope=scope)


def _withdraw(connection: Connection, ground: Ground, outcome: Outcome, seen: set[str]) -> int:
    """Open signals of these twelve months whose facts are no longer there; what was not looked at stays."""
    c = risk_signal.c
    looked = [code for code in rules() if code not in outcome.missing]
    span = (
        c.period == ground.year,
        c.period.between(months.text(ground.month - 11), months.text(ground.month)),
    )
    open_ = select(c.signal_id).where(
        c.rule.in_(looked),
        c.status.in_(UNANSWERED_SIGNALS),
        c.last_seen_as_of <= ground.as_of,
        or_(*span),
    )
    gone = sorted(set(connection.execute(open_).scalars()) - seen)
    for start in range(0, len(gone), SIZE):
        part = gone[start : start + SIZE]
        connection.execute(
            update(risk_signal).where(c.signal_id.in_(part)).values(status=SignalStatus.WITHDRAWN)
        )
    return len(gone)


def _record(connection: Connection, ground: Ground, outcome: Outcome, counts: Mapping[str, Any]) -> None:
    """The month's run, once more on the audit chain only where it says something else."""
    month = months.text(ground.month)
    cut = {f"{district}/{rule}": n for (district, rule), n in sorted(outcome.cut.items())}
    row = {
        "month": month, "as_of": ground.as_of, "policy_version": ground.policy.version,
        "missing": json.dumps({k: list(v) for k, v in sorted(outcome.missing.items())}, ensure_ascii=False),
        "cut": json.dumps(cut, ensure_ascii=False), "counts": json.dumps(counts, ensure_ascii=False),
        "finished_at": clock.now(),
    }  # fmt: skip
    connection.execute(delete(risk_run).where(risk_run.c.month == month))
    connection.execute(insert(risk_run).values(**row))
    noted = {"levels": counts["levels"], "policy": ground.policy.version, "missing": sorted(outcome.missing)}
    c = audit_event.c
    same = select(c.detail).where(c.action == RISK, c.subject == month).order_by(c.seq.desc()).limit(1)
    last = connection.execute(same).scalar()
    if last is None or json.loads(last) != noted:
        audit.record(connection, "crossmatch", RISK, month, noted)
