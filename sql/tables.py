"""The tables a night reads and writes, for statements built by SQLAlchemy Core.

``AGENCY`` holds the four relations that belong to the agency: read, never written. ``OURS`` holds what nights
and people write, ``UPKEEP`` what migrations and the lock note for themselves; both are made by migrations.
A test holds all three equal to a migrated database. Dates are ``date``, instants are naive UTC ``datetime``,
money of ours is whole fen, money of the agency is yuan with two places.
"""

from typing import Any

from sqlalchemy import (
    REAL,
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

Kind = TypeEngine[Any] | type[TypeEngine[Any]]

AGENCY = MetaData()
OURS = MetaData()
UPKEEP = MetaData()
Probability: Kind = Double().with_variant(REAL, "sqlite")


def _key(name: str, kind: Kind = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _must(name: str, kind: Kind = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: Kind = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _candidate(primary_key: bool = False) -> Column[Any]:
    reference = ForeignKey("suspension_candidate.candidate_id")
    return Column("candidate_id", Text, reference, primary_key=primary_key, nullable=False)


recipient = Table(
    "recipient",
    AGENCY,
    _key("person_id"),
    _must("id_kind"),
    _may("id_number"),
    _may("name"),
    _may("sex"),
    _may("birth_date", Date),
    _may("phone"),
    _may("district"),
)

claim = Table(
    "claim",
    AGENCY,
    _key("claim_id"),
    _must("person_id"),
    _must("district"),
    _must("registered_on", Date),
    _must("start_month"),
    _must("entitled_months", Integer),
    _must("deemed_months", Integer),
    _must("extended_to_retirement", Boolean),
    Column("monthly_amount", Numeric(12, 2), nullable=False),
    _must("status"),
    _may("stop_month"),
    _may("stop_cause"),
    _may("separated_on", Date),
    _may("separation_reason"),
    _may("last_employer_id"),
    _may("last_employer_uscc"),
    _may("last_employer_name"),
    _may("commitment_signed_on", Date),
    _may("accepted_by"),
    _may("approved_by"),
)

payment = Table(
    "payment",
    AGENCY,
    _key("payment_id"),
    _must("claim_id"),
    _must("benefit_month"),
    _must("benefit_kind"),
    Column("amount", Numeric(12, 2), nullable=False),
    _must("state"),
    _may("paid_on", Date),
    _may("bank_account"),
    Index("payment_claim", "claim_id"),
)

recovery = Table(
    "recovery",
    AGENCY,
    _key("recovery_id"),
    _must("claim_id"),
    _must("benefit_month"),
    _must("benefit_kind"),
    Column("amount", Numeric(12, 2), nullable=False),
    _must("received_on", Date),
)

match_run = Table(
    "match_run",
    OURS,
    _key("run_id"),
    _must("as_of", Date),
    _must("status"),
    _must("started_at", TIMESTAMP),
    _may("finished_at", TIMESTAMP),
    _must("policy"),
    _must("policy_version"),
    _must("code_version"),
    _must("input_digest"),
    _must("counts"),
)

delivery = Table(
    "delivery",
    OURS,
    _key("delivery_id"),
    _must("feed"),
    _must("delivered_on", Date),
    _must("files"),
    _must("sha256"),
    _must("encoding"),
    _must("rows_read", BigInteger),
    _must("rows_landed", BigInteger),
    _must("rows_rejected", BigInteger),
    _must("rows_dropped", BigInteger),
    _must("health"),
    _must("reason"),
    _must("measures"),
    _may("supersedes", Date),
    _must("landed_at", TIMESTAMP),
    UniqueConstraint("feed", "delivered_on"),
)

release_decision = Table(
    "release_decision",
    OURS,
    _key("subject"),
    _key("released_by"),
    _must("reason"),
    _must("released_at", TIMESTAMP),
)

suspension_candidate = Table(
    "suspension_candidate",
    OURS,
    _key("candidate_id"),
    _must("claim_id"),
    _must("person_id"),
    _must("district"),
    _must("cause"),
    _must("tier"),
    _must("event_month"),
    _must("stop_month"),
    _may("first_conflict_month"),
    _may("last_conflict_month"),
    _must("overpaid_months", Integer),
    _must("overpaid_fen", BigInteger),
    _must("preventable_fen", BigInteger),
    _must("link_tier"),
    _may("link_probability", Probability),
    _must("legal_basis"),
    _must("policy_version"),
    _must("within_notice_period", Boolean),
    _must("two_month_flag", Boolean),
    _must("severe_flag", Boolean),
    _must("summary"),
    _must("fingerprint"),
    _must("status"),
    _must("changed"),
    _must("first_seen_as_of", Date),
    _must("last_seen_as_of", Date),
    UniqueConstraint("claim_id", "cause"),
    Index("candidate_claim", "claim_id"),
    Index("candidate_status", "status", "district"),
)

evidence = Table(
    "evidence",
    OURS,
    _candidate(primary_key=True),
    _key("feed"),
    _key("delivery_id"),
    _key("file"),
    _key("line", BigInteger),
    _key("fact_key"),
    _must("fact"),
    _must("months"),
    _must("weight"),
    _must("reason_code"),
    _must("note"),
)

overpayment = Table(
    "overpayment",
    OURS,
    _candidate(primary_key=True),
    _must("claim_id"),
    _must("benefit_month"),
    _must("benefit_kind"),
    _must("paid_fen", BigInteger),
    _must("recovered_fen", BigInteger),
    _must("due_fen", BigInteger),
    _must("recoverable_from_person", Boolean),
    _must("counted", Boolean),
    _key("payment_id"),
)

excluded_match = Table(
    "excluded_match",
    OURS,
    _key("claim_id"),
    _key("cause"),
    _key("feed"),
    _key("delivery_id"),
    _key("file"),
    _key("line", BigInteger),
    _must("reason"),
    Index("excluded_reason", "reason"),
)

identity_question = Table(
    "identity_question",
    OURS,
    _key("question_id"),
    _must("kind"),
    _must("claim_id"),
    _must("person_id"),
    _must("feed"),
    _must("delivery_id"),
    _must("file"),
    _must("line", BigInteger),
    _may("probability", Probability),
    _must("explanation"),
)

material_request = Table(
    "material_request",
    OURS,
    _key("claim_id"),
    _key("reason"),
    _must("asked_for"),
    _must("due_on", Date),
    _must("status"),
)

entitlement_notice = Table(
    "entitlement_notice",
    OURS,
    _key("claim_id"),
    _key("kind"),
    _must("basis"),
    _must("note"),
)

review = Table(
    "review",
    OURS,
    _key("review_id"),
    _candidate(),
    _must("decision"),
    _must("reason_code"),
    _must("note"),
    _must("decided_by"),
    _must("decided_at", TIMESTAMP),
    _may("second_by"),
    _may("second_at", TIMESTAMP),
    Index("review_candidate", "candidate_id"),
)

judged_fact = Table(
    "judged_fact",
    OURS,
    _key("candidate_id"),
    _key("fact_key"),
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
)

audit_event = Table(
    "audit_event",
    OURS,
    _key("seq", BigInteger),
    _must("at", TIMESTAMP),
    _must("actor"),
    _must("action"),
    _must("subject"),
    _must("detail"),
    _must("previous_hash"),
    _must("hash"),
    UniqueConstraint("hash"),
)

report_export = Table(
    "report_export",
    OURS,
    _key("export_id"),
    _must("as_of", Date),
    _must("district"),
    Index("export_night", "as_of"),
)

report_export_row = Table(
    "report_export_row",
    OURS,
    Column("export_id", Text, ForeignKey("report_export.export_id"), primary_key=True),
    _candidate(primary_key=True),
    _must("seal"),
    _must("facts"),
)

review_detail = Table(
    "review_detail",
    OURS,
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
    _must("cause"),
    _must("tier"),
    _must("policy_version"),
    _may("export_id"),
    _may("verified_how"),
    _may("verified_on", Date),
    _may("notice_on", Date),
    _may("stop_month"),
    _may("recoverable_fen", BigInteger),
    _may("recovered_fen", BigInteger),
    _may("recovery_way"),
    _may("document_no"),
    _may("closed_on", Date),
)

outbox = Table(
    "outbox",
    OURS,
    _key("message_id"),
    _must("as_of", Date),
    _must("title"),
    _must("body"),
    _must("queued_at", TIMESTAMP),
    _must("attempts", Integer),
    _may("sent_at", TIMESTAMP),
)

run_epoch = Table(
    "run_epoch",
    UPKEEP,
    _key("only_row", Integer),
    _must("epoch", BigInteger),
)

applied_migration = Table(
    "applied_migration",
    UPKEEP,
    _key("revision"),
    _must("up_sha256"),
    _must("down_sha256"),
)
