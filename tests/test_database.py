"""Our tables come and go by numbered migrations, on both databases, all or nothing."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, Index, MetaData, inspect

import sql
from pipelines.base.errors import UsageError
from pipelines.database.migrate import BASE, ddl, downgrade, status, upgrade
from sql.desk_tables import DESK
from sql.migrations import migrations
from sql.tables import AGENCY, OURS, UPKEEP


def schema_of(engine: Engine, metadata: MetaData) -> str | None:
    """None means the first schema on the search path."""
    return "public" if engine.dialect.name == "postgresql" and metadata is AGENCY else None


@pytest.mark.parametrize("metadata", [OURS, UPKEEP, DESK, AGENCY], ids=["ours", "upkeep", "desk", "agency"])
def test_the_declared_tables_are_those_of_a_migrated_database(database: Engine, metadata: MetaData) -> None:
    schema = schema_of(database, metadata)
    declared = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(declared, schema=schema)

    def of_this_kind(thing: object, name: str | None, kind: str, *_: object) -> bool:
        if isinstance(thing, Index):  # one on expressions reads back in the server's own words
            return all(isinstance(part, Column) for part in thing.expressions)
        return kind != "table" or name in metadata.tables

    options = {
        "include_schemas": schema is not None,
        "include_name": lambda name, kind, _: kind != "schema" or name == schema,
        "include_object": of_this_kind,
    }
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, declared) == []
        for name, table in metadata.tables.items():
            key = inspect(connection).get_pk_constraint(name, schema=schema)["constrained_columns"]
            assert set(key) == {c.name for c in table.primary_key}, name


def test_every_table_of_ours_is_declared(database: Engine) -> None:
    tables = set(inspect(database).get_table_names(schema=schema_of(database, OURS)))
    ours = {*OURS.tables, *UPKEEP.tables, *DESK.tables}
    assert tables - {"alembic_version"} - set(AGENCY.tables) == ours


def test_the_printed_sql_makes_the_same_database_as_an_upgrade(empty_url: str) -> None:
    engine = sql.connect(empty_url)
    printed = ddl(engine.dialect.name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.executescript(printed)
        else:
            connection.exec_driver_sql(printed)
    assert all(state.applied for state in status(engine))
    assert upgrade(engine) == []
    assert set(OURS.tables) <= set(inspect(sql.connect(empty_url)).get_table_names())


def test_an_upgraded_database_goes_down_to_nothing_and_up_again(empty_url: str) -> None:
    engine = sql.connect(empty_url)
    every = [m.revision for m in migrations()]
    assert upgrade(engine) == every
    assert upgrade(engine) == []
    assert downgrade(engine, BASE) == every[::-1]
    assert not set(OURS.tables) & set(inspect(sql.connect(empty_url)).get_table_names())
    assert upgrade(engine) == every


def test_an_unknown_revision_is_a_wrong_use_that_names_the_known_ones(database: Engine) -> None:
    with pytest.raises(UsageError, match="0001"):
        upgrade(database, "9999")
