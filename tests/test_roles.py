"""On PostgreSQL the night may do what it must and nothing else, over TLS, and no log tells of a person."""

import traceback
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

import sql
from pipelines.base.errors import UsageError
from pipelines.base.failures import DatabaseFailed, translated
from pipelines.database.migrate import opened, status
from sql.tables import ADDED_TO, AGENCY, OURS, UPKEEP, recipient, release_decision
from tests.postgres import Server

SCRIPT = Path(sql.__file__).parent / "roles" / "postgresql.sql"
CANARY = "50019919850101001X"
KEPT = {"match_run", "review", "review_detail", "review_money"}
FIXED = {"applied_migration", "alembic_version"}


@pytest.fixture
def granted(postgresql_url: str) -> str:
    """The URL of a database on which the role script has run twice."""
    conninfo = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in range(2):
            connection.execute(SCRIPT.read_bytes())
    return postgresql_url


@pytest.fixture
def pipeline(granted: str) -> Iterator[Engine]:
    engine = sql.connect(_as(granted, "pipeline"))
    yield engine
    engine.dispose()


def _as(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def privileges(url: str, role: str) -> dict[str, set[str]]:
    granted: dict[str, set[str]] = defaultdict(set)
    wanted = text(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = :role"
    )
    with sql.connect(url).connect() as connection:
        for table, privilege in connection.execute(wanted, {"role": role}):
            granted[table].add(privilege)
    return dict(granted)


def test_the_pipeline_reads_the_agency_writes_ours_and_has_no_other_privilege(granted: str) -> None:
    expected = {table: {"SELECT"} for table in {*AGENCY.tables, *FIXED}}
    for table in {*OURS.tables, *UPKEEP.tables} - FIXED:
        expected[table] = {"SELECT", "INSERT"}
        if table not in ADDED_TO:
            expected[table] |= {"UPDATE"} if table in KEPT else {"UPDATE", "DELETE"}
    assert privileges(granted, "pipeline") == expected


def test_the_reader_sees_our_tables_and_not_the_agencys(granted: str) -> None:
    assert privileges(granted, "reader") == {
        table: {"SELECT"} for table in {*OURS.tables, *UPKEEP.tables, "alembic_version"}
    }


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO recipient (person_id, id_kind) VALUES ('p', 'passport')",
        "UPDATE payment SET state = 'returned'",
        "DELETE FROM claim",
        "TRUNCATE recovery",
        "CREATE TABLE public.mine (x text)",
        "CREATE TABLE crossmatch.mine (x text)",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM review",
        "ALTER TABLE suspension_candidate DISABLE TRIGGER ALL",
        "SET ROLE postgres",
    ],
)
def test_the_pipeline_is_refused(pipeline: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError) as refused, pipeline.begin() as connection:
        connection.execute(text(statement))
    assert getattr(refused.value.orig, "sqlstate", None) == "42501"


def test_the_pipeline_can_do_its_work(pipeline: Engine) -> None:
    assert all(state.applied for state in status(pipeline))
    with pipeline.begin() as connection:
        assert connection.execute(select(recipient)).all() == []
        connection.execute(text("CREATE TEMPORARY TABLE stage_x (x text) ON COMMIT DROP"))


def test_no_row_of_a_failed_statement_reaches_an_exception_or_the_servers_log(
    pipeline: Engine, postgres: Server
) -> None:
    row = {"subject": CANARY, "released_by": "甲", "reason": CANARY, "released_at": "2026-03-01T00:00:00"}
    insertion = text(
        "INSERT INTO release_decision (subject, released_by, reason, released_at)"
        " VALUES (:subject, :released_by, :reason, CAST(:released_at AS timestamp))"
    )
    for changed in ({}, {"released_at": CANARY}, {"reason": None}):
        with pytest.raises(DatabaseFailed) as failed, translated(), pipeline.begin() as connection:
            connection.execute(insertion, [row, row | changed])
        assert failed.value.__suppress_context__
        assert CANARY not in "".join(traceback.format_exception(failed.value.__context__))
    postgres.execute("DO $$ BEGIN RAISE WARNING 'the log is written'; END $$")
    log = postgres.log.read_text("utf-8")
    assert "the log is written" in log
    assert CANARY not in log


def test_a_failed_bulk_insert_says_nothing_of_its_rows(pipeline: Engine) -> None:
    rows = [(CANARY, "甲", CANARY, CANARY)]
    with pytest.raises(DatabaseFailed) as failed, translated(), pipeline.begin() as connection:
        sql.copy_rows(connection, release_decision, rows)
    assert "22007" in str(failed.value)
    assert CANARY not in "".join(traceback.format_exception(failed.value.__context__))


def test_a_violated_constraint_is_named_with_what_to_do(database: Engine) -> None:
    row = {"subject": "s", "released_by": "甲", "reason": "", "released_at": None}
    with pytest.raises(DatabaseFailed, match="违反表的约束"), translated(), database.begin() as connection:
        connection.execute(insert(release_decision).values(row))


def test_a_missing_table_asks_for_an_upgrade(empty_url: str) -> None:
    with pytest.raises(DatabaseFailed, match="crossmatch db upgrade"), opened(empty_url) as engine:
        engine.connect().execute(select(release_decision))


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_another_machine_is_never_reached_without_tls(mode: str) -> None:
    with (
        pytest.raises(UsageError, match="sslmode=require"),
        opened(f"postgresql://db.example/b?sslmode={mode}"),
    ):
        pass


def test_a_server_without_tls_on_another_machine_is_refused(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_url(postgresql_url).set(host="127.0.0.2")
    engine = sql.connect(elsewhere.render_as_string())
    with pytest.raises(DatabaseFailed), translated():
        engine.connect()


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    with (
        pytest.raises(DatabaseFailed, match="无法连接待遇库"),
        opened("postgresql://x@127.0.0.1:1/b") as engine,
    ):
        engine.connect()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("lock_timeout", "5s"),
        ("statement_timeout", "30min"),
        ("idle_in_transaction_session_timeout", "30min"),
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
        ("synchronous_commit", "on"),
        ("search_path", "crossmatch,public"),
        ("TimeZone", "UTC"),
    ],
)
def test_a_session_waits_for_nobody_for_ever_and_keeps_what_it_committed(
    postgresql_url: str, setting: str, value: str
) -> None:
    with sql.connect(postgresql_url).connect() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar_one() == value
