"""The stages of a clean-up on made-up months: ``python -m benchmarks.cleanup PERSONS MONTHS [A_SHARD]``.

So many registrations with so many months each, a row a month, one in ten with an old claim; more persons a
shard than usual are what a register has that fills all of them. Prints the CPU seconds of reading the exports
in, of comparing persons and of checking all shards in a process of its own, with the peak memory of each, and
beside them those of reading the same Parquet files through by DuckDB; and what ten million persons and a
thousand million months would take.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb

import sql
from benchmarks.measure import own_peak
from matchers import months
from pipelines.base.settings import Settings
from pipelines.cleanup import run as cleanup
from pipelines.cleanup import shards
from pipelines.database.migrate import upgrade
from pipelines.demo.people import number
from sql.tables import AGENCY, claim

AS_OF = date(2026, 10, 20)
LAST = months.of(date(2018, 6, 1))
CLAIMED = 10  # one in so many
PAYERS = 8_000
REGION = 990_000  # and on: no region has such a code
MANY, MONTHS_OF_MANY = 10_000_000, 1_000_000_000


def history(folder: Path, persons: int, each: int) -> None:
    """One batch of registrations and of months in a row until ``LAST``."""
    batch = folder / "2026-01-15-central"
    heads = ("个人编号", "证件类型", "公民身份号码", "姓名", "出生日期", "参保登记日期")
    with _sheet(batch, "registrations", *heads) as write:
        for n in range(persons):
            name = f"张{chr(0x4E00 + n % 20_000)}{chr(0x4E00 + n // 20_000)}"
            born = date(1960, 1, 1) + timedelta(days=n % 9_000)
            own = number(str(REGION + n // 9_000), born, n % 997 + 1)
            write([f"P{n:08d}", "居民身份证", own, name, born, "2000-01-01"])
    headings = ("个人编号", "单位编号", "险种", "缴费年月", "缴费类型", "缴费标志")
    with _sheet(batch, "contribution_history", *headings) as write:
        for n in range(persons):
            for month in range(LAST - each + 1, LAST + 1):
                write([f"P{n:08d}", f"D{n % PAYERS}", "210", months.text(month), "10", "1"])


@contextmanager
def _sheet(batch: Path, dataset: str, *headings: str) -> Iterator:
    (batch / dataset).mkdir(parents=True)
    with (batch / dataset / "all.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(headings)
        yield sheet.writerow


def claims(url: str, persons: int, each: int) -> None:
    """The agency's relations, with a claim of one person in ``CLAIMED``."""
    engine = sql.connect(url)
    AGENCY.create_all(engine)
    upgrade(engine)
    start = months.text(LAST + 1)
    rows = [
        {"claim_id": f"C{n}", "person_id": f"P{n:08d}", "district": "999901", "start_month": start,
         "registered_on": date(2018, 7, 1), "separated_on": date(2018, 6, 20),
         "entitled_months": min(24, each // 12), "deemed_months": 0, "extended_to_retirement": False,
         "monthly_amount": 1710, "status": "exhausted"}
        for n in range(0, persons, CLAIMED)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(claim.insert(), rows)
    engine.dispose()


@contextmanager
def _timed(what: str, seconds: dict[str, float]) -> Iterator[None]:
    begun, before = time.process_time(), own_peak()
    yield
    seconds[what] = time.process_time() - begun
    print(f"{what}: {seconds[what]:.2f} CPU s, {before:.0f} MB before, {own_peak():.0f} at most", flush=True)


def checked(settings: Settings, digest: str, a_shard: int) -> tuple[int, float]:
    """The findings of all shards of a run, and the CPU seconds of checking them."""
    shards.PERSONS = a_shard
    run, seconds = cleanup.taken_up(settings, digest), dict[str, float]()
    cleanup.persons(run)
    with _timed("checked", seconds):
        findings = sum(len(cleanup.check(run, shard)[0]) for shard in range(run.plan.shards))
    return findings, seconds["checked"]


def main(persons: int, each: int, a_shard: int = shards.PERSONS) -> None:
    """Print what each stage takes."""
    shards.PERSONS = a_shard
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "benefit.db").touch()
        url = f"sqlite:///{home}/benefit.db"
        settings = Settings(
            database_url=url, history=home / "history", inbox=home / "inbox", store=home / "store",
            policy="chongqing", threads=1,
        )  # fmt: skip
        history(settings.history, persons, each)
        claims(url, persons, each)
        with _timed("read in and scattered", seconds):
            digest = cleanup.begun(settings, AS_OF)
            run = cleanup.taken_up(settings, digest)
        with _timed("persons", seconds):
            cleanup.persons(run)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            findings, seconds["checked"] = alone.submit(checked, settings, digest, a_shard).result()
        files = str(run.work.folder / "*.parquet")
        with _timed("summed", seconds), duckdb.connect(config={"threads": 1}) as connection:
            numbers = "sum(first), sum(last), sum(count), sum(latest)"
            texts = ", ".join(f"max({c})" for c in ("person_no", "employer_id", "insurance", "kind", "flag"))
            connection.execute(f"select count(*), {numbers}, {texts} from read_parquet('{files}')").fetchall()
    rows = persons * each
    print(f"{run.plan.persons} persons, {rows} months, {run.plan.shards} shards, {findings} findings; "
          f"check stage {seconds['checked'] / seconds['summed']:.0f} × summing")  # fmt: skip
    read, check = (seconds[stage] / rows * MONTHS_OF_MANY for stage in ("read in and scattered", "checked"))
    compared = seconds["persons"] / persons * MANY
    print(f"10 M persons, 1 G months: {read:.0f} + {compared:.0f} + {check:.0f} CPU s, "
          f"{(read + compared + check) / 120:.0f} min on two cores")  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
