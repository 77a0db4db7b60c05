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

from sql.columns import key, may, must
from sql.tables import OURS

OPTIONAL = MetaData()

risk_run = Table(
    "risk_run",
    OURS,
    *key("month"),
    *must("as_of", kind=Date),
    *must("policy_version", "missing", "cut", "counts"),
    *must("finished_at", kind=TIMESTAMP),
)

risk_signal = Table(
    "risk_signal",
    OURS,
    *key("signal_id"),
    *must("rule", "subject_kind", "subject_key", "district", "period", "level", "figures", "expected"),
    *must("summary", "counter", "legal_basis", "policy_version", "fingerprint", "status"),
    *must("first_seen_as_of", "last_seen_as_of", kind=Date),
    UniqueConstraint("rule", "subject_kind", "subject_key", "period"),
    Index("risk_signal_district", "district", "status"),
)

risk_fact = Table(
    "risk_fact",
    OURS,
    Column("signal_id", Text, ForeignKey("risk_signal.signal_id"), primary_key=True, nullable=False),
    *key("fact_no", kind=Integer),
    *may("claim_id", "event_id", "payment_id", "feed", "delivery_id", "file"),
    *may("line", kind=BigInteger),
    *must("weight", "reason"),
)

risk_review = Table(
    "risk_review",
    OURS,
    *key("review_id"),
    *must("signal_id", "decision", "note", "decided_by"),
    *must("decided_at", kind=TIMESTAMP),
    *may("second_by"),
    *may("second_at", kind=TIMESTAMP),
    *may("heard_on", kind=Date),
    Index("risk_review_signal", "signal_id"),
)

risk_seen = Table(
    "risk_seen",
    OURS,
    *key("month", "signal_id"),
    *must("level", "figures", "summary"),
)

risk_impact = Table(
    "risk_impact",
    OURS,
    *key("signed_on", kind=Date),
    *key("signed_by"),
    *must("fingerprint"),
    *must("recorded_at", kind=TIMESTAMP),
)

risk_memory = Table(
    "risk_memory",
    OURS,
    *key("fingerprint"),
    *must("rule"),
    *must("as_of", kind=Date),
)

quality_check = Table(
    "quality_check",
    OURS,
    *key("month", "stratum", "subject"),
    *must("claim_id"),
    *must("population", "paid_fen", kind=BigInteger),
    *must("seed"),
    *may("verdict"),
    *may("wrong_fen", kind=BigInteger),
    *may("checked_by"),
    *may("checked_at", kind=TIMESTAMP),
)

operator = Table(
    "operator",
    OPTIONAL,
    *must("operator_id", "person_key", "office", "district", "post"),
    *must("since", kind=Date),
    *may("until", kind=Date),
    *may("account_key"),
)

duty_exception = Table(
    "duty_exception",
    OPTIONAL,
    *must("operator_id", "post_pair"),
    *must("since", kind=Date),
    *may("until", kind=Date),
    *must("approved_by", "reference"),
)

claim_event = Table(
    "claim_event",
    OPTIONAL,
    *key("event_id"),
    *may("claim_id"),
    *must("kind"),
    *must("at", kind=TIMESTAMP),
    *may("operator_id"),
    *must("channel"),
    *may("before_key", "after_key", "reference"),
)

account_check = Table(
    "account_check",
    OPTIONAL,
    *must("account_key"),
    *may("claim_id"),
    *must("holder"),
    *may("checked_on", kind=Date),
)

payee_agent = Table(
    "payee_agent",
    OPTIONAL,
    *must("account_key", "basis"),
    *must("since", kind=Date),
    *may("until", kind=Date),
)

service_hours = Table(
    "service_hours",
    OPTIONAL,
    *must("office"),
    *must("date", kind=Date),
    *must("opens", "closes"),
)
