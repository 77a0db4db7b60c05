"""迁移数据 — our tables copied whole from one benefit database into an empty other one, checked row by row.

The agency's own relations are not touched. Everything is one transaction of the target: unless each table
there holds the rows of the source, nothing has happened. A digest is the sum of the hashes of a table's rows,
so that it does not depend on the order in which a database sorts them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Connection, Engine, MetaData, Table, delete, inspect, select

from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.database import migrate
from sql import SCHEMA, copy_rows
from sql.desk_tables import DESK
from sql.tables import OURS, run_epoch

AT_ONCE = 5_000
MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Copied:
    """One table after it was copied: how many rows, and their digest (hexadecimal)."""

    table: str
    rows: int
    digest: str


def transfer(source: Engine, target: Engine) -> list[Copied]:
    """What now stands in ``target``, table by table, at the version of ``source``.

    The target is migrated to that version first. ``UsageError`` where it holds rows of ours already or is
    at another version, ``CrossmatchError`` where what was written is not what was read.
    """
    version = _version(source)
    if _version(target) in ("", version):
        migrate.upgrade(target, version)
    if _version(target) != version:
        raise UsageError(f"目标库与待遇库的版本不同；请先在两边都运行 crossmatch db upgrade 到 {version}")
    with source.connect() as reading, target.execution_options(writes=True).begin() as writing:
        tables = _tables(reading)
        if full := [table.name for table in tables if _holds_rows(writing, table)]:
            raise UsageError(f"目标库不是空的：{'、'.join(full)} 已有数据；请换一个空库")
        writing.execute(delete(run_epoch))
        copied = [_copy(reading, writing, table) for table in tables]
        wrong = [one.table for one in copied if one != _counted(writing, _of(tables, one.table))]
        if wrong:
            raise CrossmatchError(f"写入与读出不一致：{'、'.join(wrong)}；目标库未作改动")
    return copied


def count(engine: Engine) -> dict[str, int]:
    """The rows of each of our tables that the database has, by the table's name."""
    with engine.connect() as connection:
        return {table.name: _counted(connection, table).rows for table in _tables(connection)}


def _version(engine: Engine) -> str:
    return max((state.revision for state in migrate.status(engine) if state.applied), default="")


def _tables(connection: Connection) -> list[Table]:
    """Our tables as this database has them, parents before children: of an older version, fewer columns."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    there = inspect(connection)
    declared = [*OURS.sorted_tables, *DESK.sorted_tables, run_epoch]
    return [
        _with_columns(table, {column["name"] for column in there.get_columns(table.name, schema=schema)})
        for table in declared
        if there.has_table(table.name, schema=schema)
    ]


def _with_columns(table: Table, names: set[str]) -> Table:
    columns = (Column(c.name, c.type, primary_key=c.primary_key) for c in table.columns if c.name in names)
    return Table(table.name, MetaData(), *columns)


def _of(tables: Sequence[Table], name: str) -> Table:
    return next(table for table in tables if table.name == name)


def _holds_rows(connection: Connection, table: Table) -> bool:
    """Whether people or nights have written to it: the number of the last run is there from the start."""
    return table.name != run_epoch.name and connection.execute(select(table).limit(1)).first() is not None


def _copy(reading: Connection, writing: Connection, table: Table) -> Copied:
    rows, digest = 0, 0
    result = reading.execution_options(yield_per=AT_ONCE).execute(select(table))
    for part in result.partitions():
        values = [tuple(row) for row in part]
        copy_rows(writing, table, values)
        rows, digest = rows + len(values), _added(digest, values)
    return Copied(table.name, rows, f"{digest:064x}")


def _counted(connection: Connection, table: Table) -> Copied:
    rows, digest = 0, 0
    for part in connection.execution_options(yield_per=AT_ONCE).execute(select(table)).partitions():
        values = [tuple(row) for row in part]
        rows, digest = rows + len(values), _added(digest, values)
    return Copied(table.name, rows, f"{digest:064x}")


def _added(digest: int, rows: Iterable[tuple[object, ...]]) -> int:
    for row in rows:
        text = "\x1f".join(map(_canonical, row)).encode("utf-8", "surrogatepass")
        digest += int.from_bytes(hashlib.sha256(text).digest(), "big")
    return digest % MODULUS


def _canonical(value: object) -> str:
    """A value as either database gives it back: its kind stands beside it, so that no two run together."""
    if isinstance(value, datetime):
        return f"at {value.isoformat(timespec='microseconds')}"
    return f"on {value.isoformat()}" if isinstance(value, date) else repr(value)
