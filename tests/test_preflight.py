"""A database on which a run could not do all its work is refused before anything is written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, make_url, select, text

import sql
from pipelines import night
from pipelines.base.failures import DatabaseFailed, translated
from pipelines.database.preflight import require_ready
from sql.tables import ADDED_TO, AGENCY, OURS, delivery
from tests.conftest import REPOSITORY
from tests.faults.town import FIRST, build

TABLES = (*AGENCY.sorted_tables, *OURS.sorted_tables)
ROLES = REPOSITORY / "sql" / "roles" / "postgresql.sql"
Alter = Callable[[str], None]


@pytest.fixture
def owner(database_url: str) -> Iterator[Alter]:
    """Runs a statement as the owner of the database."""
    engine = sql.connect(database_url)

    def alter(statement: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)

    yield alter
    engine.dispose()


def refused(engine: Engine) -> str:
    """The error of a database that is not ready; empty where it is."""
    try:
        with translated():
            require_ready(engine)
    except DatabaseFailed as failed:
        return str(failed)
    return ""


def place(table: Table, database: Engine) -> str:
    """The name under which any session finds the table."""
    schema = ("crossmatch." if table in OURS.sorted_tables else "public.") * (database.name == "postgresql")
    return schema + table.name


def test_a_migrated_database_with_the_four_relations_is_ready(database: Engine) -> None:
    assert refused(database) == ""


def test_every_missing_table_or_column_is_noticed(database: Engine, owner: Alter) -> None:
    noticed = 0
    for table in TABLES:
        there, last = place(table, database), list(table.columns)[-1].name
        for change, back in (
            (
                f"ALTER TABLE {there} RENAME TO away",
                f"ALTER TABLE {there.replace(table.name, 'away')} RENAME TO {table.name}",
            ),
            (
                f"ALTER TABLE {there} RENAME COLUMN {last} TO away",
                f"ALTER TABLE {there} RENAME COLUMN away TO {last}",
            ),
        ):
            owner(change)
            noticed += "crossmatch db upgrade" in refused(database)
            owner(back)
    assert noticed == 2 * len(TABLES)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_every_missing_right_is_noticed(database: Engine, database_url: str, owner: Alter) -> None:
    owner(ROLES.read_text("utf-8").replace("%", "%%"))
    engine = sql.connect(
        make_url(database_url).set(username="pipeline").render_as_string(hide_password=False)
    )
    rights = [("SELECT", t) for t in TABLES] + [("INSERT", t) for t in OURS.sorted_tables]
    rights += [("UPDATE", t) for t in OURS.sorted_tables if t.name not in ADDED_TO]
    assert refused(engine) == ""
    noticed = []
    for right, table in rights:
        owner(f"REVOKE {right} ON {place(table, database)} FROM pipeline")
        noticed.append("sql/roles/postgresql.sql" in refused(engine))
        owner(f"GRANT {right} ON {place(table, database)} TO pipeline")
    engine.dispose()
    assert all(noticed)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_read_only_database_is_noticed(database: Engine, owner: Alter) -> None:
    owner(f"ALTER DATABASE {database.url.database} SET default_transaction_read_only = on")
    assert "只读" in refused(database)


def test_a_night_on_an_unready_database_leaves_no_trace(
    database: Engine, database_url: str, owner: Alter, tmp_path: Path
) -> None:
    town = build(tmp_path, database_url)
    owner(f"ALTER TABLE {place(OURS.tables['overpayment'], database)} RENAME TO away")
    with pytest.raises(DatabaseFailed, match="crossmatch db upgrade"), translated():
        night.run(town.settings, FIRST)
    assert not (tmp_path / "store").exists()
    with database.connect() as connection:
        assert connection.execute(select(func.count()).select_from(delivery)).scalar_one() == 0
        assert connection.execute(text("SELECT epoch FROM run_epoch")).scalar_one() == 0
