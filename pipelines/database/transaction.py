"""事务 — the one way in which what people decide, and what is sent to them, is written: waiting, audited.

A decision and its audit event stand or fall together: a transaction that has written anything without one is
taken back, whoever forgot it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from pipelines.base.failures import translated
from pipelines.database import audit, lock, lock_server
from pipelines.database.lock import Lock
from sql.tables import audit_event


class Unaudited(RuntimeError):
    """Code that decides has written without an audit event; nothing of it was kept."""


@contextmanager
def deciding(where: Engine | Lock, *, beside_nights: bool = False) -> Iterator[Connection]:
    """A transaction that waits its turn among those who decide; ``Unaudited`` if it lacks its audit event.

    ``where``: the lock, for what a run does alone in people's name. What moves a candidate is refused while a
    run works alone (``Locked``); what no night changes, but only reads when it begins, may be written
    ``beside_nights``. What the database refuses is ``DatabaseFailed``.
    """
    with translated(), _opened(where, beside_nights) as connection, _audited(connection):
        audit.take_turn(connection)
        yield connection


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """A transaction that shows something: it has its turn when it records so, and reads beside all others."""
    with translated(), _opened(engine, beside_nights=True) as connection, _audited(connection):
        yield connection


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """The same for a decision that is only tried: all of it is taken back at the end of the block."""
    with deciding(engine) as connection:
        trial = connection.begin_nested()
        yield connection
        trial.rollback()


@contextmanager
def _audited(connection: Connection) -> Iterator[None]:
    tally = _Tally(connection)
    yield
    if tally.written and not tally.events:
        raise Unaudited("a decision without its audit event: call audit.record in its transaction")


def _opened(where: Engine | Lock, beside_nights: bool) -> AbstractContextManager[Connection]:
    if isinstance(where, Lock):
        return where.writing()
    return where.execution_options(writes=True).begin() if beside_nights else _beside_others(where)


@contextmanager
def _beside_others(engine: Engine) -> Iterator[Connection]:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            lock_server.share(connection)
            yield connection
    else:
        with lock.held(engine, shared=True, one_act=True) as held, held.writing() as connection:
            yield connection


class _Tally:
    """How many rows a transaction has written, and how many of them are audit events, savepoints heeded."""

    def __init__(self, connection: Connection) -> None:
        self.written = self.events = 0
        self._savepoints: list[tuple[int, int]] = []
        event.listen(connection, "after_cursor_execute", self._executed)
        event.listen(connection, "savepoint", self._saved)
        event.listen(connection, "release_savepoint", self._released)
        event.listen(connection, "rollback_savepoint", self._taken_back)

    def _executed(
        self, _: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if not context.isinsert and not context.isupdate and not context.isdelete:
            return
        if context.compiled.statement.table is audit_event:
            self.events += 1
        else:
            self.written += abs(cursor.rowcount)

    def _saved(self, _: Connection, name: str | None) -> None:
        self._savepoints.append((self.written, self.events))

    def _released(self, _: Connection, name: str, context: None) -> None:
        self._savepoints.pop()

    def _taken_back(self, _: Connection, name: str, context: None) -> None:
        self.written, self.events = self._savepoints.pop()
