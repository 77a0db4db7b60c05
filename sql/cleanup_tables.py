"""The tables of a historical clean-up, part of ``OURS``; what nights and people write stands in
``tables``.
"""

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from sql.columns import PROBABILITY, key, may, must
from sql.tables import OURS

cleanup_run = Table(
    "cleanup_run",
    OURS,
    *key("run_id"),
    *must("as_of", kind=Date),
    *must("batches", "policy", "policy_version", "status"),
    *must("started_at", kind=TIMESTAMP),
    *may("finished_at", kind=TIMESTAMP),
    *must("input_digest", "counts"),
)

cleanup_chunk = Table(
    "cleanup_chunk",
    OURS,
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), primary_key=True),
    *key("stage"),
    *key("chunk", kind=Integer),
    *must("input_digest", "status", "counts"),
)

cleanup_finding = Table(
    "cleanup_finding",
    OURS,
    *key("finding_id"),
    *must("check_code", "relation", "record_key", "column_name", "district", "months", "value"),
    *must("confidence", "favours", "why", "evidence", "status", "first_run", "last_run"),
    UniqueConstraint("check_code", "relation", "record_key", "column_name"),
    Index("cleanup_finding_district", "district", "check_code"),
)

person_cluster = Table(
    "person_cluster",
    OURS,
    *key("cluster_id"),
    *must("tier", "outcome", "members", "keep_person_no"),
    *must("probability", kind=PROBABILITY),
    *must("why", "status", "first_run", "last_run"),
)

person_cluster_member = Table(
    "person_cluster_member",
    OURS,
    Column("cluster_id", Text, ForeignKey("person_cluster.cluster_id"), primary_key=True),
    *key("person_no"),
    *must("keep", kind=Boolean),
)

entitlement_check = Table(
    "entitlement_check",
    OURS,
    *key("claim_id"),
    *must("person_no"),
    *must(
        "counted", "owed", "double", "gaps", "deemed", "carried_over", "expected", "recorded", kind=Integer
    ),
    *must("exact", kind=Boolean),
    *must("direction"),
    *must("months_short", kind=Integer),
    *must("short_fen", kind=BigInteger),
    *must("expected_if"),
)

employer_alias = Table(
    "employer_alias",
    OURS,
    *must("employer_id", "uscc", "name"),
    *may("valid_from", "valid_to", kind=Date),
    *must("basis", "confidence"),
)

readiness = Table(
    "readiness",
    OURS,
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), primary_key=True),
    *key("district", "population"),
    *must(
        "people", "number", "one_registration", "contact", "account", "employer", "entitlement", kind=Integer
    ),
    *must("all_six", kind=Integer),
    *must("best_repair"),
)

correction_proposal = Table(
    "correction_proposal",
    OURS,
    *key("proposal_id"),
    *must("check_code", "district", "relation", "record_key", "column_name", "before_value", "after_value"),
    *must("why", "evidence", "confidence", "favours", "proof_needed", "status", "first_run", "last_run"),
    Index("correction_proposal_district", "district", "status"),
)

correction_decision = Table(
    "correction_decision",
    OURS,
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *must("decision", "reason"),
    Column("decided_by", Text, primary_key=True),
    Column("decided_at", TIMESTAMP, primary_key=True),
    *may("second_by"),
    *may("second_at", kind=TIMESTAMP),
)

correction_export = Table(
    "correction_export",
    OURS,
    *key("export_id"),
    *must("district", "sha256", "signed_by"),
)

correction_export_row = Table(
    "correction_export_row",
    OURS,
    Column("export_id", Text, ForeignKey("correction_export.export_id"), primary_key=True),
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *must("action"),
)

correction_list = Table(
    "correction_list",
    OURS,
    *key("list_id"),
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), nullable=False),
    *must("district", "format"),
)

correction_list_row = Table(
    "correction_list_row",
    OURS,
    Column("list_id", Text, ForeignKey("correction_list.list_id"), primary_key=True),
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *must("seal"),
)
