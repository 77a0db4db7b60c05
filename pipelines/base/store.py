"""入库区 — the folders in which landed Parquet and the frames of a night are kept.

::

    <root>/deliveries/<feed>/delivered_on=<date>/<key>/{extract,rejects}/*.parquet, landing.json
    <root>/nights/<as of>/
    <root>/scratch/            work in progress; of no meaning once its writer is gone

``key`` is drawn from a file's SHA-256, so a landed folder never changes once it is there. Everything is
written under another name, flushed to the disk and then renamed: whoever looks sees all of it or nothing.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from glob import escape
from pathlib import Path

from pipelines.base import crash
from sql.processes import is_running

LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Store:
    """The store under ``root``, which is made when something is first written."""

    root: Path

    def delivery(self, feed: str, delivered_on: date) -> Path:
        """The folder of one delivery's landed files; need not exist. Its name is read as a column."""
        return self.root / "deliveries" / feed / f"delivered_on={delivered_on.isoformat()}"

    def night(self, as_of: date) -> Path:
        """The folder of the frames of one night, made if need be."""
        folder = self.root / "nights" / as_of.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def keep_only(self, feed: str, delivered_on: date, keys: Collection[str]) -> None:
        """Remove the landed files of a delivery that it does not rest on."""
        folder = self.delivery(feed, delivered_on)
        for landed in folder.iterdir() if folder.is_dir() else ():
            if landed.name not in keys:
                shutil.rmtree(landed)
                crash.point("landed:removed")

    def remove(self, feed: str, delivered_on: date) -> None:
        """Remove all that was landed of a delivery, in one step for whoever looks."""
        with self.scratch() as scratch:
            self.delivery(feed, delivered_on).rename(scratch / feed)
            crash.point("landed:removed")

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the store's file system, gone after the block; what the dead left goes first."""
        parent = self.root / "scratch"
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        folder, hold = _held(parent)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(hold)

    @staticmethod
    def publish(unfinished: Path, folder: Path) -> None:
        """Put ``unfinished`` in place as ``folder``; where another run was first, its work stands.

        Only for folders whose name says their content: first and second are equal.
        """
        for path in (*unfinished.rglob("*"), unfinished):
            _flush(path)
        folder.parent.mkdir(parents=True, exist_ok=True)
        crash.point("landed:flushed")
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            shutil.rmtree(unfinished)
        crash.point("landed:renamed")
        _flush(folder.parent)

    @staticmethod
    @contextmanager
    def replacing(path: Path) -> Iterator[Path]:
        """A name to write to; after the block the file stands at ``path``, after an error nothing changed.

        What a process that died left unfinished of it goes first.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{escape(path.name)}.*.part"):
            if not is_running(int(left.name.split(".")[-2])):
                left.unlink(missing_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            yield unfinished
            crash.point("file:written")
            _flush(unfinished)
            unfinished.replace(path)
            crash.point("file:renamed")
            _flush(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)


def _held(parent: Path) -> tuple[Path, int]:
    """A new folder and the hold on it, which ends with the process, however it ends."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent))
        with suppress(FileNotFoundError):  # somebody swept it before it was held
            return folder, _hold(folder)


def _hold(folder: Path, mode: int = 0) -> int:
    """Holds a folder by a lock on a file in it; ``FileNotFoundError`` where the folder is gone by then.

    The file is open for writing: over NFS nothing else can be locked for one alone, and no folder.
    """
    lock = folder / LOCK
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | mode)
        lock.stat()
    except OSError:
        os.close(handle)
        raise
    return handle


def _sweep(parent: Path) -> None:
    """Remove the folders that no living process holds; others may go on their own meanwhile."""
    for folder in parent.iterdir():
        with suppress(FileNotFoundError, NotADirectoryError, BlockingIOError):
            hold = _hold(folder, fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(hold)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
