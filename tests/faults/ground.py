"""The ground of all trials: a town after its first night, copied for each, and how its second must end."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sql
from pipelines.database.migrate import upgrade
from tests.faults.runner import Order, Runner, points
from tests.faults.town import FIRST, SECOND, Digest, Town, build
from tests.postgres import Server

_number = itertools.count()
NIGHT = ("night", SECOND.isoformat())
NOTHING_LEFT = 2  # the exit code of an export after which nothing is left to export


@dataclass(frozen=True)
class Task:
    """A command that is disturbed. ``before``: what the town has seen first; ``ends``: how a rerun may end.

    ``decided``: people have accepted every proposal before it.
    """

    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    decided: bool = False
    ends: tuple[int, ...] = (0,)


_APPLY = ("cleanup", "run", "--as-of", SECOND.isoformat(), "--apply", "--by", "稽核", "--reason", "清理")
_EXPORT = ("cleanup", "export", "500106", "--by", "稽核")
TASKS = {
    "night": Task(NIGHT, (("night", FIRST.isoformat()),)),
    "cleanup": Task(_APPLY),
    "cleanup report": Task(("cleanup", "report"), (_APPLY,)),
    "cleanup export": Task(_EXPORT, (_APPLY,), decided=True, ends=(0, NOTHING_LEFT)),
}


@dataclass(frozen=True)
class Ground:
    """``base`` has seen what comes before; ``expected`` is the digest after an undisturbed run.

    ``points``: the crash points of that run. ``server``: None for SQLite. ``rival`` runs what runs
    beside a night of ``runner``.
    """

    home: Path
    base: Town
    server: Server | None
    runner: Runner
    rival: Runner
    expected: Digest
    points: tuple[str, ...]
    task: Task

    @property
    def command(self) -> tuple[str, ...]:
        """What is disturbed."""
        return self.task.command

    @property
    def ends(self) -> tuple[int, ...]:
        """The exit codes of a rerun that made it good."""
        return self.task.ends

    @contextmanager
    def town(self) -> Iterator[Town]:
        """A copy of the town for one trial, gone after it."""
        with _copied(self.home, self.base, self.server) as town:
            yield town

    @contextmanager
    def anew(self, *, backwards: bool) -> Iterator[Town]:
        """The town before its first night, made again."""
        folder = Path(tempfile.mkdtemp(dir=self.home))
        name = f"anew_{next(_number)}"
        try:
            yield build(folder, _made(folder, self.server, name), backwards=backwards)
        finally:
            shutil.rmtree(folder)
            if self.server:
                self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def ground(runner: Runner, rival: Runner, server: Server | None, task: str = "night") -> Iterator[Ground]:
    """The ground on SQLite, or on a server."""
    home = Path(tempfile.mkdtemp(prefix="crossmatch-faults-"))
    try:
        (home / "base").mkdir()
        base = build(home / "base", _made(home / "base", server, f"base_{home.name[-8:].lower()}"))
        given = TASKS[task]
        for command in given.before:
            _quiet(runner, base, *command)
        if given.decided:
            base.accept()
        with _copied(home, base, server) as town:
            undisturbed = _quiet(runner, town, *given.command)
            expected, passed = town.digest(), tuple(points(undisturbed))
        yield Ground(home, base, server, runner, rival, expected, passed, given)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def order(town: Town, *command: str, at: int = -1, act: str = "kill", **more: int) -> Order:
    """A command on a town."""
    return Order(command, town.environment(), town.home / f"log{next(_number)}", at, act, **more)


def difference(expected: Digest, found: Digest) -> list[str]:
    """What differs: tables by name, files by path; empty when all is equal."""
    return sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))


def _quiet(runner: Runner, town: Town, *command: str) -> Order:
    given = order(town, *command)
    code = runner.run(given)
    if code:
        raise RuntimeError(f"{command} ended with {code}: {given.log.read_text('utf-8')[-2000:]}")
    return given


def _made(folder: Path, server: Server | None, name: str) -> str:
    url = f"sqlite:///{folder / 'benefit.db'}"
    if server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        url = server.url(name)
    engine = sql.connect(url, create=True)
    upgrade(engine)
    sql.create_agency(engine)
    engine.dispose()
    return url


@contextmanager
def _copied(home: Path, base: Town, server: Server | None) -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(dir=home))
    if server:
        name, template = f"trial_{next(_number)}", base.url.rpartition("/")[2]
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        url = server.url(name)
    else:
        shutil.copyfile(base.home / "benefit.db", folder / "benefit.db")
        url = f"sqlite:///{folder / 'benefit.db'}"
    try:
        yield base.copy(folder, url)
    finally:
        shutil.rmtree(folder)
        if server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
