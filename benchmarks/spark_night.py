"""A whole night through a cluster: what its steps cost, its driver's memory, and every row accounted for.

``python -m benchmarks.spark_night [--claims N] [--rows N] [--master MASTER] [--folder DIR]``

The made-up city has so many claims and rows of contributions; one that stands in the folder is used again.
Each step is a process of its own. ``driver``: resident memory at the peak of that process and of the Java it
speaks to, without executors. The city says what it wrote: rows, and of these how many cannot be read or are
left out by name. That is compared with what the night's records say, and with the rows that lie in the store.
"""

import argparse
import csv
import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import run
from benchmarks.night import NIGHT, STEPS, city, settings_of, settle, work
from benchmarks.spark import MILLION, driver_peak

LARGE = MILLION // 2  # rows from which on work is the cluster's
WRITTEN = ("rows", "rejected", "dropped")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--claims", type=int, default=20_000)
    options.add_argument("--rows", type=int, default=30 * MILLION)
    options.add_argument("--master", default="local-cluster[2,1,1024]")
    options.add_argument("--folder", type=Path, default=Path("build/bench-spark-night"))
    options.add_argument("--step", help=argparse.SUPPRESS)
    given = options.parse_args()
    home = given.folder.absolute() / "run"
    if given.step:
        print(json.dumps(step(home, given.step, given.master)))
        return
    city(home.parent / "city", given.claims, given.rows, seed=5)
    settle(home.parent / "city", home)
    own = [
        sys.executable,
        "-m",
        "benchmarks.spark_night",
        "--folder",
        str(given.folder),
        "--master",
        given.master,
    ]
    print(f"{'':12}{'s':>8}{'MB in all':>11}{'driver, MB':>12}", flush=True)
    for name in STEPS:
        cost = run([*own, "--step", name])
        driver = json.loads(cost.printed.splitlines()[-1])
        print(f"{name:12}{cost.seconds:8.0f}{cost.megabytes:11.0f}{driver:12.0f}", flush=True)
    print(f"not accounted for: {unaccounted(home.parent / 'city', home)}")


def step(home: Path, name: str, master: str) -> float:
    """MB of the driver at its peak in one step of the night, done on the cluster where it is large."""
    settings = replace(settings_of(home), engine=master, engine_rows=LARGE, memory_mb=1024)
    work(settings, name, NIGHT)
    return driver_peak()


def unaccounted(source: Path, home: Path) -> list[str]:
    """Deliveries of which written, recorded and stored rows differ, and rows that are none of the three."""
    with closing(sqlite3.connect(home / "benefit.db")) as database:
        counted = "feed, delivered_on, rows_read, rows_rejected, rows_dropped, rows_landed"
        recorded = {
            (feed, day): counts for feed, day, *counts in database.execute(f"SELECT {counted} FROM delivery")
        }
    with (source / "counts.csv").open(encoding="utf-8") as file:
        written = {
            (line["feed"], line["delivered_on"]): [int(line[name]) for name in WRITTEN]
            for line in csv.DictReader(file)
            if line["delivered_on"] <= NIGHT.isoformat()
        }
    for kind, place in (("landed", 3), ("rejected", 1)):
        print(f"{kind}: {sum(counts[place] for counts in recorded.values()):,}")
    return sorted(
        f"{feed}/{day}"
        for feed, day in written.keys() | recorded.keys()
        if not _accounted(
            home / "store" / "deliveries" / feed / f"delivered_on={day}",
            written.get((feed, day)),
            recorded.get((feed, day)),
        )
    )


def _accounted(landed: Path, written: list[int] | None, recorded: list[int] | None) -> bool:
    """Whether the rows of one delivery are the same wherever they are counted, and none is lost or twice."""
    if written is None or recorded is None:
        return False
    read, rejected, dropped, kept = recorded
    stored = [
        sum(pq.read_metadata(file).num_rows for file in landed.glob(f"*/{part}/*.parquet"))
        for part in ("extract", "rejects")
    ]
    return (
        written == [read, rejected, dropped]
        and read == kept + rejected + dropped
        and stored == [kept, rejected]
    )


if __name__ == "__main__":
    main()
