"""A connection to the benefit database: it fails rather than waits, and its errors say nothing of a person.

Our own tables live in the schema ``crossmatch`` on PostgreSQL and beside the agency's on SQLite; the search
path makes the same SQL serve both.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sql.processes import this_process

SCHEMA = "crossmatch"
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
ENCRYPTED = ("require", "verify-ca", "verify-full")
LOCAL = ("", "localhost", "127.0.0.1", "::1")


class InsecureTransport(ArgumentError):
    """The URL asks for an unencrypted connection to another machine."""


class NoDatabaseFile(ArgumentError):
    """The URL names an SQLite file that does not exist; opening it would make an empty one."""


def connect(url: str, *, create: bool = False) -> Engine:
    """An engine on the benefit database; ``ArgumentError`` for a URL of any other kind.

    SQLite: the file must be there (``NoDatabaseFile``) unless it may be made (``create``). DDL takes part in
    transactions; one with the execution option ``writes`` waits its turn when it begins, for a reader cannot
    become a writer beside another. PostgreSQL (psycopg 3): our schema comes first on the search path; what
    was committed outlasts a crash of the server, whatever its default; locks, statements and idle
    transactions time out; either side notices a dead peer; sessions bear the name of this process; other
    machines are reached by TLS or not at all (``InsecureTransport``).
    """
    try:
        address = make_url(url)
    except ValueError:
        raise ArgumentError("not a URL") from None
    if address.drivername not in DRIVERS:
        raise ArgumentError(address.drivername)
    embedded = address.get_backend_name() == "sqlite"
    if embedded and not create and (missing := _missing(address)):
        raise NoDatabaseFile(missing)
    engine = _sqlite(address) if embedded else _postgresql(address)
    event.listen(engine, "handle_error", _say_less)
    return engine


def database_user(connection: Connection) -> str:
    """The role that signed in to the server; empty on SQLite, which has none."""
    if connection.dialect.name != "postgresql":
        return ""
    return str(connection.connection.dbapi_connection.info.user)  # type: ignore[union-attr]


def _missing(address: URL) -> str | None:
    """The path of the database file where there is none; a database in memory or a ``file:`` URI has none."""
    name = address.database or ":memory:"
    if name == ":memory:" or name.startswith("file:") or Path(name).exists():
        return None
    return str(Path(name).absolute())


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _manual_transactions(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(address: URL) -> Engine:
    options = {
        "search_path": f"{SCHEMA},public",
        "synchronous_commit": "on",
        "lock_timeout": "5s",
        "statement_timeout": "30min",
        "idle_in_transaction_session_timeout": "30min",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "timezone": "UTC",
    }
    return create_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "application_name": this_process(),
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
            "options": " ".join(f"-c {k}={v}" for k, v in options.items()),
        }
        | _transport(address),
    )


def _transport(address: URL) -> dict[str, str]:
    """TLS for another machine, unless the URL or libpq's environment already asks for it."""
    host = address.query.get("host") or address.host or os.environ.get("PGHOST", "")
    hosts = host.split(",") if isinstance(host, str) else host
    if all(h in LOCAL or h.startswith("/") for h in hosts):
        return {}
    asked = address.query.get("sslmode") or os.environ.get("PGSSLMODE")
    if asked and asked not in ENCRYPTED:
        raise InsecureTransport(f"sslmode={asked}")
    return {} if asked else {"sslmode": "require"}


def _say_less(context: ExceptionContext) -> None:
    terse(context.original_exception)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = context.original_exception.args


def terse(error: BaseException) -> None:
    """Leaves of a server's message the SQLSTATE and the names of constraint and table.

    The message and its DETAIL quote the row that failed.
    """
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate:
        names = (error.diag.constraint_name, error.diag.table_name)  # type: ignore[attr-defined]
        error.args = (" ".join(("SQLSTATE", sqlstate, *filter(None, names))),)
