"""Nights in processes of their own, forked from one that has run two already, so that each starts fast.

Run as a module it is that warm process: it reads one order a line, forks, says the child's number, then how
the child ended.
"""

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from pipelines.base import crash

SIGNALS = {
    "kill": signal.SIGKILL,
    "lose": signal.SIGKILL,
    "stop": signal.SIGSTOP,
    "term": signal.SIGTERM,
    "int": signal.SIGINT,
}
PATIENCE_SECONDS = 240
WATCHFUL_SECONDS = 0.1
MOST_SAID_BYTES = 65_536
WRITING = os.O_WRONLY | os.O_CREAT | os.O_APPEND
REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Order:
    """A ``crossmatch`` command and what befalls it at its ``at``-th crash point, the first being 0.

    ``act``: a key of ``SIGNALS``, of which ``lose`` notes in ``<log>.flushed`` the inodes that reached the
    disk; ``wait`` for SIGUSR1, saying so in ``<log>.here``; ``full``: from there on no file grows beyond
    ``largest_file`` bytes. ``memory_mb``: so much beyond what the warm process has. The names of the points
    passed are written to ``<log>.points``.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    at: int = -1
    act: str = "kill"
    largest_file: int = 0
    memory_mb: int = 0


class Run:
    """One child: its process number at once, its exit code when it has ended."""

    def __init__(self, warm: "subprocess.Popen[str]", order: Order) -> None:
        self._warm, self.order = warm, order
        self.pid = int(self._heard())

    def ended(self) -> int:
        """The exit code; minus the signal that ended it."""
        return int(self._heard())

    def reached(self) -> bool:
        """Waits until the child has come to its point; false when it ended before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        here = self.order.log.with_suffix(".here")
        while time.monotonic() < deadline:
            try:
                state = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return False
            if state == "T" or here.exists():
                return True
            time.sleep(0.01)
        raise TimeoutError(self.order)

    def signal(self, name: signal.Signals) -> None:
        os.kill(self.pid, name)

    def _heard(self) -> str:
        assert self._warm.stdout
        return self._warm.stdout.readline()


class Runner:
    """A warm process to run nights with, one at a time; ``hashes`` seeds the order of its sets."""

    def __init__(self, hashes: int = 0) -> None:
        self._hashes = hashes

    def __enter__(self) -> Self:
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        environment = os.environ | threads | {"PYTHONHASHSEED": str(self._hashes)}
        self._warm = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.runner"],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._warm.stdin
        self._warm.stdin.close()
        self._warm.kill() if error else self._warm.wait(PATIENCE_SECONDS)

    def start(self, order: Order) -> Run:
        """The run that this order began."""
        assert self._warm.stdin
        told = vars(order) | {"log": str(order.log)}
        self._warm.stdin.write(json.dumps(told) + "\n")
        self._warm.stdin.flush()
        return Run(self._warm, order)

    def run(self, order: Order) -> int:
        """The exit code of a command that is let run to its end."""
        return self.start(order).ended()


def points(order: Order) -> list[str]:
    """The points that the order's run passed, in order."""
    return order.log.with_suffix(".points").read_text("utf-8").split()


def flushed(order: Order) -> set[int]:
    """The inodes of the files that the order's run flushed to the disk."""
    return set(map(int, order.log.with_suffix(".flushed").read_text("utf-8").split()))


def _serve() -> None:
    _warm_up()
    for line in sys.stdin:
        told = json.loads(line)
        order = Order(**told | {"log": Path(told["log"])})
        child = os.fork()
        if not child:
            _run(order)
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))
    os._exit(0)  # what libraries say of objects left behind concerns nobody


def _warm_up() -> None:
    """Loads what nights load, tables of characters and rules too, by running two that nobody looks at."""
    from pipelines import night
    from tests.faults.town import FIRST, SECOND, build_on_sqlite

    with tempfile.TemporaryDirectory() as folder:
        town = build_on_sqlite(Path(folder))
        for day in (FIRST, SECOND):
            night.run(town.settings, day)
    gc.collect()
    gc.freeze()


def _run(order: Order) -> NoReturn:
    from pipelines import cli
    from pipelines.engine import spark

    heard = _speak_into(order)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts behind itself ignores it
    os.environ.update(order.environment)
    time.tzset()
    tempfile.tempdir = None
    if order.memory_mb:
        most = int(Path("/proc/self/statm").read_text("utf-8").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (most + (order.memory_mb << 20), resource.RLIM_INFINITY))
    if order.act == "lose":
        _watch_flushes(order)
    passed = _listen(order)
    sys.argv = ["crossmatch", *order.command]
    code: Any = 1
    try:
        cli.main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code or 0
    except BaseException as error:  # what no one foresaw ends as a process ends: with its traceback
        sys.excepthook(type(error), error, error.__traceback__)
    spark.stop()  # a process that ends on its own does so; this one is cut off
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    order.log.with_suffix(".points").write_text("\n".join(passed), "utf-8")
    sys.stdout.write("\n")
    sys.stdout.flush()
    heard()
    os._exit(int(code))


def _speak_into(order: Order) -> Callable[[], None]:
    """What the process says goes into its log; where disks fill up, into a pipe, to be heard at the end."""
    said, says = os.pipe() if order.act == "full" else (None, os.open(order.log, WRITING))
    for stream in (1, 2):
        os.dup2(says, stream)

    def heard() -> None:
        if said is not None:
            order.log.write_bytes(os.read(said, MOST_SAID_BYTES))

    return heard


def _watch_flushes(order: Order) -> None:
    """Notes the inode of everything that this process flushes, before it goes on."""
    notes = os.open(order.log.with_suffix(".flushed"), WRITING)
    flush = os.fsync

    def noting(descriptor: int) -> None:
        flush(descriptor)
        os.write(notes, f"{os.fstat(descriptor).st_ino}\n".encode())

    os.fsync = noting


def _listen(order: Order) -> list[str]:
    passed: list[str] = []

    def come_to(name: str) -> None:
        passed.append(name)
        if len(passed) != order.at + 1:
            return
        if order.act == "wait":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
            order.log.with_suffix(".here").touch()
            while signal.sigtimedwait({signal.SIGUSR1}, WATCHFUL_SECONDS) is None:
                pass
        elif order.act == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (order.largest_file, resource.RLIM_INFINITY))
        else:
            os.kill(os.getpid(), SIGNALS[order.act])

    crash.listener = come_to
    return passed


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve()
