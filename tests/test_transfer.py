"""Our tables move from one database to another whole, and an upgrade is tried on a copy first."""

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import Result

import sql
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.database import audit, migrate, rehearsal, transfer
from sql.migrations import migrations
from sql.tables import audit_event, evidence, suspension_candidate
from tests.findings import city
from tests.test_database_commands import crossmatch

OLDER, NEWEST = (m.revision for m in migrations()[-2:])


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database on SQLite with findings of two nights, decisions and an audit."""
    shutil.copyfile(sqlite_template, tmp_path / "small.db")
    url = f"sqlite:///{tmp_path / 'small.db'}"
    engine = sql.connect(url)
    city(claims=40).fill(engine)
    with engine.begin() as connection:
        audit.record(connection, "甲", "review", "c1", {"reason": "号码\n换行"})
    engine.dispose()
    return url


def moved(source: str, target: str, *options: str) -> Result:
    return crossmatch(source, "db", "transfer", target, *options)


def test_every_row_arrives_on_the_server_with_the_same_count_and_digest(
    sqlite_url: str, postgresql_url: str
) -> None:
    tables = json.loads(moved(sqlite_url, postgresql_url, "--json").stdout)["tables"]
    by_name = {one["table"]: one["rows"] for one in tables}
    source, target = sql.connect(sqlite_url), sql.connect(postgresql_url)
    assert transfer.count(source) == transfer.count(target) == by_name
    assert by_name[evidence.name] > 40
    assert by_name[suspension_candidate.name] > 0
    with source.connect() as one, target.connect() as other:
        for table in (evidence, suspension_candidate, audit_event):
            ordered = sa.select(table).order_by(*table.primary_key)
            assert sorted(map(tuple, one.execute(ordered)), key=repr) == sorted(
                map(tuple, other.execute(ordered)), key=repr
            )
    assert audit.verify(target) == audit.verify(source)


def test_a_target_that_holds_rows_is_left_as_it_is(sqlite_url: str, postgresql_url: str) -> None:
    assert moved(sqlite_url, postgresql_url).exit_code == 0
    target = sql.connect(postgresql_url)
    before = transfer.count(target)
    refused = moved(sqlite_url, postgresql_url)
    assert isinstance(refused.exception, UsageError)
    assert "目标库不是空的" in str(refused.exception)
    assert transfer.count(target) == before


def test_a_row_that_does_not_arrive_as_it_was_leaves_nothing_behind(
    sqlite_url: str, postgresql_url: str
) -> None:
    target = sql.connect(postgresql_url)
    migrate.upgrade(target)
    with target.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION crossmatch.spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN NEW.note := NEW.note || ''!''; RETURN NEW; END'"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER spoil BEFORE INSERT ON crossmatch.evidence "
            "FOR EACH ROW EXECUTE FUNCTION crossmatch.spoil()"
        )
    with pytest.raises(CrossmatchError, match="写入与读出不一致：evidence"):
        transfer.transfer(sql.connect(sqlite_url), target)
    assert not any(rows for name, rows in transfer.count(target).items() if name != "run_epoch")


def test_a_password_on_the_command_line_is_refused(sqlite_url: str) -> None:
    refused = moved(sqlite_url, "postgresql+psycopg://u:geheim@localhost:1/benefit")
    assert isinstance(refused.exception, UsageError)
    assert "geheim" not in str(refused.exception) + refused.output


def test_an_upgrade_is_rehearsed_on_a_copy_and_the_database_stays_as_it_is(
    database: sa.Engine, database_url: str, tmp_path: Path
) -> None:
    city(claims=20).fill(database)
    migrate.downgrade(database, OLDER)
    backup = tmp_path / "backup.db"
    done = json.loads(crossmatch(database_url, "db", "rehearse", str(backup), "--json").stdout)
    assert done["applied"] == [NEWEST]
    assert done["before"]["evidence"] == done["after"]["evidence"] > 0
    assert [state.applied for state in migrate.status(database)][-2:] == [True, False]
    assert transfer.count(sql.connect(f"sqlite:///{backup}")) == done["before"]
    assert isinstance(crossmatch(database_url, "db", "rehearse", str(backup)).exception, UsageError)
    assert list(tmp_path.glob(".*.trial")) == []


def test_rows_that_an_upgrade_loses_are_named() -> None:
    done = rehearsal.Rehearsed(
        (NEWEST,), {"review": 3, "evidence": 2, "outbox": 0}, {"review": 3, "evidence": 1}
    )
    assert done.differ == ("evidence",)
