"""汇总 — everything a run found, written in one transaction; the agency's relations are not touched.

A finding or cluster that is gone is withdrawn, a proposal whose record changed is stale, and one that people
rejected stays rejected: the same facts never come back.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete, insert, select

from matchers import law
from matchers.cleanup import steps
from matchers.cleanup.proposals import proposals, with_editors
from matchers.cleanup.readiness import conditions, readiness
from matchers.evidence import digest
from matchers.lifecycle import FindingStatus
from matchers.schemas import (
    CleanupFindings,
    CorrectionProposals,
    EntitlementChecks,
    PersonClusters,
    StandingValues,
    shown,
)
from pipelines.base import clock
from pipelines.cleanup.batches import Landed
from pipelines.cleanup.sources import Records
from pipelines.database import audit, lock
from pipelines.database.sync import sync
from pipelines.deliveries.ledger import record
from sql import cleanup_tables as tables


@shown("person_clusters", "cleanup_findings", "entitlement_checks")
@dataclass(frozen=True, slots=True)
class Result:
    """The frames of one run before they are written."""

    run_id: str
    input_digest: str
    as_of: date
    policy: law.Policy
    records: Records
    clusters: PersonClusters
    findings: CleanupFindings
    checks: EntitlementChecks
    chunks: tuple[tuple[str, int, int], ...]

    def counts(self) -> dict[str, int]:
        """Findings by check, merges, questions, and claims with another number of months."""
        by_check = self.findings["check_code"].value_counts().sort_index()
        outcome = self.clusters["outcome"].value_counts()
        return {
            **{str(code): int(n) for code, n in by_check.items()},
            "merge": int(outcome.get("merge", 0)),
            "question": int(outcome.get("question", 0)),
            "claims": len(self.checks),
            "proposals": len(self.proposals()),
        }

    def proposals(self) -> CorrectionProposals:
        """What is proposed, with the value that stands there now and who may not sign it."""
        owners = dict(zip(self.records.claims["claim_id"], self.records.claims["person_no"], strict=True))
        edited = self.records.key_changes.dropna(subset="changed_by")
        names = edited.groupby("person_no")["changed_by"].agg(lambda names: sorted(set(names)))
        editors = {str(person): list(own) for person, own in names.items()}
        return with_editors(proposals(self.findings, self.current()), owners, editors)

    def current(self) -> StandingValues:
        """relation, record_key, column_name, before_value of everything for which a value may be proposed."""
        persons, claims = self.records.persons, self.records.claims
        ids = self.records.aliases.groupby("uscc")["employer_id"].agg(lambda own: "+".join(sorted(set(own))))
        return pd.concat(
            [
                _values(persons["relation"], persons["person_no"], "id_number", persons["id_number"]),
                _values(persons["relation"], persons["person_no"], "name", persons["name_came"]),
                _values("claim", claims["claim_id"], "entitled_months", claims["entitled_months"]),
                _values("claim", claims["claim_id"], "last_employer_id", claims["last_employer_id"]),
                _values("employers", ids.index.to_series(), "employer_id", ids),
            ],
            ignore_index=True,
        )


def _values(relation: Any, key: "pd.Series[str]", column: str, value: Any) -> pd.DataFrame:
    text = value.astype(object).where(value.notna(), "").astype(str)
    frame = pd.DataFrame({"record_key": key, "before_value": text})
    return frame.assign(relation=relation, column_name=column).reset_index(drop=True)


def written(held: lock.Lock, result: Result, batches: list[Landed], by: str, reason: str) -> None:
    """Write the run and the batches it read; the same inputs again change nothing."""
    for one in batches:
        record(held, one.delivery)
    with held.writing() as connection:
        again = _latest(connection) == result.run_id
        _run(connection, result, batches)
        _chunks(connection, result)
        _findings(connection, result)
        _clusters(connection, result)
        checks = result.checks.assign(expected_if=result.checks["expected_if"].fillna(""))
        sync(connection, tables.entitlement_check, checks, key=["claim_id"],
             scope=tables.entitlement_check.c.claim_id.is_not(None))  # fmt: skip
        connection.execute(delete(tables.employer_alias))
        if rows := _rows(result.records.aliases):
            connection.execute(insert(tables.employer_alias), rows)
        _proposals(connection, result)
        _readiness(connection, result)
        if not again:
            detail = {"as_of": str(result.as_of), "reason": reason}
            audit.record(connection, by, "cleanup", result.run_id, detail)


def _latest(connection: Connection) -> str | None:
    """The run that was written last: written once more it changes nothing, and is no event."""
    c = tables.cleanup_run.c
    return connection.execute(select(c.run_id).order_by(c.finished_at.desc(), c.run_id).limit(1)).scalar()


def _run(connection: Connection, result: Result, batches: list[Landed]) -> None:
    c = tables.cleanup_run.c
    if connection.execute(select(c.run_id).where(c.run_id == result.run_id)).first() is None:
        connection.execute(
            insert(tables.cleanup_run).values(
                run_id=result.run_id,
                as_of=result.as_of,
                batches=json.dumps(sorted({one.batch for one in batches}), ensure_ascii=False),
                policy=result.policy.name,
                policy_version=result.policy.version,
                status="finished",
                started_at=clock.now(),
                finished_at=clock.now(),
                input_digest=result.input_digest,
                counts=json.dumps(result.counts(), sort_keys=True),
            )
        )


def _chunks(connection: Connection, result: Result) -> None:
    """Each stage and shard of the run, all of them done."""
    rows = pd.DataFrame(result.chunks, columns=["stage", "chunk", "findings"])
    counts = [json.dumps({"findings": n}) for n in rows.pop("findings")]
    done = rows.assign(run_id=result.run_id, input_digest=result.input_digest, status="done", counts=counts)
    own = tables.cleanup_chunk.c.run_id == result.run_id
    sync(connection, tables.cleanup_chunk, done, key=["run_id", "stage", "chunk"], scope=own)


def _findings(connection: Connection, result: Result) -> None:
    key = ["check_code", "relation", "record_key", "column_name"]
    ids = [digest(list(row)) for row in result.findings[key].itertuples(index=False, name=None)]
    _stay(
        connection,
        tables.cleanup_finding,
        result.findings.assign(finding_id=ids),
        "finding_id",
        result.run_id,
    )


def _clusters(connection: Connection, result: Result) -> None:
    _stay(connection, tables.person_cluster, result.clusters, "cluster_id", result.run_id)
    members = result.clusters.assign(person_no=result.clusters["members"].str.split("+")).explode("person_no")
    frame = members[["cluster_id", "person_no"]].assign(
        keep=members["person_no"] == members["keep_person_no"]
    )
    sync(connection, tables.person_cluster_member, frame, key=["cluster_id", "person_no"])


def _stay(connection: Connection, table: Table, rows: pd.DataFrame, key: str, run_id: str) -> None:
    """Rows that are there now are ``open``, those that were and are not any more ``withdrawn``."""
    before = pd.DataFrame(connection.execute(select(table)).mappings().all(), columns=list(table.c.keys()))
    now = rows.assign(status=FindingStatus.OPEN, first_run=run_id, last_run=run_id)
    gone = before[~before[key].isin(now[key])].assign(status=FindingStatus.WITHDRAWN)
    both = pd.concat([now, gone], ignore_index=True) if len(gone) else now
    sync(
        connection,
        table,
        both[[c.name for c in table.c if c.name in both]],
        key=[key],
        untouched=["first_run"],
    )


def _proposals(connection: Connection, result: Result) -> None:
    table = tables.correction_proposal
    before = pd.DataFrame(connection.execute(select(table)).mappings().all(), columns=list(table.c.keys()))
    now = result.proposals()
    status = steps.standing(before, now, result.current()).set_index("proposal_id")["status"]
    made = now.assign(first_run=result.run_id, last_run=result.run_id)
    gone = before[before["proposal_id"].isin(status.index) & ~before["proposal_id"].isin(now["proposal_id"])]
    both = pd.concat([made, gone.drop(columns="status")], ignore_index=True) if len(gone) else made
    both = both.assign(status=both["proposal_id"].map(status))
    sync(connection, table, both, key=["proposal_id"], untouched=["first_run"])


def _readiness(connection: Connection, result: Result) -> None:
    persons = conditions(result.records.persons, result.findings, result.checks, result.clusters)
    frame = readiness(persons).assign(run_id=result.run_id)
    key = ["run_id", "district", "population"]
    sync(connection, tables.readiness, frame, key=key, scope=tables.readiness.c.run_id == result.run_id)


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    days = {c: frame[c].dt.date for c in ("valid_from", "valid_to")}
    plain = frame.assign(**days).astype(object)
    rows: list[dict[str, object]] = plain.where(plain.notna(), None).to_dict("records")  # type: ignore[assignment]
    return rows
