"""Landing against its peers, interleaved in one run, and its growth with the size of the file.

``python -m benchmarks.landing [--rows N] [--repeat N] [--folder DIR] [--growth | --hostile]``

Ratios are the result; times hold for the machine of the day only. ``lost`` are rows that are neither in
the output nor among the rejects.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import sys
import time
from pathlib import Path

from benchmarks.extract import Extract, write
from benchmarks.landing_peers import recipients, utf8
from benchmarks.measure import Cost, run
from expectations.feed import feed
from pipelines import readers
from pipelines.base.errors import DeliveryRejected

COMPARED = ("land", "night", "iconv", "duckdb_parse", "duckdb_sql", "pandas")
BARS = (("iconv", 4.6, 3.5), ("duckdb_parse", 1.6, 1.2), ("duckdb_sql", 0.57, 0.57))
MILLION = 1_000_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10 * MILLION)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--folder", type=Path, default=Path("build/bench-landing"))
    options.add_argument("--growth", action="store_true", help="1, 10 and 30 million rows, good and bad")
    options.add_argument("--hostile", action="store_true", help="what it costs to refuse each hostile file")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.hostile:
        hostile(given.folder)
    elif given.growth:
        growth(given.folder, given.repeat)
    else:
        compare(extract(given.folder, given.rows), given.folder, given.repeat)


def compare(made: Extract, folder: Path, repeat: int) -> None:
    """Print what each peer costs, the ratios of the night to them, and the rows each lost."""
    if not (plain := made.path.with_suffix(".utf8")).exists():
        utf8(made.path, plain)
        recipients(plain)
    costs: dict[str, list[Cost]] = {name: [] for name in COMPARED}
    for _ in range(repeat):
        for name in COMPARED:
            costs[name].append(_run(name, made.path, folder))
    wall = {name: statistics.median(cost.seconds for cost in costs[name]) for name in COMPARED}
    busy = {name: statistics.median(cost.processor for cost in costs[name]) for name in COMPARED}
    print(f"{made.rows} rows, {made.path.stat().st_size / 1e6:.0f} MB, {made.broken} broken lines")
    print(f"{'':14}{'s':>8}{'CPU s':>8}{'MB':>8}{'rows':>12}{'rejected':>10}{'lost':>8}")
    for name in COMPARED:
        counts = json.loads(costs[name][-1].printed)
        lost = made.rows - counts["rows"] - counts["rejected"] if counts else 0
        peak = max(cost.megabytes for cost in costs[name])
        shown = f"{counts['rows']:12}{counts['rejected']:10}{lost:8}" if counts else ""
        print(f"{name:14}{wall[name]:8.1f}{busy[name]:8.1f}{peak:8.0f}{shown}")
    for name, bar, aim in BARS:
        ratio, of_work = wall["night"] / wall[name], busy["night"] / busy[name]
        print(f"night / {name}: {ratio:.2f} (bar {bar}, aim {aim}); by processor time {of_work:.2f}")


def growth(folder: Path, repeat: int) -> None:
    """Print time and memory of landing by size, for good files and for files in which every line is bad."""
    for rows in (MILLION, 10 * MILLION, 30 * MILLION):
        good = extract(folder, rows)
        bad = folder / f"bad-{rows}.csv"
        if not bad.exists():
            _spoil(good.path, bad)
        for name, file in (("land", good.path), ("without_stop", bad)):
            costs = [_run(name, file, folder) for _ in range(repeat)]
            seconds = statistics.median(cost.seconds for cost in costs)
            megabytes = sorted(cost.megabytes for cost in costs)
            spread = f"({megabytes[0]:.0f} to {megabytes[-1]:.0f})"
            print(f"{name:14}{rows:10}{seconds:8.1f} s{statistics.median(megabytes):8.0f} MB {spread}")


def hostile(folder: Path) -> None:
    """Print how long the slowest hostile files took; a test holds the memory to its bound."""
    from tests.hostile import FILES

    took = {}
    for name, make in FILES.items():
        work = folder / "hostile" / name
        work.mkdir(parents=True)
        path = make(work)
        begun = time.perf_counter()
        with contextlib.suppress(DeliveryRejected):
            readers.land(path, feed("deaths"), work / "out", part="p")
        took[name] = time.perf_counter() - begun
    shutil.rmtree(folder / "hostile")
    for name in sorted(took, key=lambda name: -took[name])[:8]:
        print(f"{name:50}{took[name]:8.2f} s")


def extract(folder: Path, rows: int) -> Extract:
    """The extract of so many rows, made if it is not there."""
    path = folder / f"contributions-{rows}.csv"
    note = path.with_suffix(".json")
    if not note.exists():
        note.write_text(json.dumps({"broken": write(path, rows).broken}))
    return Extract(path, rows, json.loads(note.read_text())["broken"])


def _spoil(good: Path, bad: Path) -> None:
    with good.open("rb") as source, bad.open("wb") as out:
        out.write(source.readline())
        for line in source:
            out.write(line[:-2] + b",\r\n")


def _run(name: str, file: Path, folder: Path) -> Cost:
    work = folder / "work"
    cost = run([sys.executable, "-m", "benchmarks.landing_peers", name, str(file), str(work)])
    shutil.rmtree(work, ignore_errors=True)
    return cost


if __name__ == "__main__":
    main()
