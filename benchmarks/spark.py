"""DuckDB and Spark on the same rows in one run: landing, each statement, and the whole, and that they agree.

``python -m benchmarks.spark [--rows N …] [--master MASTER] [--folder DIR]``

Processor seconds are of the whole tree of processes, Java and executors among them, but for a Python of an
executor that has ended: what stands for a cluster is the least it used. Ratios are the result;
times hold for the machine of the day only. ``driver``: resident memory at the peak of the process that asks
and of the Java it speaks to, without executors. ``differing``: rows of an answer that one engine alone gave.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.extract import write
from benchmarks.measure import descendants, peak, run

MILLION = 1_000_000
RECIPIENTS = 200_000
ANSWERS = ("linked", "residue")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[MILLION, 10 * MILLION])
    options.add_argument("--master", default="local-cluster[2,1,1024]")
    options.add_argument("--folder", type=Path, default=Path("build/bench-spark"))
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args()
    folder = given.folder.absolute()
    if given.one:
        print(json.dumps(one(given.one, folder)))
        return
    for rows in given.rows:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write(folder / "contributions.csv", rows)
        print(f"{rows:,} rows: CPU s (s)", flush=True)
        cost = {}
        for engine in ("duckdb", given.master):
            child = [sys.executable, "-m", "benchmarks.spark", "--folder", str(folder), "--one", engine]
            measured = run(child)
            cost[engine] = json.loads(measured.printed)
            driver = cost[engine].pop("driver")[0]
            print(f"  {engine}: {measured.megabytes:.0f} MB in all, driver {driver:.0f} MB", flush=True)
        for step, (there, then) in cost[given.master].items():
            processor, seconds = cost["duckdb"].get(step, (0.0, 0.0))
            print(f"  {step:10}{processor:8.1f} ({seconds:.1f}){there:8.1f} ({then:.1f})")
        print(f"  differing: {sum(differing(folder, answer) for answer in ANSWERS)}")


def one(engine: str, folder: Path) -> dict[str, tuple[float, float]]:
    """Processor and wall seconds of every step on one engine; of ``driver`` the megabytes at the peak."""
    from expectations.feed import feed
    from pipelines import readers
    from pipelines.base.settings import Settings
    from pipelines.engine.seam import for_bytes, match_engine
    from sql import match

    own = folder / engine.partition("[")[0].replace(":", "-").replace("/", "-")
    settings = Settings(store=own / "store", engine=engine, engine_rows=0, memory_mb=1024)
    settings.store.mkdir(parents=True)
    contributions, landed = feed("contributions"), own / "delivered_on=2025-08-10"
    measures = match("measures").format(persons=match("persons_sampled"), covered="covered_month")
    cost: dict[str, tuple[float, float]] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        processor, begun = _processor(), time.perf_counter()
        work()
        cost[name] = _processor() - processor, time.perf_counter() - begun

    def whole() -> None:
        file, workers = folder / "contributions.csv", for_bytes(settings)
        if engine != "duckdb":
            step("begin", lambda: workers(0).run(abs, [0, 1]))
        step("landing", lambda: readers.land(file, contributions, landed, part="p", workers=workers))
        extract = sorted((landed / "extract").glob("*.parquet"))
        with match_engine(settings) as matcher:
            matcher.register("extract", extract)
            matcher.register("recipients_by_key", [keys(folder, extract)])
            step("measures", lambda: matcher.rows(measures))
            for answer in ANSWERS:
                step(answer, lambda: matcher.write(match(answer), folder / f"{own.name}-{answer}.parquet"))  # noqa: B023
            step("usable", lambda: matcher.rows(match("usable")))

    step("whole", whole)
    cost["driver"] = driver_peak(), 0.0
    return cost


def driver_peak() -> float:
    """MB of resident memory at the peak of this process and of the Java that it speaks to."""
    java = [process for process in _children() if _name(process) == "java"]
    return sum(map(peak, [os.getpid(), *java]))


def keys(folder: Path, extract: list[Path]) -> Path:
    """The recipients of the extract, the same for both engines: as many as a large city has."""
    import duckdb

    path = folder / "keys.parquet"
    if not path.exists():
        people = duckdb.read_parquet([str(part) for part in extract])  # noqa: F841
        duckdb.sql(
            f"COPY (SELECT DISTINCT id_key, 'P' || substr(id_key, 7) AS person_id, true AS own FROM people"
            f" WHERE id_key IS NOT NULL ORDER BY id_key LIMIT {RECIPIENTS}) TO '{path}' (FORMAT parquet)"
        )
    return path


def differing(folder: Path, answer: str) -> int:
    """Rows of an answer that only one engine gave."""
    import duckdb

    ours, theirs = sorted(folder.glob(f"*-{answer}.parquet"))
    columns = ", ".join(duckdb.read_parquet(str(ours)).columns)
    one, other = (f"SELECT {columns} FROM read_parquet('{path}')" for path in (ours, theirs))
    [(rows,)] = duckdb.sql(
        f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {other}))"
        f" + (SELECT count(*) FROM ({other} EXCEPT ALL {one}))"
    ).fetchall()
    return int(rows)


def _children() -> list[int]:
    return [
        int(child)
        for path in Path("/proc/self/task").glob("*/children")
        for child in path.read_text().split()
    ]


def _name(process: int) -> str:
    return Path(f"/proc/{process}/comm").read_text().strip()


def _processor() -> float:
    """Processor seconds of this process and all that it started."""
    ticks = 0
    for process in descendants(os.getpid()):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
