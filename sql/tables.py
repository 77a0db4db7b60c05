"""The tables a night reads and writes, for statements built by SQLAlchemy Core.

``AGENCY`` holds the four relations that belong to the agency: read, never written. ``OURS`` holds what nights
and people write, ``UPKEEP`` what migrations and the lock note for themselves. Both are made by migrations, as
are the tables of the clean-up, of fund risk and of the desk, which stand in modules of their own.
Rows of ``ADDED_TO`` are never changed.
A test holds them all equal to a migrated database. Dates are ``date``, instants are naive UTC ``datetime``,
money of ours is whole fen, money of the agency is yuan with two places.
"""

from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
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

from sql.columns import PROBABILITY, YUAN, key, may, must

AGENCY = MetaData()
OURS = MetaData()
UPKEEP = MetaData()
ADDED_TO = frozenset({"release_decision", "judged_fact", "audit_event", "identity_decision"})


def _candidate(primary_key: bool = False) -> Column[Any]:
    reference = ForeignKey("suspension_candidate.candidate_id")
    return Column("candidate_id", Text, reference, primary_key=primary_key, nullable=False)


recipient = Table(
    "recipient",
    AGENCY,
    *key("person_id"),
    *must("id_kind"),
    *may("id_number", "name", "sex"),
    *may("birth_date", kind=Date),
    *may("phone", "district"),
    Index("recipient_number", "id_number"),
    Index("recipient_name", "name"),
)

claim = Table(
    "claim",
    AGENCY,
    *key("claim_id"),
    *must("person_id", "district"),
    *must("registered_on", kind=Date),
    *must("start_month"),
    *must("entitled_months", "deemed_months", kind=Integer),
    *must("extended_to_retirement", kind=Boolean),
    *must("monthly_amount", kind=YUAN),
    *must("status"),
    *may("stop_month", "stop_cause"),
    *may("separated_on", kind=Date),
    *may("separation_reason", "last_employer_id", "last_employer_uscc", "last_employer_name"),
    *may("commitment_signed_on", kind=Date),
    *may("accepted_by", "approved_by"),
    Index("claim_person", "person_id"),
)

payment = Table(
    "payment",
    AGENCY,
    *key("payment_id"),
    *must("claim_id", "benefit_month", "benefit_kind"),
    *must("amount", kind=YUAN),
    *must("state"),
    *may("paid_on", kind=Date),
    *may("bank_account"),
    Index("payment_claim", "claim_id"),
)

recovery = Table(
    "recovery",
    AGENCY,
    *key("recovery_id"),
    *must("claim_id", "benefit_month", "benefit_kind"),
    *must("amount", kind=YUAN),
    *must("received_on", kind=Date),
)

match_run = Table(
    "match_run",
    OURS,
    *key("run_id"),
    *must("as_of", kind=Date),
    *must("status"),
    *must("started_at", kind=TIMESTAMP),
    *may("finished_at", kind=TIMESTAMP),
    *must("policy", "policy_version", "code_version", "input_digest", "counts"),
    *may("linked_at", "judged_at", kind=TIMESTAMP),
)

delivery = Table(
    "delivery",
    OURS,
    *key("delivery_id"),
    *must("feed"),
    *must("delivered_on", kind=Date),
    *must("files", "sha256", "encoding"),
    *must("rows_read", "rows_landed", "rows_rejected", "rows_dropped", kind=BigInteger),
    *must("health", "reason", "measures"),
    *may("supersedes", kind=Date),
    *must("landed_at", kind=TIMESTAMP),
    UniqueConstraint("feed", "delivered_on"),
)

release_decision = Table(
    "release_decision",
    OURS,
    *key("subject", "released_by"),
    *must("reason"),
    *must("released_at", kind=TIMESTAMP),
)

suspension_candidate = Table(
    "suspension_candidate",
    OURS,
    *key("candidate_id"),
    *must("claim_id", "person_id", "district", "cause", "tier", "event_month", "stop_month"),
    *may("first_conflict_month", "last_conflict_month"),
    *must("overpaid_months", kind=Integer),
    *must("overpaid_fen", "preventable_fen", "at_risk_fen", kind=BigInteger),
    *must("link_tier"),
    *may("link_probability", kind=PROBABILITY),
    *must("legal_basis", "policy_version"),
    *must("within_notice_period", "two_month_flag", "severe_flag", kind=Boolean),
    *must("summary", "fingerprint", "status", "changed"),
    *must("first_seen_as_of", "last_seen_as_of", kind=Date),
    Column("moved", Text, nullable=False, server_default=""),
    UniqueConstraint("claim_id", "cause"),
    Index("candidate_status", "status", "district", "candidate_id"),
    Index("candidate_person", "person_id"),
    Index("candidate_first_seen", "first_seen_as_of"),
    Index("candidate_changed", "candidate_id"),
    Index("candidate_moved", "candidate_id"),
    Index("candidate_overpaid", "overpaid_fen"),
    Index("candidate_preventable", "preventable_fen"),
)

candidate_tally = Table(
    "candidate_tally",
    OURS,
    *key("figure", "district", "item"),
    *must("amount", kind=BigInteger),
)

evidence = Table(
    "evidence",
    OURS,
    _candidate(primary_key=True),
    *key("feed", "delivery_id", "file"),
    *key("line", kind=BigInteger),
    *key("fact_key"),
    *must("fact", "months", "weight", "reason_code", "note"),
)

overpayment = Table(
    "overpayment",
    OURS,
    _candidate(primary_key=True),
    *must("claim_id", "benefit_month", "benefit_kind"),
    *must("paid_fen", "recovered_fen", "due_fen", kind=BigInteger),
    *must("recoverable_from_person", "counted", kind=Boolean),
    *key("payment_id"),
)

preventable = Table(
    "preventable",
    OURS,
    _candidate(primary_key=True),
    *must("claim_id", "benefit_month", "benefit_kind"),
    *must("scheduled_fen", kind=BigInteger),
    *must("recoverable_from_person", kind=Boolean),
    *key("payment_id"),
)

excluded_match = Table(
    "excluded_match",
    OURS,
    *key("claim_id", "cause", "feed", "delivery_id", "file"),
    *key("line", kind=BigInteger),
    *must("reason"),
    Index("excluded_reason", "reason"),
)

identity_question = Table(
    "identity_question",
    OURS,
    *key("question_id"),
    *must("kind", "claim_id", "person_id", "feed", "delivery_id", "file"),
    *must("line", kind=BigInteger),
    *may("probability", kind=PROBABILITY),
    *must("explanation"),
)

material_request = Table(
    "material_request",
    OURS,
    *key("claim_id", "reason"),
    *must("asked_for"),
    *must("due_on", kind=Date),
    *must("status"),
)

entitlement_notice = Table(
    "entitlement_notice",
    OURS,
    *key("claim_id", "kind"),
    *must("basis", "note"),
)

review = Table(
    "review",
    OURS,
    *key("review_id"),
    _candidate(),
    *must("decision", "reason_code", "note", "decided_by"),
    *must("decided_at", kind=TIMESTAMP),
    *may("second_by"),
    *may("second_at", kind=TIMESTAMP),
    Index("review_candidate", "candidate_id"),
    Index("review_unsigned", "candidate_id"),
)

judged_fact = Table(
    "judged_fact",
    OURS,
    *key("candidate_id", "fact_key"),
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
    *may("seen_as_of", kind=Date),
)

audit_event = Table(
    "audit_event",
    OURS,
    *key("seq", kind=BigInteger),
    *must("at", kind=TIMESTAMP),
    *must("actor", "action", "subject", "detail", "previous_hash", "hash"),
    *may("os_user", "database_user"),
    UniqueConstraint("hash"),
    Index("audit_subject", "subject"),
)

report_export = Table(
    "report_export",
    OURS,
    *key("export_id"),
    *must("as_of", kind=Date),
    *must("district", "format"),
    Index("export_night", "as_of"),
)

report_export_row = Table(
    "report_export_row",
    OURS,
    Column("export_id", Text, ForeignKey("report_export.export_id"), primary_key=True),
    _candidate(primary_key=True),
    *must("seal", "facts"),
    Column("carried", Text, nullable=False, server_default="{}"),
)

review_detail = Table(
    "review_detail",
    OURS,
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
    *must("cause", "tier", "policy_version"),
    *may("export_id", "verified_how"),
    *may("verified_on", "notice_on", kind=Date),
    *may("stop_month"),
    *may("recoverable_fen", "recovered_fen", kind=BigInteger),
    *may("recovery_way", "document_no"),
    *may("closed_on", kind=Date),
)

review_money = Table(
    "review_money",
    OURS,
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
    *must("scheduled_fen", "paid_fen", kind=BigInteger),
)

outbox = Table(
    "outbox",
    OURS,
    *key("message_id"),
    *must("as_of", kind=Date),
    *must("title", "body"),
    *must("queued_at", kind=TIMESTAMP),
    *must("attempts", kind=Integer),
    *may("sent_at", kind=TIMESTAMP),
)

backfill = Table(
    "backfill",
    OURS,
    *key("first_night", "last_night", kind=Date),
    *key("reason"),
    *must("asked_by"),
    *must("asked_at", kind=TIMESTAMP),
    *may("done_through", kind=Date),
    *may("finished_at", kind=TIMESTAMP),
)

probable_link = Table(
    "probable_link",
    OURS,
    *must("pair_id", "person_id"),
    *key("feed", "delivery_id", "file"),
    *key("line", kind=BigInteger),
    *must("tier"),
    *must("probability", kind=PROBABILITY),
    *must("explanation"),
)

identity_decision = Table(
    "identity_decision",
    OURS,
    *key("pair_id"),
    *must("decision", "reason", "decided_by"),
    *must("decided_at", kind=TIMESTAMP),
)

run_epoch = Table(
    "run_epoch",
    UPKEEP,
    *key("only_row", kind=Integer),
    *must("epoch", kind=BigInteger),
)

applied_migration = Table(
    "applied_migration",
    UPKEEP,
    *key("revision"),
    *must("up_sha256", "down_sha256"),
)
