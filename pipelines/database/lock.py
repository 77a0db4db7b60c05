"""锁 — one run at a time on a benefit database, and no write by a run that lost its place.

``held`` takes the lock and raises the epoch in ``run_epoch``; ``writing`` opens a transaction and refuses it
when another run has raised the epoch since. A run that died or was frozen is put aside: on PostgreSQL its
sessions are ended, beside SQLite, where locks belong to processes, the frozen process is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, update

from pipelines.base import crash
from pipelines.base.errors import Locked
from pipelines.database import lock_file, lock_server, preflight
from sql import connect
from sql.tables import run_epoch

_epochs: dict[str, int] = {}


@contextmanager
def opened(url: str, *, shared: bool = False) -> Iterator[Engine]:
    """An engine on the benefit database for a block that is ``held``; closed behind it."""
    engine = connect(url)
    try:
        with held(engine, shared=shared):
            yield engine
    finally:
        engine.dispose()


@contextmanager
def held(engine: Engine, *, shared: bool = False) -> Iterator[None]:
    """The lock on this benefit database for the block; ``Locked`` when another run has it.

    ``shared``: beside others that share it, against one that does not. Inside a block that holds the lock
    already, in the same process, nothing is taken again. A database on which the run could not do its work
    is an error before anything is written.
    """
    name = str(engine.url)
    if name in _epochs:
        yield
        return
    take = lock_server.taken if engine.dialect.name == "postgresql" else lock_file.taken
    with take(engine, shared=shared):
        crash.point("lock:taken")
        preflight.require_ready(engine)
        _epochs[name] = _current(engine) if shared else _raised(engine)
        try:
            yield
        finally:
            del _epochs[name]


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction of the run that holds the lock; ``Locked`` when a later run has taken its place."""
    mine = _epochs.get(str(engine.url))
    if mine is None:
        raise RuntimeError("writing() needs the lock: open it inside held()")
    with engine.execution_options(writes=True).begin() as connection:
        if connection.execute(select(run_epoch.c.epoch).with_for_update(read=True)).scalar_one() != mine:
            raise Locked("本次运行已被后来的运行取代，未写入任何内容；如仍需要，请重新运行")
        yield connection
        crash.point("transaction:before_commit")
    crash.point("transaction:committed")


def _current(engine: Engine) -> int:
    with engine.connect() as connection:
        epoch: int = connection.execute(select(run_epoch.c.epoch)).scalar_one()
    return epoch


def _raised(engine: Engine) -> int:
    with engine.begin() as connection:
        connection.execute(update(run_epoch).values(epoch=run_epoch.c.epoch + 1))
        epoch: int = connection.execute(select(run_epoch.c.epoch)).scalar_one()
    return epoch
