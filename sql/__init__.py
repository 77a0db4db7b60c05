"""Every statement the product runs on the benefit database, and the connection it runs on."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from sqlalchemy import Boolean, Connection, Engine, Float, Integer, String, Table
from sqlalchemy.exc import DBAPIError

from sql import cleanup_tables as cleanup_tables
from sql import desk_tables as desk_tables
from sql import risk_tables as risk_tables
from sql.connection import SCHEMA, InsecureTransport, NoDatabaseFile, connect, database_user, terse
from sql.migrations import statements

__all__ = [
    "SCHEMA", "InsecureTransport", "NoDatabaseFile",
    "connect", "copy_rows", "create_agency", "database_user", "match", "risk", "terse",
]  # fmt: skip

HERE = files(__package__)
BOUND_AS_THEY_ARE = (String, Integer, Boolean, Float)  # by SQLite's driver; days and sums have to be spelt


def create_agency(engine: Engine, views_over: str | None = None, reference: str = "agency") -> None:
    """Makes the agency's four relations, or those of another ``sql/reference/<reference>.sql``.

    Empty tables, for a demo, a test or an agency that starts afresh; or, with ``views_over``, the views of
    ``sql/views/<views_over>.sql`` over the tables an agency has.
    """
    source = HERE / "views" / f"{views_over}.sql" if views_over else HERE / "reference" / f"{reference}.sql"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL search_path TO public")
        for statement in statements(source.read_text("utf-8")):
            connection.execute(statement)


def copy_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Inserts many rows, values in the order of the table's columns, the fastest way the database has."""
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    if connection.dialect.name == "postgresql":
        statement = f'COPY "{table.name}" ({names}) FROM STDIN'
        try:
            with connection.connection.cursor().copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        except connection.dialect.loaded_dbapi.Error as error:
            terse(error)
            raise DBAPIError(statement, None, error, hide_parameters=True) from error
    elif rows:
        marks = ", ".join("?" for _ in table.columns)
        as_they_are = all(isinstance(c.type, BOUND_AS_THEY_ARE) for c in table.columns)
        plain = [tuple(row) if as_they_are else tuple(map(_as_sqlite, row)) for row in rows]
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', plain)


def _as_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


@cache
def match(name: str) -> str:
    """The engine statement in ``sql/match/<name>.sql``: a subset that every engine runs word for word."""
    return (HERE / "match" / f"{name}.sql").read_text("utf-8")


@cache
def risk(name: str) -> str:
    """The engine statement in ``sql/risk/<name>.sql``, of the same subset."""
    return (HERE / "risk" / f"{name}.sql").read_text("utf-8")
