"""运行前检查 — whether the benefit database lets a run do all it must, asked before anything is written."""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import ClauseElement, Engine, Table, false, insert, select, update
from sqlalchemy.dialects import registry

from sql.tables import ADDED_TO, AGENCY, OURS


def require_ready(engine: Engine) -> None:
    """Nothing, where the four relations can be read and our tables written, each with all its columns.

    Asked by statements that concern no row, so nothing is changed; SQLAlchemy's error where a table, a column
    or a right is missing or the database is read-only.
    """
    with engine.execution_options(writes=True).connect() as connection:
        for statement in _questions(engine.dialect.name):
            connection.exec_driver_sql(statement)


@cache
def _questions(server: str) -> tuple[str, ...]:
    """The statements as this kind of server takes them: spelt once, since each step of a night asks all."""
    dialect = registry.load(server)()
    relations = [select(relation).where(false()) for relation in AGENCY.sorted_tables]
    written = [statement for table in OURS.sorted_tables for statement in _writes(table)]
    return tuple(str(statement.compile(dialect=dialect)) for statement in (*relations, *written))


def _writes(table: Table) -> Iterator[ClauseElement]:
    nothing = select(table).where(false())
    yield insert(table).from_select(table.columns.keys(), nothing)
    if table.name not in ADDED_TO:
        yield update(table).where(false()).values({column.name: column for column in table.columns})
