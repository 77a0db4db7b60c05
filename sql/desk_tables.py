"""``DESK``: what the desk alone reads and writes: accounts, sessions, and what people keep there."""

from collections.abc import Iterator
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

from sql.columns import key, may, must

DESK = MetaData()


def account(primary_key: bool = False) -> Iterator[Column[Any]]:
    """The account that a row belongs to."""
    yield Column("account", Text, ForeignKey("desk_account.account"), primary_key=primary_key, nullable=False)


desk_account = Table(
    "desk_account",
    DESK,
    *key("account"),
    *must("name", "signature", "role", "districts", "password_hash"),
    *must("must_change", kind=Boolean),
    *may("totp_secret"),
    *may("totp_step", kind=BigInteger),
    *must("failures", kind=Integer),
    *may("barred_until", kind=TIMESTAMP),
    *must("locked", kind=Boolean),
    *must("made_by"),
    *must("made_at", kind=TIMESTAMP),
    *may("subject_sha256"),
    UniqueConstraint("signature"),
    Index("desk_account_subject", "subject_sha256", unique=True),
)

desk_session = Table(
    "desk_session",
    DESK,
    *key("token_sha256"),
    *account(),
    *must("stage"),
    *must("begun_at", "seen_at", kind=TIMESTAMP),
    Index("desk_session_account", "account"),
)

desk_sign_in = Table(
    "desk_sign_in",
    DESK,
    *key("state_sha256"),
    *must("browser_sha256", "nonce", "verifier"),
    *must("begun_at", kind=TIMESTAMP),
)

desk_draft = Table(
    "desk_draft",
    DESK,
    *account(primary_key=True),
    *key("page"),
    *must("fields"),
    *must("kept_at", kind=TIMESTAMP),
    *may("shown_at", kind=TIMESTAMP),
)

desk_assignment = Table(
    "desk_assignment",
    DESK,
    *key("candidate_id"),
    *account(),
    *must("assigned_by"),
    *must("assigned_at", kind=TIMESTAMP),
    Index("desk_assignment_account", "account"),
)

reply_deadline = Table(
    "reply_deadline",
    DESK,
    *key("candidate_id"),
    *must("reply_by", kind=Date),
    *must("set_by"),
    *must("set_at", kind=TIMESTAMP),
    Index("reply_deadline_day", "reply_by", "candidate_id"),
)

desk_attachment = Table(
    "desk_attachment",
    DESK,
    *key("candidate_id"),
    *key("sha256"),
    *must("name", "media_type"),
    *must("size", kind=BigInteger),
    *must("added_by"),
    *must("added_at", kind=TIMESTAMP),
)

desk_filter = Table(
    "desk_filter",
    DESK,
    *account(primary_key=True),
    *key("name"),
    *must("query"),
    *must("saved_at", kind=TIMESTAMP),
)

desk_export = Table(
    "desk_export",
    DESK,
    *key("export_id"),
    *must("kind", "subject", "districts"),
    *must("rows_out", kind=BigInteger),
    *must("sha256", "file", "asked_by"),
    *must("asked_at", "expires_at", kind=TIMESTAMP),
)

desk_notice = Table(
    "desk_notice",
    DESK,
    *key("number"),
    *must("candidate_id", "kind", "template_sha256", "sha256", "issued_by"),
    *must("issued_at", kind=TIMESTAMP),
    Index("desk_notice_candidate", "candidate_id"),
)

notice_counter = Table(
    "notice_counter",
    DESK,
    *key("kind"),
    *key("year", kind=Integer),
    *must("last", kind=Integer),
)
