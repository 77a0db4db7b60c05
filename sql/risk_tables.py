"""The tables of fund risk, part of ``OURS``, and ``OPTIONAL``: relations an agency may provide for it."""

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from sql.tables import OURS, _key, _may, _must

OPTIONAL = MetaData()

risk_run = Table(
    "risk_run",
    OURS,
    *_key("month"),
    *_must("as_of", kind=Date),
    *_must("policy_version", "missing", "cut", "counts"),
    *_must("finished_at", kind=TIMESTAMP),
)

risk_signal = Table(
    "risk_signal",
    OURS,
    *_key("signal_id"),
    *_must("rule", "subject_kind", "subject_key", "district", "period", "level", "figures", "expected"),
    *_must("summary", "counter", "legal_basis", "policy_version", "fingerprint", "status"),
    *_must("first_seen_as_of", "last_seen_as_of", kind=Date),
    UniqueConstraint("rule", "subject_kind", "subject_key", "period"),
    Index("risk_signal_district", "district", "status"),
)

risk_fact = Table(
    "risk_fact",
    OURS,
    Column("signal_id", Text, ForeignKey("risk_signal.signal_id"), primary_key=True, nullable=False),
    *_key("fact_no", kind=Integer),
    *_may("claim_id", "event_id", "payment_id", "feed", "delivery_id", "file"),
    *_may("line", kind=BigInteger),
    *_must("weight", "reason"),
)

risk_review = Table(
    "risk_review",
    OURS,
    *_key("review_id"),
    *_must("signal_id", "decision", "note", "decided_by"),
    *_must("decided_at", kind=TIMESTAMP),
    *_may("second_by"),
    *_may("second_at", kind=TIMESTAMP),
    Index("risk_review_signal", "signal_id"),
)

risk_memory = Table(
    "risk_memory",
    OURS,
    *_key("fingerprint"),
    *_must("rule"),
    *_must("as_of", kind=Date),
)

quality_check = Table(
    "quality_check",
    OURS,
    *_key("month", "stratum", "subject"),
    *_must("claim_id"),
    *_must("population", "paid_fen", kind=BigInteger),
    *_must("seed"),
    *_may("verdict"),
    *_may("wrong_fen", kind=BigInteger),
    *_may("checked_by"),
    *_may("checked_at", kind=TIMESTAMP),
)

operator = Table(
    "operator",
    OPTIONAL,
    *_must("operator_id", "person_key", "office", "district", "post"),
    *_must("since", kind=Date),
    *_may("until", kind=Date),
    *_may("account_key"),
)

duty_exception = Table(
    "duty_exception",
    OPTIONAL,
    *_must("operator_id", "post_pair"),
    *_must("since", kind=Date),
    *_may("until", kind=Date),
    *_must("approved_by", "reference"),
)

claim_event = Table(
    "claim_event",
    OPTIONAL,
    *_key("event_id"),
    *_may("claim_id"),
    *_must("kind"),
    *_must("at", kind=TIMESTAMP),
    *_may("operator_id"),
    *_must("channel"),
    *_may("before_key", "after_key", "reference"),
)

account_check = Table(
    "account_check",
    OPTIONAL,
    *_must("account_key"),
    *_may("claim_id"),
    *_must("holder"),
    *_may("checked_on", kind=Date),
)

payee_agent = Table(
    "payee_agent",
    OPTIONAL,
    *_must("account_key", "basis"),
    *_must("since", kind=Date),
    *_may("until", kind=Date),
)

service_hours = Table(
    "service_hours",
    OPTIONAL,
    *_must("office"),
    *_must("date", kind=Date),
    *_must("opens", "closes"),
)
