"""A clean-up reads decades of records, writes what they show, and leaves the agency's relations alone."""

import csv
import json
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select, text

import sql
from pipelines.base.settings import Settings
from pipelines.cleanup import run as cleanup
from sql import cleanup_tables as t
from sql.tables import AGENCY, delivery
from tests.boundaries import watched

pytestmark = pytest.mark.filterwarnings("error::FutureWarning")
AS_OF = date(2026, 10, 20)


@pytest.fixture
def register(shared: Path, database_url: str, tmp_path: Path) -> Settings:
    """The settings of the made-up register, its relations in the database, every write to them aborted."""
    world = shared / "data" / "history-a"
    source = sql.connect(f"sqlite:///file:{world}/benefit.db?mode=ro&immutable=1&uri=true")
    engine = sql.connect(database_url)
    with source.connect() as before, engine.begin() as connection:
        for table in AGENCY.sorted_tables:
            connection.execute(insert(table), [dict(row) for row in before.execute(select(table)).mappings()])
    _forbid_writes(engine)
    source.dispose()
    engine.dispose()
    return Settings(
        database_url=database_url,
        inbox=world / "inbox",
        history=world / "history",
        store=tmp_path / "store",
        policy="chongqing",
    )


def _forbid_writes(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(
                text(
                    "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'written'; END $$"
                )
            )
        for table in AGENCY.tables:
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = f"refuse_{table}_{event}".lower()
                if engine.dialect.name == "postgresql":
                    body = f"BEFORE {event} ON public.{table} EXECUTE FUNCTION public.refuse()"
                else:
                    body = f"BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'written'); END"
                connection.execute(text(f"CREATE TRIGGER {name} {body}"))


def test_a_clean_up_says_what_is_true_writes_nothing_to_the_agency_and_says_it_again(
    register: Settings, shared: Path
) -> None:
    world = shared / "data" / "history-a"
    engine = sql.connect(register.database_url)

    with watched("matchers.cleanup", "pipelines.cleanup", "matchers.linkage") as passage:
        rehearsed = cleanup.run(register, AS_OF, apply=False)
    assert passage.faults == {}
    assert {"cleanup_spans", "cleanup_rows", "person_pairs", "entitlement_checks"} <= passage.names
    assert not rehearsed.written
    assert _rows(engine, t.cleanup_run) == _rows(engine, t.cleanup_finding) == _rows(engine, delivery) == []

    done = cleanup.run(register, AS_OF, apply=True)
    assert done.counts == rehearsed.counts
    _is_true(engine, world)

    before = {
        table.name: _rows(engine, table) for table in t.OURS.sorted_tables if table.name != "audit_event"
    }
    cleanup.run(replace(register, store=register.store.parent / "another"), AS_OF, apply=True)
    after = {
        table.name: _rows(engine, table) for table in t.OURS.sorted_tables if table.name != "audit_event"
    }
    assert after == before
    engine.dispose()


def _rows(engine: Engine, table: object) -> list[dict[str, object]]:
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]  # type: ignore[call-overload]
    return sorted(rows, key=str)


def _is_true(engine: Engine, world: Path) -> None:
    person = pd.read_csv(world / "truth_persons.csv", dtype=str).set_index("person_no")["entity"]
    pairs = {(row["a"], row["b"]): row for row in _truth(world, "truth_pairs")}
    clusters = _rows(engine, t.person_cluster)
    merged = {
        pair
        for c in clusters
        if c["outcome"] == "merge"
        for pair in combinations(str(c["members"]).split("+"), 2)
    }
    assert all(person[a] == person[b] for a, b in merged)
    for pair, row in pairs.items():
        assert pair not in merged or row["expect"] not in ("never_merge", "question_must", "question_may"), (
            row
        )
        assert pair in merged or row["expect"] != "merge_must", row

    key = ("check_code", "relation", "record_key", "column_name")
    findings = {tuple(row[c] for c in key): row for row in _rows(engine, t.cleanup_finding)}
    truth = {
        (r["code"], r["relation"], r["record_key"], r["column"]): r for r in _truth(world, "truth_findings")
    }
    open_codes = ("DUPLICATE_PERSON", "SHARED_NUMBER")
    assert {k for k in findings if k[0] not in open_codes} <= set(truth)
    assert {k for k, r in truth.items() if r["expect"] == "must"} <= set(findings)
    for k, row in findings.items():
        if k in truth and truth[k]["months"]:
            assert row["months"] == truth[k]["months"], k

    checks = {row["claim_id"]: row for row in _rows(engine, t.entitlement_check)}
    expected = {row["claim_id"]: row for row in _truth(world, "truth_entitlement")}
    assert set(checks) == set(expected)
    for claim, row in expected.items():
        for column in ("counted", "owed", "double", "gaps", "carried_over", "expected"):
            assert checks[claim][column] == int(row[column]), (claim, column)
        assert checks[claim]["direction"] == row["direction"], claim
        assert json.loads(str(checks[claim]["expected_if"]) or "{}") == json.loads(row["expected_if"] or "{}")

    counted = ("rows_read", "rows_rejected", "rows_dropped")
    landed = {row["feed"]: tuple(row[c] for c in counted) for row in _rows(engine, delivery)}
    for row in _truth(world, "counts"):
        counts = tuple(int(row[c]) for c in ("rows", "rejected", "dropped"))
        assert landed[f"history:{row['batch']}/{row['dataset']}"] == counts


def _truth(world: Path, name: str) -> list[dict[str, str]]:
    with (world / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
