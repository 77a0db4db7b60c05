"""写回 — brings rows of one table of ours to what a night found, by stage, UPDATE and INSERT.

The rows are staged in a temporary table and compared there, so that a second run over the same rows changes
none, and nothing is written that is already so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pandas as pd
from sqlalchemy import (
    TIMESTAMP,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)

from matchers.schemas import AnyRows
from pipelines.base import crash
from sql import copy_rows


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows one ``sync`` inserted, updated and deleted."""

    inserted: int
    updated: int
    deleted: int


def sync(
    connection: Connection,
    table: Table,
    frame: AnyRows,
    *,
    key: Sequence[str],
    untouched: Sequence[str] = (),
    scope: ColumnElement[bool] | None = None,
) -> Changes:
    """What had to change for ``table`` to hold the rows of ``frame``, one for each ``key``.

    Columns of ``frame`` are columns of ``table``; those in ``untouched`` are written with a new row and never
    after. Rows that satisfy ``scope`` and are not in ``frame`` are deleted; without a scope none is.
    Runs inside the caller's transaction. ``ValueError``: a key comes twice.
    """
    return sync_all(connection, table, [frame], key=key, untouched=untouched, scope=scope)


def sync_all(
    connection: Connection,
    table: Table,
    frames: Iterable[AnyRows],
    *,
    key: Sequence[str],
    untouched: Sequence[str] = (),
    scope: ColumnElement[bool] | None = None,
) -> Changes:
    """``sync`` of the rows of all ``frames``, at least one and of the same columns; one is held at a time.

    A key that comes in two frames is an error of the database.
    """
    coming = iter(frames)
    first = next(coming)
    columns = [c for c in table.columns if c.name in first.columns]
    stage = _stage(connection, table, columns, key)
    for frame in chain([first], coming):
        if frame.duplicated(list(key)).any():
            raise ValueError(f"{table.name}: a key comes twice in the frame: {', '.join(key)}")
        copy_rows(connection, stage, _rows(frame, columns))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {stage.name}"))
    crash.point(f"sync:{table.name}:staged")
    same = and_(*(table.c[k] == stage.c[k] for k in key))

    deleted = 0
    if scope is not None:
        gone = delete(table).where(scope, ~exists(select(1).where(same).select_from(stage)))
        deleted = connection.execute(gone).rowcount
    updated = 0
    if revised := [c.name for c in columns if c.name not in {*key, *untouched}]:
        differs = or_(*(table.c[name].is_distinct_from(stage.c[name]) for name in revised))
        change = update(table).where(same, differs).values({name: stage.c[name] for name in revised})
        updated = connection.execute(change).rowcount
    new = select(stage).where(~exists(select(1).where(same).select_from(table)))
    missing = insert(table).from_select([c.name for c in columns], new)
    inserted = connection.execute(missing, execution_options={"preserve_rowcount": True}).rowcount
    stage.drop(connection)
    crash.point(f"sync:{table.name}:written")
    return Changes(inserted, updated, deleted)


def _stage(connection: Connection, table: Table, columns: Sequence[Column[Any]], key: Sequence[str]) -> Table:
    stage = Table(f"stage_{table.name}", MetaData(), prefixes=["TEMPORARY"])
    for column in columns:
        stage.append_column(Column(column.name, column.type, primary_key=column.name in key))
    stage.create(connection, checkfirst=False)
    return stage


def _rows(frame: pd.DataFrame, columns: Sequence[Column[Any]]) -> list[tuple[object, ...]]:
    return list(zip(*(_values(frame[c.name], c.type) for c in columns), strict=True))


def _values(column: "pd.Series[Any]", kind: object) -> list[object]:
    """Plain Python values of one column, ``None`` where it is null."""
    typed: pd.Series[Any]
    if isinstance(kind, Integer):
        typed = column.astype("Int64")
    elif isinstance(kind, Boolean):
        typed = column.astype("boolean")
    elif isinstance(kind, Float):
        typed = column.astype("Float64")
    elif isinstance(kind, Date):
        typed = pd.to_datetime(column).dt.date
    elif isinstance(kind, TIMESTAMP):
        typed = pd.to_datetime(column)
    else:
        typed = column
    plain = typed.astype(object)
    return plain.where(plain.notna(), None).tolist()
