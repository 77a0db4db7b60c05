"""``crossmatch db`` and ``crossmatch audit`` as a DBA and an auditor use them."""

import json

import pytest
import typer
from sqlalchemy import Engine, delete
from typer.testing import CliRunner, Result

from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.commands import audit as audit_command
from pipelines.commands import db
from pipelines.database import audit
from sql.migrations import migrations
from sql.tables import audit_event

REVISIONS = [m.revision for m in migrations()]


def crossmatch(url: str, *arguments: str) -> Result:
    app = typer.Typer()
    db.register(app)
    audit_command.register(app)
    return CliRunner().invoke(app, arguments, env={"CROSSMATCH_DATABASE_URL": url})


def test_db_upgrade_status_and_downgrade_tell_what_they_did(empty_url: str) -> None:
    assert json.loads(crossmatch(empty_url, "db", "upgrade", "--json").stdout) == {"applied": REVISIONS}
    assert "无需升级" in crossmatch(empty_url, "db", "upgrade").stdout
    back = crossmatch(empty_url, "db", "downgrade", REVISIONS[0], "--json").stdout
    assert json.loads(back) == {"reverted": REVISIONS[:0:-1]}
    listed = json.loads(crossmatch(empty_url, "db", "status", "--json").stdout)["migrations"]
    assert [m["applied"] for m in listed] == [True] + [False] * (len(REVISIONS) - 1)
    assert f"{REVISIONS[-1]}  未执行" in crossmatch(empty_url, "db", "status").stdout


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_db_sql_prints_what_a_dba_needs_from_any_version_on(dialect: str) -> None:
    every = crossmatch("sqlite://", "db", "sql", "--dialect", dialect).stdout
    later = crossmatch("sqlite://", "db", "sql", "--dialect", dialect, "--since", REVISIONS[0]).stdout
    assert "CREATE TABLE suspension_candidate" in every
    assert "CREATE TABLE suspension_candidate" not in later
    assert "CREATE TABLE run_epoch" in later
    assert every.strip().startswith("BEGIN")
    assert every.strip().endswith("COMMIT;")
    assert ("CREATE SCHEMA" in every) == (dialect == "postgresql")


def test_audit_verify_accepts_a_sound_chain_and_fails_on_a_cut_one(
    database: Engine, database_url: str
) -> None:
    with database.begin() as connection:
        for subject in ("c1", "c2"):
            reached = audit.record(connection, "甲", "review", subject, {})
    verdict = json.loads(crossmatch(database_url, "audit", "verify", "--head", reached, "--json").stdout)
    assert verdict == {"events": 2, "head": reached, "faults": []}
    with database.begin() as connection:
        connection.execute(delete(audit_event).where(audit_event.c.seq == 2))
    failed = crossmatch(database_url, "audit", "verify", "--head", reached)
    assert isinstance(failed.exception, CrossmatchError)
    assert failed.exception.exit_code == 1


def test_a_downgrade_names_what_it_would_delete_and_deletes_nothing_unasked(
    database: Engine, database_url: str
) -> None:
    with database.begin() as connection:
        audit.record(connection, "甲", "review", "c1", {})
    refused = crossmatch(database_url, "db", "downgrade", "base")
    assert isinstance(refused.exception, UsageError)
    assert "audit_event（1 行）" in str(refused.exception)
    assert audit.verify(database).events == 1
    assert isinstance(crossmatch(database_url, "db", "downgrade", "0099", "--yes").exception, UsageError)
    assert "已撤回" in crossmatch(database_url, "db", "downgrade", "base", "--yes").stdout


def test_the_audit_is_listed_newest_first_and_one_event_is_shown(database: Engine, database_url: str) -> None:
    with database.begin() as connection:
        for actor, subject in (("甲", "c1"), ("乙", "c2"), ("甲", "c3")):
            audit.record(connection, actor, "review", subject, {"decision": "dispatched"})
    listed = json.loads(crossmatch(database_url, "audit", "list", "--by", "甲", "--json").stdout)
    assert [event["subject"] for event in listed] == ["c3", "c1"]
    assert crossmatch(database_url, "audit", "list", "--limit", "1").stdout.split()[-1] == "c3"
    assert crossmatch(database_url, "audit", "list").stdout.splitlines()[0] == "序号  时间  人员  事项  对象"
    assert "办理疑点（review）" in crossmatch(database_url, "audit", "list").stdout
    assert "没有这样的记录" in crossmatch(database_url, "audit", "list", "--subject", "c9").stdout
    assert "decision：dispatched" in crossmatch(database_url, "audit", "show", "2").stdout
    assert isinstance(crossmatch(database_url, "audit", "show", "9").exception, UsageError)
