"""锁 — one run at a time on a benefit database, and no write by a run that lost its place.

``held`` takes the lock, raises the epoch in ``run_epoch`` and yields a ``Lock``, which is handed to whoever
works inside: ``writing`` opens a transaction, refused when another run has raised the epoch since. A run
that died or was frozen is put aside: on PostgreSQL its sessions are ended, beside SQLite, where locks belong
to processes, the frozen process is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, update

from pipelines.base import crash
from pipelines.base.errors import Locked
from pipelines.database import lock_file, lock_server, preflight
from sql import connect
from sql.tables import run_epoch


class Lock:
    """The lock on the benefit database behind ``engine``, good until the block that took it ends."""

    def __init__(self, engine: Engine, epoch: int) -> None:
        self.engine = engine
        self._epoch = epoch
        self._over = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the run that holds the lock; ``Locked`` when a later run has taken its place."""
        if self._over:
            raise RuntimeError("writing() needs the lock: open it inside held()")
        with self.engine.execution_options(writes=True).begin() as connection:
            if (
                connection.execute(select(run_epoch.c.epoch).with_for_update(read=True)).scalar_one()
                != self._epoch
            ):
                raise Locked("本次运行已被后来的运行取代，未写入任何内容；如仍需要，请重新运行")
            yield connection
            crash.point("transaction:before_commit")
        crash.point("transaction:committed")

    def require_place(self) -> None:
        """``Locked`` when a later run has taken this one's place, whatever was committed before."""
        if _current(self.engine) != self._epoch:
            raise Locked("本次运行已被后来的运行取代，以后来的运行为准；如仍需要，请重新运行")

    def end(self) -> None:
        """Nothing is written under this lock from now on."""
        self._over = True


@contextmanager
def opened(url: str, within: Lock | None = None, *, shared: bool = False) -> Iterator[Lock]:
    """The lock on the benefit database at ``url`` for the block, its engine closed behind it.

    ``within``: the lock that the caller has, which is handed on; nothing is taken then.
    """
    if within is not None:
        yield within
        return
    engine = connect(url)
    try:
        with held(engine, shared=shared) as lock:
            yield lock
    finally:
        engine.dispose()


@contextmanager
def held(engine: Engine, *, shared: bool = False, one_act: bool = False) -> Iterator[Lock]:
    """The lock on this benefit database for the block; ``Locked`` when anybody else, a thread too, has it.

    ``shared``: beside others that share it, against one that does not. A database on which the run could not
    do its work is an error before anything is written, unless all that is written is ``one_act``: a
    transaction, which stands or falls as a whole and needs not every right of a night. A run alone that lost
    its place meanwhile ends in ``Locked``: it may have slept behind its last transaction while another did
    its work.
    """
    take = lock_server.taken if engine.dialect.name == "postgresql" else lock_file.taken
    with take(engine, shared=shared):
        crash.point("lock:taken")
        if not one_act:
            preflight.require_ready(engine)
        lock = Lock(engine, _current(engine) if shared else _raised(engine))
        try:
            yield lock
        finally:
            lock.end()
        if not shared:
            lock.require_place()


def _current(engine: Engine) -> int:
    with engine.connect() as connection:
        epoch: int = connection.execute(select(run_epoch.c.epoch)).scalar_one()
    return epoch


def _raised(engine: Engine) -> int:
    with engine.begin() as connection:
        connection.execute(update(run_epoch).values(epoch=run_epoch.c.epoch + 1))
        epoch: int = connection.execute(select(run_epoch.c.epoch)).scalar_one()
    return epoch
