"""Every statement the product runs on the benefit database, and the connection it runs on.

Our own tables live in the schema ``crossmatch`` on PostgreSQL and beside the agency's on SQLite; the
search path makes the same SQL serve both.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Engine, Table, TextClause, create_engine, event, make_url, text

from sql.migrations import statements

SCHEMA = "crossmatch"
HERE = files(__package__)


def connect(url: str, application: str = "crossmatch") -> Engine:
    """An engine on the benefit database, with sessions that fail rather than wait for ever.

    SQLite: DDL takes part in transactions. PostgreSQL (psycopg 3): our schema comes first on the search
    path; locks, statements and idle transactions time out; ``application`` names the session.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgresql(url, application)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _manual_transactions(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _postgresql(url: str, application: str) -> Engine:
    options = {
        "search_path": f"{SCHEMA},public",
        "lock_timeout": "5s",
        "statement_timeout": "30min",
        "idle_in_transaction_session_timeout": "30min",
        "timezone": "UTC",
    }
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "application_name": application,
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "options": " ".join(f"-c {k}={v}" for k, v in options.items()),
        },
    )


def create_agency(engine: Engine) -> None:
    """Makes the agency's four relations, empty: for a demo, a test, or an agency that starts afresh."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL search_path TO public")
        for statement in statements((HERE / "reference" / "agency.sql").read_text("utf-8")):
            connection.exec_driver_sql(statement)


def copy_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Inserts many rows, values in the order of the table's columns, the fastest way the database has."""
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    elif rows:
        marks = ", ".join("?" for _ in table.columns)
        plain = [tuple(map(_as_sqlite, row)) for row in rows]
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', plain)


def _as_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


@cache
def query(name: str) -> TextClause:
    """The statement in ``sql/queries/<name>.sql``."""
    return text((HERE / "queries" / f"{name}.sql").read_text("utf-8"))


@cache
def match(name: str) -> str:
    """The engine statement in ``sql/match/<name>.sql``: a subset that DuckDB and Spark run word for word."""
    return (HERE / "match" / f"{name}.sql").read_text("utf-8")
