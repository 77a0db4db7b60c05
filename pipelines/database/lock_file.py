"""The lock beside SQLite: a record lock on ``<database>.lock``; it belongs to a process and dies with it.

Inside a process it keeps no thread from another, and closing the file anywhere gives it up; so each process
notes which locks it has, and a thread that would be in the way is refused before it touches the file.
"""

import fcntl
import os
import signal
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Engine

from pipelines.base.errors import Locked
from sql.processes import is_running

RECORD = "hhqqi"  # struct flock of 64-bit Linux: type, whence, start, length, pid
PATIENCE_SECONDS = 4
BUSY = "另一次运行（进程 {}）正在处理该待遇库；请待其结束后再运行"
PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class _Hold:
    """What this process has of one lock file: the open file, and how many share it (None: one alone)."""

    descriptor: int
    shared: int | None


_holds: dict[tuple[int, str], _Hold] = {}  # by process, for a forked one has none of its parent's locks
_guard = threading.Lock()
os.register_at_fork(before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_guard.release)


@contextmanager
def taken(engine: Engine, *, shared: bool) -> Iterator[None]:
    """The lock for the block. A frozen run is killed, which alone frees its locks; others mean ``Locked``."""
    if not engine.url.database or engine.url.database == ":memory:":
        yield
        return
    name = os.path.realpath(engine.url.database + ".lock")
    with _guard:
        _enter(name, shared=shared)
    try:
        yield
    finally:
        with _guard:
            _leave(name)


def _enter(name: str, *, shared: bool) -> None:
    hold = _holds.get((os.getpid(), name))
    if hold is None:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
        _holds[os.getpid(), name] = _Hold(descriptor, 1 if shared else None)
    elif shared and hold.shared is not None:
        hold.shared += 1
    else:
        raise Locked(BUSY.format(os.getpid()))


def _leave(name: str) -> None:
    hold = _holds[os.getpid(), name]
    if hold.shared is not None and hold.shared > 1:
        hold.shared -= 1
        return
    del _holds[os.getpid(), name]
    os.close(hold.descriptor)


def _take(descriptor: int, mode: int) -> None:
    """Takes the lock on the file; a process that only shares it, for a moment as a rule, is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    dying = None  # a process that was killed runs on for a moment, holding its lock
    while True:
        try:
            fcntl.lockf(descriptor, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder, shares = _holder(descriptor, mode)
        working = holder not in (0, dying) and is_running(holder)
        if (working and not shares) or time.monotonic() > deadline:
            raise Locked(BUSY.format(holder))
        if not working and holder not in (0, dying):
            dying = holder
            with suppress(ProcessLookupError, PermissionError):
                os.kill(holder, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def _holder(descriptor: int, mode: int) -> tuple[int, bool]:
    """The process whose lock is in the way, 0 when it has just gone, and whether it shares it."""
    kind = fcntl.F_RDLCK if mode == fcntl.LOCK_SH else fcntl.F_WRLCK
    asked = struct.pack(RECORD, kind, os.SEEK_SET, 0, 0, 0)
    kind, *_, pid = struct.unpack(RECORD, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else pid, kind == fcntl.F_RDLCK
