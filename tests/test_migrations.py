"""Migrations keep the data, happen whole or not at all, and are not edited once they have run."""

import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Engine,
    MetaData,
    Table,
    event,
    func,
    insert,
    inspect,
    select,
    update,
)

import sql
from pipelines.base.errors import UsageError
from pipelines.database.migrate import BASE, downgrade, status, upgrade
from sql.migrations import migrations
from sql.tables import applied_migration

ROWS = 500
REVISIONS = [m.revision for m in migrations()]
KEPT_BY_ITSELF = {"alembic_version", "applied_migration", "run_epoch"}
ONE_OF = {
    ("match_run", "status"): "succeeded",
    ("delivery", "health"): "accepted",
    ("suspension_candidate", "tier"): "lead",
    ("suspension_candidate", "status"): "open",
    ("evidence", "weight"): "supports",
    ("identity_question", "kind"): "shared_id",
    ("material_request", "status"): "open",
    ("cleanup_run", "status"): "finished",
    ("cleanup_finding", "confidence"): "ask",
    ("cleanup_finding", "favours"): "nobody",
    ("cleanup_finding", "status"): "open",
    ("person_cluster", "outcome"): "question",
    ("person_cluster", "status"): "open",
    ("entitlement_check", "direction"): "equal",
    ("correction_proposal", "status"): "proposed",
    ("correction_decision", "decision"): "accepted",
    ("correction_export_row", "action"): "correct",
    ("entitlement_notice", "kind"): "survivors",
    ("probable_link", "tier"): "repaired",
    ("identity_decision", "decision"): "same",
    ("desk_account", "role"): "handler",
    ("desk_session", "stage"): "open",
    ("desk_attachment", "media_type"): "application/pdf",
    ("risk_signal", "subject_kind"): "claim",
    ("risk_signal", "level"): "lead",
    ("risk_signal", "status"): "open",
    ("risk_fact", "weight"): "supports",
    ("risk_seen", "level"): "lead",
    ("quality_check", "stratum"): "clean",
    ("quality_check", "verdict"): "right",
}
Rows = list[dict[str, object]]
Content = dict[str, Rows]


def tables(engine: Engine) -> list[Table]:
    """Our tables as they are at this moment, referred ones first."""
    reflected = MetaData()
    reflected.reflect(engine)
    return [t for t in reflected.sorted_tables if t.name not in KEPT_BY_ITSELF]


def value(column: Column[Any], number: int) -> object:
    if (column.table.name, column.name) in ONE_OF:
        return ONE_OF[column.table.name, column.name]
    if isinstance(column.type, DateTime):
        return datetime(2026, 3, 1, 1, 30)
    if isinstance(column.type, Date):
        return date.fromordinal(date(2026, 3, 1).toordinal() + number)
    if column.type.python_type is str:
        return f"{column.name}-{number}"
    return number if column.primary_key else column.type.python_type(0)


def fill(engine: Engine) -> Content:
    """Puts rows into every table that has none; what all of them hold then."""
    with engine.begin() as connection:
        for table in tables(engine):
            if not connection.execute(select(func.count()).select_from(table)).scalar_one():
                rows = [{c.name: value(c, n) for c in table.columns} for n in range(ROWS)]
                connection.execute(insert(table), rows)
    return content(engine)


def content(engine: Engine) -> Content:
    with engine.connect() as connection:
        return {
            t.name: sorted(map(dict, connection.execute(select(t)).mappings()), key=str)
            for t in tables(engine)
        }


def as_it_was(now: Content, before: Content) -> Content:
    """What ``now`` holds in the tables and columns that there were ``before``."""
    columns = {name: rows[0].keys() for name, rows in before.items()}
    kept = {name: [{c: row[c] for c in columns[name]} for row in now[name]] for name in before}
    return {name: sorted(rows, key=str) for name, rows in kept.items()}


@pytest.fixture
def engine(empty_url: str) -> Engine:
    """An engine on a database that has the first migration."""
    upgrade(sql.connect(empty_url), REVISIONS[0])
    return sql.connect(empty_url)


def test_every_migration_goes_up_down_and_up_again_and_keeps_the_data(engine: Engine) -> None:
    before = fill(engine)
    assert all(len(rows) == ROWS for rows in before.values())
    for earlier, revision in pairwise(REVISIONS):
        assert upgrade(engine, revision) == [revision]
        assert as_it_was(content(engine), before) == before
        fill(engine)
        assert downgrade(engine, earlier) == [revision]
        assert content(engine) == before
        assert upgrade(engine, revision) == [revision]
        before = fill(engine)


def die_at(url: str, work: Callable[[Engine], object], statement: int) -> None:
    engine = sql.connect(url)
    seen = iter(range(1, statement))

    @event.listens_for(engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        if next(seen, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    work(engine)


def down(engine: Engine) -> list[str]:
    return downgrade(engine, BASE)


@pytest.mark.parametrize("work", [upgrade, down])
def test_a_migration_killed_at_any_statement_has_done_nothing(
    empty_url: str, work: Callable[[Engine], object]
) -> None:
    engine = sql.connect(empty_url)
    if work is down:
        upgrade(engine)
    before, killed = status(engine), 0
    while True:
        child = multiprocessing.get_context("fork").Process(target=die_at, args=(empty_url, work, killed + 1))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        assert status(engine) == before
        killed += 1
    assert killed > len(REVISIONS) * 3
    assert status(engine) != before
    left = set(inspect(sql.connect(empty_url)).get_table_names()) - {"alembic_version"}
    assert bool(left) == (work is upgrade)


def test_a_migration_edited_after_it_ran_is_refused(database: Engine) -> None:
    edited = update(applied_migration).where(applied_migration.c.revision == REVISIONS[0])
    with database.begin() as connection:
        connection.execute(edited.values(up_sha256="0" * 64))
    for work in (upgrade, down, status):
        with pytest.raises(UsageError, match=f"{REVISIONS[0]} 执行之后文件被改动"):
            work(database)


def test_a_database_newer_than_the_program_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(insert(applied_migration).values(revision="9999", up_sha256="", down_sha256=""))
    with pytest.raises(UsageError, match="请升级程序"):
        upgrade(database)


FACTS = 100_000
MANY_FACTS = """
    INSERT INTO {0}evidence (candidate_id, feed, delivery_id, file, line, fact_key, fact, months, weight,
                             reason_code, note)
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {1})
    SELECT 'candidate_id-0', 'hires', 'hires/2026-01-10', 'h.csv', n, 'fact-' || n, '', '', 'supports', '', ''
      FROM n
"""


def facts(engine: Engine) -> tuple[int, str]:
    """How many facts there are, and a digest of them."""
    digest, many = hashlib.sha256(), 0
    with engine.connect() as connection:
        evidence = next(table for table in tables(engine) if table.name == "evidence")
        for row in connection.execute(select(evidence).order_by(evidence.c.line)):
            digest.update(repr(tuple(row)).encode())
            many += 1
    return many, digest.hexdigest()


def test_a_hundred_thousand_facts_survive_migrations_that_are_killed(engine: Engine, empty_url: str) -> None:
    fill(engine)
    schema = "crossmatch." if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {schema}evidence")
        connection.exec_driver_sql(MANY_FACTS.format(schema, FACTS))
    before = facts(engine)
    assert before[0] == FACTS
    for work in (upgrade, partial(downgrade, to=REVISIONS[0])):
        states = status(engine)
        for statement in (5, 12):
            child = multiprocessing.get_context("fork").Process(
                target=die_at, args=(empty_url, work, statement)
            )
            child.start()
            child.join()
            assert child.exitcode == -signal.SIGKILL
        assert status(engine) == states
        work(engine)
        assert facts(engine) == before
