"""库 — our tables in the benefit database, made by Alembic from the plain files in ``sql/migrations``.

All migrations of one call run in one transaction, on either database: killed half-way, nothing has happened.
Each one records the SHA-256 of its files; a file that was edited after it ran is refused.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script
from alembic.script.revision import ResolutionError, RevisionMap
from sqlalchemy import Connection, Engine, delete, insert, inspect, select, text

from pipelines.base.errors import UsageError
from pipelines.base.failures import translated
from sql import SCHEMA, connect
from sql.migrations import Migration, migrations, statements
from sql.tables import applied_migration

NEWEST = "heads"
BASE = "base"
UPGRADING = int.from_bytes(b"migrate!", "big") >> 1


@dataclass(frozen=True, slots=True)
class State:
    """One migration and whether this database has it."""

    revision: str
    name: str
    applied: bool


@contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Engine]:
    """An engine on the benefit database for one piece of work, closed behind it, its errors ``translated``.

    ``create``: an SQLite file that is not there yet may be made.
    """
    with translated():
        engine = connect(url, create=create)
        try:
            yield engine
        finally:
            engine.dispose()


def upgrade(engine: Engine, to: str = NEWEST) -> list[str]:
    """The revisions that were applied, up to ``to``; empty when there was nothing to do."""
    return _migrate(engine, to, up=True)


def downgrade(engine: Engine, to: str) -> list[str]:
    """The revisions that were taken back, newest first, until ``to`` (``base`` = none) is the newest left."""
    return _migrate(engine, to, up=False)


def status(engine: Engine) -> list[State]:
    """Every migration, oldest first; ``UsageError`` when the database and the files disagree."""
    with engine.connect() as connection:
        done = _recorded(connection)
    return [State(m.revision, m.name, m.revision in done) for m in migrations()]


def ddl(dialect: str, since: str = BASE) -> str:
    """What ``upgrade`` would run on a database at ``since``, as text for a DBA."""
    printed = io.StringIO()
    options = _options(dialect, NEWEST, up=True)
    options |= {"as_sql": True, "literal_binds": True, "output_buffer": printed, "starting_rev": since}
    context = MigrationContext.configure(
        dialect_name=dialect, dialect_opts={"paramstyle": "named"}, opts=options
    )
    with context.begin_transaction():
        _enter_schema(context)
        with _existing(since):
            context.run_migrations()
    return printed.getvalue()


@contextmanager
def _existing(revision: str) -> Iterator[None]:
    try:
        yield
    except ResolutionError:
        available = "、".join(m.revision for m in migrations())
        raise UsageError(f"没有迁移版本 {revision}；可用：{BASE}、{available}") from None


def _migrate(engine: Engine, to: str, *, up: bool) -> list[str]:
    with engine.begin() as connection:
        before = _recorded(connection)
        context = MigrationContext.configure(connection, opts=_options(engine.dialect.name, to, up=up))
        _enter_schema(context)
        with _existing(to):
            context.run_migrations()
        changed = before ^ _recorded(connection)
    return sorted(changed, reverse=not up)


def _options(dialect: str, to: str, *, up: bool) -> dict[str, Any]:
    return {
        "transactional_ddl": True,
        "version_table_schema": SCHEMA if dialect == "postgresql" else None,
        "fn": partial(_steps, to, up),
    }


def _enter_schema(context: MigrationContext) -> None:
    if context.dialect.name != "postgresql":
        return
    if context.as_sql:
        context.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    elif isinstance(context.connection, Connection):
        context.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADING})
        if not inspect(context.connection).has_schema(SCHEMA):
            context.execute(f"CREATE SCHEMA {SCHEMA}")
    context.execute(f"SET LOCAL search_path TO {SCHEMA}, public")


def _steps(to: str, up: bool, heads: tuple[str, ...], context: MigrationContext) -> list[RevisionStep]:
    revisions = RevisionMap(lambda: _scripts(context))
    if up:
        path = list(revisions.iterate_revisions(to, heads, implicit_base=True))[::-1]
    else:
        path = list(revisions.iterate_revisions(heads, to, select_for_downgrade=True))
    return [RevisionStep(revisions, script, up) for script in path if isinstance(script, Script)]


def _scripts(context: MigrationContext) -> Iterator[Script]:
    before = None
    for migration in migrations():
        module = ModuleType(migration.name)
        module.__dict__.update(_ways(context, migration), down_revision=before)
        yield Script(module, migration.revision, migration.name)
        before = migration.revision


def _ways(context: MigrationContext, migration: Migration) -> dict[str, Callable[[], None]]:
    """What Alembic expects of a revision's module: ``upgrade`` and ``downgrade``."""

    def upgrade() -> None:
        _run(context, migration.up)
        up, down = migration.digests
        record = {"revision": migration.revision, "up_sha256": up, "down_sha256": down}
        context.execute(insert(applied_migration).values(record))

    def downgrade() -> None:
        context.execute(delete(applied_migration).where(applied_migration.c.revision == migration.revision))
        _run(context, migration.down)

    return {"upgrade": upgrade, "downgrade": downgrade}


def _run(context: MigrationContext, source: str) -> None:
    for statement in statements(source):
        context.execute(statement)


def _recorded(connection: Connection) -> set[str]:
    """The revisions this database has; each must be among the files here, and unchanged."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table(applied_migration.name, schema=schema):
        return set()
    by_revision = {m.revision: m for m in migrations()}
    rows = connection.execute(select(applied_migration)).all()
    for revision, *digests in rows:
        if revision not in by_revision:
            raise UsageError(f"数据库已有迁移 {revision}，本程序没有；请升级程序后再试")
        if tuple(digests) != by_revision[revision].digests:
            raise UsageError(f"迁移 {revision} 执行之后文件被改动；请恢复原文件，另加新迁移")
    done = {row.revision for row in rows}
    if missing := [
        m.revision for m in migrations() if m.revision < max(done, default="") and m.revision not in done
    ]:
        raise UsageError(f"数据库跳过了迁移 {'、'.join(missing)}；请从备份恢复，再逐个升级")
    return done
