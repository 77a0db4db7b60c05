"""The lock beside SQLite: a record lock on ``<database>.lock``; it belongs to a process and dies with it."""

import fcntl
import os
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine

from pipelines.base.errors import Locked
from sql.processes import is_running

RECORD = "hhqqi"  # struct flock of 64-bit Linux: type, whence, start, length, pid
PATIENCE_SECONDS = 4
PAUSE_SECONDS = 0.05


@contextmanager
def taken(engine: Engine, *, shared: bool) -> Iterator[None]:
    """The lock for the block. A frozen run is killed, which alone frees its locks; others mean ``Locked``."""
    if not engine.url.database or engine.url.database == ":memory:":
        yield
        return
    descriptor = os.open(Path(engine.url.database + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, mode: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    dying = None  # a process that was killed runs on for a moment, holding its lock
    while True:
        try:
            fcntl.lockf(descriptor, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(descriptor, mode)
        if (holder not in (0, dying) and is_running(holder)) or time.monotonic() > deadline:
            raise Locked(f"另一次运行（进程 {holder}）正在处理该待遇库；请待其结束后再运行")
        if holder not in (0, dying):
            dying = holder
            with suppress(ProcessLookupError, PermissionError):
                os.kill(holder, signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)


def _holder(descriptor: int, mode: int) -> int:
    """The process whose lock is in the way, 0 when it has just gone."""
    kind = fcntl.F_RDLCK if mode == fcntl.LOCK_SH else fcntl.F_WRLCK
    asked = struct.pack(RECORD, kind, os.SEEK_SET, 0, 0, 0)
    kind, *_, pid = struct.unpack(RECORD, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else pid
