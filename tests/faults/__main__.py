"""Runs the trials on both databases and prints how many of each kind ended as promised.

``python -m tests.faults --random 200 --cuts 200 --pairs 60 --database postgresql --only points,commits``
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from queue import Queue

from tests import cluster
from tests.faults import trials
from tests.faults.ground import Ground, ground
from tests.faults.runner import Runner
from tests.postgres import Server, server

Trial = partial[Iterator[str]]
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati")
MEGABYTES = (8, 32, 64, 128, 256)
TORN_IN_THE_MIDDLE = 6_000
LONGEST_NIGHT_SECONDS = 2.5
TOLD_EVERY = 50
CLEANUP = ("cleanup", "cleanup report", "cleanup export")


@dataclass(frozen=True)
class Plan:
    """How many trials of each sampled kind, and the seed they are drawn with."""

    random: int
    pairs: int
    cuts: int
    disks: int
    few: int
    seed: int

    def trials(self, on: Ground) -> Iterator[tuple[str, Trial]]:
        """Every trial with the kind it counts as."""
        many, chance = len(on.points), random.Random(self.seed)
        for at in range(many):
            yield "points", partial(trials.killed_at, at=at)
        for _ in range(self.random):
            yield "random", partial(trials.killed_after, seconds=chance.uniform(0, LONGEST_NIGHT_SECONDS))
        for _ in range(self.pairs):
            at, again_at = chance.randrange(many), chance.randrange(many)
            yield "pairs", partial(trials.killed_at, at=at, again_at=again_at)
        for at in trials.sampled(self.disks, many, self.seed):
            yield "disk", partial(trials.disk_full_at, at=at, bytes_a_file=TORN_IN_THE_MIDDLE * (at % 2))
            yield "power", partial(trials.power_cut_at, at=at)
        for at in trials.sampled(self.few, many, self.seed):
            for act in ("term", "int"):
                yield act, partial(trials.asked_to_end_at, at=at, act=act)
            yield "frozen", partial(trials.frozen_at, at=at)
            for past in (False, True):
                yield "rivals", partial(trials.rivalled_at, at=at, backfill=past)
        for zone, threads, backwards in product(ZONES, (1, 2), (False, True)):
            yield "elsewhere", partial(trials.elsewhere, zone=zone, threads=threads, backwards=backwards)
        for megabytes in MEGABYTES:
            yield "memory", partial(trials.out_of_memory, megabytes=megabytes)
        if on.server:
            yield from self._of_a_server(on)

    def _of_a_server(self, on: Ground) -> Iterator[tuple[str, Trial]]:
        heard, commits = trials.messages(on)
        for after in (False, True):
            for message in commits:
                yield "commits", partial(trials.cut_at, message=message, after=after)
            for message in trials.sampled(self.cuts // 2, heard, self.seed):
                yield "cuts", partial(trials.cut_at, message=message, after=after)


def main() -> int:
    given = _arguments()
    plan = Plan(given.random, given.pairs, given.cuts, given.disks, given.few, given.seed)
    only = set(filter(None, given.only.split(",")))
    failed = 0
    for database in given.database:
        with ExitStack() as stack:
            running = stack.enter_context(server()) if database == "postgresql" else None
            runners = [stack.enter_context(Runner(n % 2)) for n in range(2 * given.hands)]
            on = stack.enter_context(ground(runners[0], runners[1], running))
            wanted = [(kind, trial) for kind, trial in plan.trials(on) if not only or kind in only]
            _say(f"{database}: {len(on.points)} crash points, {len(wanted)} trials")
            grounds = _beside(on, runners)
            failed += _count(database, _run(grounds, wanted))
            for task in CLEANUP:
                if not only or task.replace(" ", "-") in only:
                    failed += _cleanup(database, runners, running, task)
            if running and (not only or "restarts" in only):
                failed += _count(database, _restarts(on, plan))
            if given.drivers and (not only or "drivers" in only):
                failed += _drivers(database, running, plan, given.drivers)
    return min(failed, 1)


def _run(grounds: list[Ground], wanted: list[tuple[str, Trial]]) -> Iterator[tuple[str, list[str]]]:
    free: Queue[Ground] = Queue()
    for on in grounds:
        free.put(on)

    def judged(kind_and_trial: tuple[str, Trial]) -> tuple[str, list[str]]:
        kind, trial = kind_and_trial
        on = free.get()
        try:
            return kind, [f"{trial.keywords}: {sentence}" for sentence in trial(on)]
        finally:
            free.put(on)

    with ThreadPoolExecutor(len(grounds)) as pool:
        yield from pool.map(judged, wanted)


def _beside(on: Ground, runners: list[Runner]) -> list[Ground]:
    """The same ground for each pair of hands."""
    pairs = zip(runners[::2], runners[1::2], strict=True)
    return [replace(on, runner=runner, rival=rival) for runner, rival in pairs]


def _cleanup(database: str, runners: list[Runner], running: Server | None, task: str) -> int:
    """A command of a clean-up killed at each of its crash points."""
    with ground(runners[0], runners[1], running, task) as on:
        kind = task.replace(" ", "-")
        wanted = [(kind, partial(trials.killed_at, at=at)) for at in range(len(on.points))]
        _say(f"{database}: {len(on.points)} crash points of {task}")
        return _count(database, _run(_beside(on, runners), wanted))


def _drivers(database: str, running: Server | None, plan: Plan, many: int) -> int:
    """A night on a cluster of which the driver is killed at some of its crash points."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossmatch-spark-")))
        stack.enter_context(cluster.configured(home))
        runners = [stack.enter_context(Runner(n)) for n in range(2)]
        on = stack.enter_context(ground(*runners, running))
        points = trials.sampled(many, len(on.points), plan.seed)
        wanted = [("drivers", partial(trials.killed_at, at=at)) for at in points]
        return _count(database, _run([on], wanted))


def _restarts(on: Ground, plan: Plan) -> Iterator[tuple[str, list[str]]]:
    """One after the other: every trial on the server feels them."""
    for at in trials.sampled(plan.few, len(on.points), plan.seed):
        yield "restarts", list(trials.server_restarted_at(on, at))


def _count(database: str, ended: Iterator[tuple[str, list[str]]]) -> int:
    began, good, bad = time.monotonic(), dict[str, int](), dict[str, int]()
    for number, (kind, said) in enumerate(ended, 1):
        (bad if said else good)[kind] = (bad if said else good).get(kind, 0) + 1
        if number % TOLD_EVERY == 0:
            _say(f"  {database}: {number} trials, {time.monotonic() - began:.0f} s")
        for sentence in said:
            _say(f"  {database} {kind}: {sentence}")
    for kind in dict.fromkeys([*good, *bad]):
        _say(f"{database} {kind}: {good.get(kind, 0)} of {good.get(kind, 0) + bad.get(kind, 0)} as promised")
    _say(f"{database}: {time.monotonic() - began:.0f} s")
    return sum(bad.values())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--random", type=int, default=200, help="kills at random instants, per database")
    parser.add_argument("--pairs", type=int, default=60, help="kills of which the rerun is killed too")
    parser.add_argument("--cuts", type=int, default=200, help="cut connections besides every COMMIT")
    parser.add_argument("--disks", type=int, default=40, help="points where the disk is full, or power fails")
    parser.add_argument("--few", type=int, default=10, help="points for signals, freezes, rivals, restarts")
    parser.add_argument("--drivers", type=int, default=0, help="points at which a driver on Spark is killed")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--hands", type=int, default=2, help="trials at once")
    parser.add_argument("--only", default="", help="kinds, by comma")
    parser.add_argument(
        "--database", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"]
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
