"""撤去 — what a downgrade would take away with its data: tables and columns, and how many rows of them."""

import re
from dataclasses import dataclass

from sqlalchemy import Engine, column, func, inspect, select, table

from pipelines.base.errors import UsageError
from pipelines.database.migrate import BASE, NEWEST, status
from sql import SCHEMA
from sql.migrations import migrations
from sql.tables import applied_migration, run_epoch

HOUSEKEEPING = (applied_migration.name, run_epoch.name)  # made with a row in it, and again by an upgrade
DROPS = re.compile(r"DROP TABLE (?P<table>\w+)|ALTER TABLE (?P<of>\w+) DROP COLUMN (?P<column>\w+)")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A table, or one ``column`` of it, that a downgrade takes away, and how many ``rows`` hold something."""

    table: str
    column: str
    rows: int

    def __str__(self) -> str:
        what = f"{self.table}.{self.column}" if self.column else self.table
        return f"{what}（{self.rows} 行）"


def dropped(engine: Engine, to: str) -> list[Dropped]:
    """What holds data and is gone after a downgrade to ``to``; ``UsageError`` where there is no such."""
    states = status(engine)
    names = [BASE, *(state.revision for state in states)]
    if to == NEWEST:
        return []
    if to not in names:
        raise UsageError(f"没有迁移版本 {to}；可用：{'、'.join(names)}")
    applied = {state.revision for state in states[names.index(to) :] if state.applied}
    downs = (migration.down for migration in migrations() if migration.revision in applied)
    drops = [match for down in downs for match in DROPS.finditer(down)]
    whole = {match["table"] for match in drops} - {None, *HOUSEKEEPING}
    columns = {(match["of"], match["column"]) for match in drops if match["of"]}
    wanted = {(name, "") for name in whole} | {pair for pair in columns if pair[0] not in whole}
    counted = [_counted(engine, *pair) for pair in sorted(wanted)]
    return [drop for drop in counted if drop.rows]


def _counted(engine: Engine, name: str, of: str) -> Dropped:
    schema = SCHEMA if engine.dialect.name == "postgresql" else None
    if not inspect(engine).has_table(name, schema=schema):
        return Dropped(name, of, 0)
    rows = select(func.count()).select_from(table(name, schema=schema))
    with engine.connect() as connection:
        return Dropped(name, of, connection.scalar(rows.where(column(of).is_not(None)) if of else rows) or 0)
