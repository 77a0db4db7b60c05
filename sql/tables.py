"""The tables a night reads and writes, for statements built by SQLAlchemy Core.

``AGENCY`` holds the four relations that belong to the agency: read, never written. ``OURS`` holds what nights
and people write, ``UPKEEP`` what migrations and the lock note for themselves, ``DESK`` what the desk alone
reads and writes: accounts, sessions, and what people keep there. All three are made by migrations.
Rows of ``ADDED_TO`` are never changed.
A test holds all four equal to a migrated database. Dates are ``date``, instants are naive UTC ``datetime``,
money of ours is whole fen, money of the agency is yuan with two places.
"""

from collections.abc import Iterator
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
DESK = MetaData()
YUAN: Kind = Numeric(12, 2)
ADDED_TO = frozenset({"release_decision", "judged_fact", "audit_event", "identity_decision"})
PROBABILITY: Kind = Double().with_variant(REAL, "sqlite")


def _key(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    return (Column(name, kind, primary_key=True) for name in names)


def _must(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    return (Column(name, kind, nullable=False) for name in names)


def _may(*names: str, kind: Kind = Text) -> Iterator[Column[Any]]:
    return (Column(name, kind, nullable=True) for name in names)


def _candidate(primary_key: bool = False) -> Column[Any]:
    reference = ForeignKey("suspension_candidate.candidate_id")
    return Column("candidate_id", Text, reference, primary_key=primary_key, nullable=False)


def _account(primary_key: bool = False) -> Iterator[Column[Any]]:
    yield Column("account", Text, ForeignKey("desk_account.account"), primary_key=primary_key, nullable=False)


recipient = Table(
    "recipient",
    AGENCY,
    *_key("person_id"),
    *_must("id_kind"),
    *_may("id_number", "name", "sex"),
    *_may("birth_date", kind=Date),
    *_may("phone", "district"),
)

claim = Table(
    "claim",
    AGENCY,
    *_key("claim_id"),
    *_must("person_id", "district"),
    *_must("registered_on", kind=Date),
    *_must("start_month"),
    *_must("entitled_months", "deemed_months", kind=Integer),
    *_must("extended_to_retirement", kind=Boolean),
    *_must("monthly_amount", kind=YUAN),
    *_must("status"),
    *_may("stop_month", "stop_cause"),
    *_may("separated_on", kind=Date),
    *_may("separation_reason", "last_employer_id", "last_employer_uscc", "last_employer_name"),
    *_may("commitment_signed_on", kind=Date),
    *_may("accepted_by", "approved_by"),
)

payment = Table(
    "payment",
    AGENCY,
    *_key("payment_id"),
    *_must("claim_id", "benefit_month", "benefit_kind"),
    *_must("amount", kind=YUAN),
    *_must("state"),
    *_may("paid_on", kind=Date),
    *_may("bank_account"),
    Index("payment_claim", "claim_id"),
)

recovery = Table(
    "recovery",
    AGENCY,
    *_key("recovery_id"),
    *_must("claim_id", "benefit_month", "benefit_kind"),
    *_must("amount", kind=YUAN),
    *_must("received_on", kind=Date),
)

match_run = Table(
    "match_run",
    OURS,
    *_key("run_id"),
    *_must("as_of", kind=Date),
    *_must("status"),
    *_must("started_at", kind=TIMESTAMP),
    *_may("finished_at", kind=TIMESTAMP),
    *_must("policy", "policy_version", "code_version", "input_digest", "counts"),
)

delivery = Table(
    "delivery",
    OURS,
    *_key("delivery_id"),
    *_must("feed"),
    *_must("delivered_on", kind=Date),
    *_must("files", "sha256", "encoding"),
    *_must("rows_read", "rows_landed", "rows_rejected", "rows_dropped", kind=BigInteger),
    *_must("health", "reason", "measures"),
    *_may("supersedes", kind=Date),
    *_must("landed_at", kind=TIMESTAMP),
    UniqueConstraint("feed", "delivered_on"),
)

release_decision = Table(
    "release_decision",
    OURS,
    *_key("subject", "released_by"),
    *_must("reason"),
    *_must("released_at", kind=TIMESTAMP),
)

suspension_candidate = Table(
    "suspension_candidate",
    OURS,
    *_key("candidate_id"),
    *_must("claim_id", "person_id", "district", "cause", "tier", "event_month", "stop_month"),
    *_may("first_conflict_month", "last_conflict_month"),
    *_must("overpaid_months", kind=Integer),
    *_must("overpaid_fen", "preventable_fen", "at_risk_fen", kind=BigInteger),
    *_must("link_tier"),
    *_may("link_probability", kind=PROBABILITY),
    *_must("legal_basis", "policy_version"),
    *_must("within_notice_period", "two_month_flag", "severe_flag", kind=Boolean),
    *_must("summary", "fingerprint", "status", "changed"),
    *_must("first_seen_as_of", "last_seen_as_of", kind=Date),
    UniqueConstraint("claim_id", "cause"),
    Index("candidate_claim", "claim_id"),
    Index("candidate_status", "status", "district"),
    Index("candidate_person", "person_id"),
)

evidence = Table(
    "evidence",
    OURS,
    _candidate(primary_key=True),
    *_key("feed", "delivery_id", "file"),
    *_key("line", kind=BigInteger),
    *_key("fact_key"),
    *_must("fact", "months", "weight", "reason_code", "note"),
)

overpayment = Table(
    "overpayment",
    OURS,
    _candidate(primary_key=True),
    *_must("claim_id", "benefit_month", "benefit_kind"),
    *_must("paid_fen", "recovered_fen", "due_fen", kind=BigInteger),
    *_must("recoverable_from_person", "counted", kind=Boolean),
    *_key("payment_id"),
)

preventable = Table(
    "preventable",
    OURS,
    _candidate(primary_key=True),
    *_must("claim_id", "benefit_month", "benefit_kind"),
    *_must("scheduled_fen", kind=BigInteger),
    *_must("recoverable_from_person", kind=Boolean),
    *_key("payment_id"),
)

excluded_match = Table(
    "excluded_match",
    OURS,
    *_key("claim_id", "cause", "feed", "delivery_id", "file"),
    *_key("line", kind=BigInteger),
    *_must("reason"),
    Index("excluded_reason", "reason"),
)

identity_question = Table(
    "identity_question",
    OURS,
    *_key("question_id"),
    *_must("kind", "claim_id", "person_id", "feed", "delivery_id", "file"),
    *_must("line", kind=BigInteger),
    *_may("probability", kind=PROBABILITY),
    *_must("explanation"),
)

material_request = Table(
    "material_request",
    OURS,
    *_key("claim_id", "reason"),
    *_must("asked_for"),
    *_must("due_on", kind=Date),
    *_must("status"),
)

entitlement_notice = Table(
    "entitlement_notice",
    OURS,
    *_key("claim_id", "kind"),
    *_must("basis", "note"),
)

review = Table(
    "review",
    OURS,
    *_key("review_id"),
    _candidate(),
    *_must("decision", "reason_code", "note", "decided_by"),
    *_must("decided_at", kind=TIMESTAMP),
    *_may("second_by"),
    *_may("second_at", kind=TIMESTAMP),
    Index("review_candidate", "candidate_id"),
)

judged_fact = Table(
    "judged_fact",
    OURS,
    *_key("candidate_id", "fact_key"),
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
)

audit_event = Table(
    "audit_event",
    OURS,
    *_key("seq", kind=BigInteger),
    *_must("at", kind=TIMESTAMP),
    *_must("actor", "action", "subject", "detail", "previous_hash", "hash"),
    UniqueConstraint("hash"),
    Index("audit_subject", "subject"),
)

report_export = Table(
    "report_export",
    OURS,
    *_key("export_id"),
    *_must("as_of", kind=Date),
    *_must("district", "format"),
    Index("export_night", "as_of"),
)

report_export_row = Table(
    "report_export_row",
    OURS,
    Column("export_id", Text, ForeignKey("report_export.export_id"), primary_key=True),
    _candidate(primary_key=True),
    *_must("seal", "facts"),
)

review_detail = Table(
    "review_detail",
    OURS,
    Column("review_id", Text, ForeignKey("review.review_id"), primary_key=True),
    *_must("cause", "tier", "policy_version"),
    *_may("export_id", "verified_how"),
    *_may("verified_on", "notice_on", kind=Date),
    *_may("stop_month"),
    *_may("recoverable_fen", "recovered_fen", kind=BigInteger),
    *_may("recovery_way", "document_no"),
    *_may("closed_on", kind=Date),
)

outbox = Table(
    "outbox",
    OURS,
    *_key("message_id"),
    *_must("as_of", kind=Date),
    *_must("title", "body"),
    *_must("queued_at", kind=TIMESTAMP),
    *_must("attempts", kind=Integer),
    *_may("sent_at", kind=TIMESTAMP),
)

backfill = Table(
    "backfill",
    OURS,
    *_key("first_night", "last_night", kind=Date),
    *_key("reason"),
    *_must("asked_by"),
    *_must("asked_at", kind=TIMESTAMP),
    *_may("done_through", kind=Date),
    *_may("finished_at", kind=TIMESTAMP),
)

probable_link = Table(
    "probable_link",
    OURS,
    *_must("pair_id", "person_id"),
    *_key("feed", "delivery_id", "file"),
    *_key("line", kind=BigInteger),
    *_must("tier"),
    *_must("probability", kind=PROBABILITY),
    *_must("explanation"),
)

identity_decision = Table(
    "identity_decision",
    OURS,
    *_key("pair_id"),
    *_must("decision", "reason", "decided_by"),
    *_must("decided_at", kind=TIMESTAMP),
)

run_epoch = Table(
    "run_epoch",
    UPKEEP,
    *_key("only_row", kind=Integer),
    *_must("epoch", kind=BigInteger),
)

applied_migration = Table(
    "applied_migration",
    UPKEEP,
    *_key("revision"),
    *_must("up_sha256", "down_sha256"),
)

desk_account = Table(
    "desk_account",
    DESK,
    *_key("account"),
    *_must("name", "signature", "role", "districts", "password_hash"),
    *_must("must_change", kind=Boolean),
    *_may("totp_secret"),
    *_may("totp_step", kind=BigInteger),
    *_must("failures", kind=Integer),
    *_may("barred_until", kind=TIMESTAMP),
    *_must("locked", kind=Boolean),
    *_must("made_by"),
    *_must("made_at", kind=TIMESTAMP),
    UniqueConstraint("signature"),
)

desk_session = Table(
    "desk_session",
    DESK,
    *_key("token_sha256"),
    *_account(),
    *_must("stage"),
    *_must("begun_at", "seen_at", kind=TIMESTAMP),
    Index("desk_session_account", "account"),
)

desk_assignment = Table(
    "desk_assignment",
    DESK,
    *_key("candidate_id"),
    *_account(),
    *_must("assigned_by"),
    *_must("assigned_at", kind=TIMESTAMP),
    Index("desk_assignment_account", "account"),
)

desk_attachment = Table(
    "desk_attachment",
    DESK,
    *_key("candidate_id"),
    *_key("sha256"),
    *_must("name", "media_type"),
    *_must("size", kind=BigInteger),
    *_must("added_by"),
    *_must("added_at", kind=TIMESTAMP),
)

desk_filter = Table(
    "desk_filter",
    DESK,
    *_account(primary_key=True),
    *_key("name"),
    *_must("query"),
    *_must("saved_at", kind=TIMESTAMP),
)

desk_export = Table(
    "desk_export",
    DESK,
    *_key("export_id"),
    *_must("kind", "subject", "districts"),
    *_must("rows_out", kind=BigInteger),
    *_must("sha256", "file", "asked_by"),
    *_must("asked_at", "expires_at", kind=TIMESTAMP),
)

desk_notice = Table(
    "desk_notice",
    DESK,
    *_key("number"),
    *_must("candidate_id", "kind", "template_sha256", "sha256", "issued_by"),
    *_must("issued_at", kind=TIMESTAMP),
    Index("desk_notice_candidate", "candidate_id"),
)
