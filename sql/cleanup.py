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

from sql.tables import OURS, PROBABILITY, _key, _may, _must

cleanup_run = Table(
    "cleanup_run",
    OURS,
    *_key("run_id"),
    *_must("as_of", kind=Date),
    *_must("batches", "policy", "policy_version", "status"),
    *_must("started_at", kind=TIMESTAMP),
    *_may("finished_at", kind=TIMESTAMP),
    *_must("input_digest", "counts"),
)

cleanup_chunk = Table(
    "cleanup_chunk",
    OURS,
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), primary_key=True),
    *_key("stage"),
    *_key("chunk", kind=Integer),
    *_must("input_digest", "status", "counts"),
)

cleanup_finding = Table(
    "cleanup_finding",
    OURS,
    *_key("finding_id"),
    *_must("check_code", "relation", "record_key", "column_name", "district", "months", "value"),
    *_must("confidence", "favours", "why", "evidence", "status", "first_run", "last_run"),
    UniqueConstraint("check_code", "relation", "record_key", "column_name"),
    Index("cleanup_finding_district", "district", "check_code"),
)

person_cluster = Table(
    "person_cluster",
    OURS,
    *_key("cluster_id"),
    *_must("tier", "outcome", "members", "keep_person_no"),
    *_must("probability", kind=PROBABILITY),
    *_must("why", "status", "first_run", "last_run"),
)

person_cluster_member = Table(
    "person_cluster_member",
    OURS,
    Column("cluster_id", Text, ForeignKey("person_cluster.cluster_id"), primary_key=True),
    *_key("person_no"),
    *_must("keep", kind=Boolean),
)

entitlement_check = Table(
    "entitlement_check",
    OURS,
    *_key("claim_id"),
    *_must("person_no"),
    *_must(
        "counted", "owed", "double", "gaps", "deemed", "carried_over", "expected", "recorded", kind=Integer
    ),
    *_must("exact", kind=Boolean),
    *_must("direction"),
    *_must("months_short", kind=Integer),
    *_must("short_fen", kind=BigInteger),
    *_must("expected_if"),
)

employer_alias = Table(
    "employer_alias",
    OURS,
    *_must("employer_id", "uscc", "name"),
    *_may("valid_from", "valid_to", kind=Date),
    *_must("basis", "confidence"),
)

readiness = Table(
    "readiness",
    OURS,
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), primary_key=True),
    *_key("district", "population"),
    *_must(
        "people", "number", "one_registration", "contact", "account", "employer", "entitlement", kind=Integer
    ),
    *_must("all_six", kind=Integer),
    *_must("best_repair"),
)

correction_proposal = Table(
    "correction_proposal",
    OURS,
    *_key("proposal_id"),
    *_must("check_code", "district", "relation", "record_key", "column_name", "before_value", "after_value"),
    *_must("why", "evidence", "confidence", "favours", "proof_needed", "status", "first_run", "last_run"),
    Index("correction_proposal_district", "district", "status"),
)

correction_decision = Table(
    "correction_decision",
    OURS,
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *_must("decision", "reason"),
    Column("decided_by", Text, primary_key=True),
    Column("decided_at", TIMESTAMP, primary_key=True),
    *_may("second_by"),
    *_may("second_at", kind=TIMESTAMP),
)

correction_export = Table(
    "correction_export",
    OURS,
    *_key("export_id"),
    *_must("district", "sha256", "signed_by"),
)

correction_export_row = Table(
    "correction_export_row",
    OURS,
    Column("export_id", Text, ForeignKey("correction_export.export_id"), primary_key=True),
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *_must("action"),
)

correction_list = Table(
    "correction_list",
    OURS,
    *_key("list_id"),
    Column("run_id", Text, ForeignKey("cleanup_run.run_id"), nullable=False),
    *_must("district", "format"),
)

correction_list_row = Table(
    "correction_list_row",
    OURS,
    Column("list_id", Text, ForeignKey("correction_list.list_id"), primary_key=True),
    Column("proposal_id", Text, ForeignKey("correction_proposal.proposal_id"), primary_key=True),
    *_must("seal"),
)
