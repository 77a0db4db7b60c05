"""What nights on a city of any size cost: each step's seconds, processor time and peak memory.

``python -m benchmarks.night [--claims N] [--rows N] [--seed N] [--folder DIR] [--keep] [--first]``

Four nights are run, each step in a process of its own: the first, the same one again, an ordinary one (one
delivery more of 1 % of the rows, 1 % of the recipients with another phone), and one of a city of nobody.
Ratios to the first night are the result; times hold for the machine of the day only.
"""

import argparse
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Cost, run

if TYPE_CHECKING:
    from pipelines.base.settings import Settings

NIGHT = date(2026, 6, 18)
ORDINARY = NIGHT + timedelta(days=1)
STEPS = ("accept", "link", "judge", "write_back", "report")
SHARE = 100
FEED = "contributions"
COMMAND = [sys.executable, "-m", "pipelines.cli"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--claims", type=int, default=20_000)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--folder", type=Path, default=Path("build/bench-night"))
    options.add_argument("--keep", action="store_true", help="go on with the nights that are there")
    options.add_argument("--first", action="store_true", help="the first night only")
    options.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.step:
        step(given.folder, given.step[0], date.fromisoformat(given.step[1]))
        return
    home = given.folder / f"{given.claims}x{given.rows}-{given.seed}"
    city(home / "city", given.claims, given.rows, given.seed)
    if not given.keep:
        settle(home / "city", home / "run")
    nights(home, given.first)


def nights(home: Path, first_only: bool) -> None:
    """Print what every night costs, and the ratios of the later ones to the first."""
    first = _night(home / "run", "first", NIGHT)
    if first_only:
        return
    again = _night(home / "run", "again", NIGHT)
    a_day_later(home / "run")
    ordinary = _night(home / "run", "ordinary", ORDINARY)
    settle(home / "city", home / "nobody", _empty)
    _night(home / "nobody", "nobody", NIGHT)
    print(f"again / first: {again / first:.3f}; ordinary / first: {ordinary / first:.3f} (CPU after landing)")


def city(folder: Path, claims: int, rows: int, seed: int) -> None:
    """The city in ``folder``, made if it is not there."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    size = ["--claims", str(claims), "--rows", str(rows), "--seed", str(seed)]
    made = run([*COMMAND, "demo", str(unfinished), "--as-of", NIGHT.isoformat(), *size])
    unfinished.rename(folder)
    print(f"city: {made.seconds:.1f} s, {made.megabytes:.0f} MB")


def settle(source: Path, home: Path, change: Callable[[Path], None] = lambda _: None) -> None:
    """``home`` anew: the benefit database and inbox of ``source``, changed, with our tables in it."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    shutil.copy(source / "benefit.db", home)
    shutil.copytree(source / "inbox", home / "inbox")
    change(home)
    run([sys.executable, "-m", "benchmarks.night", "--folder", str(home), "--step", "upgrade", str(NIGHT)])


def a_day_later(home: Path) -> None:
    """One delivery more, of 1 % of the rows of contributions; 1 % of the recipients have another phone."""
    delivered = sorted(home.glob(f"inbox/*/{FEED}/*.csv"))
    delivered = [path for path in delivered if path.parent.parent.name <= NIGHT.isoformat()]
    head, *lines = delivered[-1].read_bytes().splitlines(keepends=True)
    every = sum(path.read_bytes().count(b"\n") for path in delivered)
    folder = home / "inbox" / ORDINARY.isoformat() / FEED
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "more.csv").write_bytes(b"".join([head, *lines[: every // SHARE]]))
    with closing(sqlite3.connect(home / "benefit.db")) as database, database:
        database.execute(f"UPDATE recipient SET phone = '19900000000' WHERE rowid % {SHARE} = 0")


def step(home: Path, name: str, as_of: date) -> None:
    """Runs one step of a night on the city in ``home``; prints how long its answer is."""
    done = work(settings_of(home), name, as_of)
    print(json.dumps({name: len(str(done))}))


def settings_of(home: Path) -> "Settings":
    """The settings of the city in ``home``."""
    from pipelines.base.settings import Settings

    return Settings(
        database_url=f"sqlite:///{home / 'benefit.db'}", inbox=home / "inbox", store=home / "store",
        reports=home / "reports",
    )  # fmt: skip


def work(settings: "Settings", name: str, as_of: date) -> object:
    """What one step of a night answers; ``upgrade`` makes our tables."""
    from pipelines import night

    if name == "upgrade":
        from pipelines.database import migrate

        with migrate.opened(settings.database_url) as engine:
            migrate.upgrade(engine)
    elif name == "accept":
        from expectations.feed import feeds

        for feed in feeds():
            night.accept(settings, feed, as_of)
        _release(settings.database_url, as_of)
    else:
        return getattr(night, name)(settings, as_of)
    return None


def _release(url: str, as_of: date) -> None:
    """Lets a delivery go on that is held for having so few rows."""
    from pipelines.database.migrate import opened
    from pipelines.decisions import release

    with opened(url) as engine:
        for delivery in release.held(engine, FEED, as_of, as_of):
            release.release(engine, delivery, "测量员", "只有百分之一的行，是有意的")


def _night(home: Path, title: str, as_of: date) -> float:
    """Prints each step's cost; the processor seconds of what comes after landing."""
    print(f"{title:12}{'s':>8}{'CPU s':>8}{'MB':>8}", flush=True)
    costs = {name: _step(home, name, as_of) for name in STEPS}
    after = _together(cost for name, cost in costs.items() if name != "accept")
    _shown("after landing", after)
    return after.processor


def _step(home: Path, name: str, as_of: date) -> Cost:
    command = [sys.executable, "-m", "benchmarks.night", "--folder", str(home)]
    cost = run([*command, "--step", name, as_of.isoformat()])
    _shown(name, cost)
    return cost


def _together(costs: Iterable[Cost]) -> Cost:
    each = list(costs)
    return Cost(
        sum(cost.seconds for cost in each), sum(cost.processor for cost in each),
        max(cost.megabytes for cost in each), "",
    )  # fmt: skip


def _shown(name: str, cost: Cost) -> None:
    print(f"  {name:14}{cost.seconds:7.1f}{cost.processor:8.1f}{cost.megabytes:8.0f}", flush=True)


def _empty(home: Path) -> None:
    shutil.rmtree(home / "inbox")
    (home / "inbox").mkdir()
    with closing(sqlite3.connect(home / "benefit.db")) as database, database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            database.execute(f"DELETE FROM {table}")


if __name__ == "__main__":
    main()
