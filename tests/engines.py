"""Whole nights on DuckDB and on a Spark cluster, on both databases: what differs, by table and file.

``python -m tests.engines [--world NAME …] [--database sqlite postgresql] [--worlds DIR]``; the demo city
has an executor killed in each kind of work. Minutes a city; outside the continuous tests. A world that is
not there is left out.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sql
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.engine import spark
from tests import cluster
from tests.city import City, settle
from tests.postgres import Server, server

DEMO = "demo"
NIGHTS = {DEMO: "2026-06-18", "world-a": "2026-10-20", "world-b": "2025-03-18", "world-c": "2026-09-17"}
LARGER = 20  # than the demo city are the worlds, about
KILLED = {"land_range", "link_block", "judge_part"}


def main() -> int:
    given = _arguments()
    if missing := spark.lacking():
        sys.stdout.write(f"{missing}\n")
        return 0
    worlds = [world for world in given.world if world == DEMO or (given.worlds / world).is_dir()]
    differing = 0
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossmatch-engines-")))
        (home / "spark").mkdir()
        stack.enter_context(cluster.opened(home / "spark"))
        running = stack.enter_context(server()) if "postgresql" in given.database else None
        for world in worlds:
            source = given.worlds / world
            if world == DEMO:
                source = home / DEMO
                build(source, claims=40, rows=300)
            for database in given.database:
                os.environ["SOURCE_DATE_EPOCH"] = _evening(NIGHTS[world])
                began, on = time.monotonic(), running if database == "postgresql" else None
                differ = list(compared(home, source, NIGHTS[world], on))
                differing += len(differ)
                seconds = time.monotonic() - began
                sys.stdout.write(f"{world} {database}: {differ or 'equal'}, {seconds:.0f} s\n")
                sys.stdout.flush()
    return min(differing, 1)


def compared(home: Path, world: Path, night: str, running: Server | None) -> Iterator[str]:
    """What differs between the engines after the night: tables and files by name."""
    with settled(home, world, running) as ours, settled(home, world, running) as prepared:
        killed = prepared.settings.store.parent / "killed"
        killed.mkdir()
        theirs = replace(prepared, settings=cluster.on_cluster(prepared.settings))
        ours.night(night, report=True)
        if world.name != DEMO:
            cluster.night(theirs, night, None, LARGER)
        else:
            cluster.night(theirs, night, killed)
            yield from sorted(KILLED - {marker.name for marker in killed.iterdir()})
        yield from different(ours.state(), theirs.state())
        yield from different(cluster.reports(ours), cluster.reports(theirs))
        if not ours.rows("SELECT 1 FROM suspension_candidate LIMIT 1"):
            yield "no candidate"


def different(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


@contextmanager
def settled(home: Path, world: Path, running: Server | None) -> Iterator[City]:
    """The city of ``world`` in a folder and a database of its own."""
    folder = Path(tempfile.mkdtemp(dir=home))
    url = f"sqlite:///{folder / 'benefit.db'}"
    if running:
        name = f"city_{folder.name[3:].lower()}"
        running.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = running.url(name)
    engine = sql.connect(url, create=True)
    upgrade(engine)
    sql.create_agency(engine)
    try:
        yield settle(world, url, engine, folder)
    finally:
        engine.dispose()


def _evening(night: str) -> str:
    """The seconds of the epoch at which every night of a world runs, on both engines."""
    return str(int(datetime.fromisoformat(f"{night}T12:00+00:00").timestamp()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.engines", description=__doc__)
    parser.add_argument("--world", nargs="+", default=list(NIGHTS), choices=list(NIGHTS))
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--worlds", type=Path, default=Path("../shared/data"), help="where the worlds lie")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
