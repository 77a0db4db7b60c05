"""Whatever dies, whenever: accepting again gives the same record and the same store."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

import sql
from pipelines.base.settings import Settings
from pipelines.database.lock import held
from pipelines.deliveries import accept, deliveries
from sql.tables import delivery
from tests.inbox import Inbox, day

DIES_BEFORE_A_RENAME = """
import os, signal, sys
from itertools import count
from pathlib import Path
from datetime import date
from pipelines.deliveries import accept
from pipelines.base.settings import Settings

number, left = count(), int(sys.argv[1])
def hook(event, about):
    if event == "os.rename" and os.path.isdir(about[0]) and next(number) == left:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
url, inbox, store = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
settings = Settings(database_url=url, inbox=inbox, store=store, memory_mb=256, threads=1)
accept(settings, "deaths", date(2026, 1, 31))
"""
REFUSE_INSERT = {
    "sqlite": [
        "CREATE TRIGGER cut BEFORE INSERT ON delivery WHEN NEW.delivered_on = '2026-01-20' "
        "BEGIN SELECT RAISE(ABORT, 'cut'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION cut() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'cut'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER cut BEFORE INSERT ON delivery FOR EACH ROW "
        "WHEN (NEW.delivered_on = '2026-01-20') EXECUTE FUNCTION cut()",
    ],
}
DROP_TRIGGER = {"sqlite": "DROP TRIGGER cut", "postgresql": "DROP TRIGGER cut ON delivery"}


def three_deliveries(root: Path) -> Inbox:
    inbox = Inbox(root)
    for n, on in enumerate(("2026-01-10", "2026-01-20", "2026-01-30")):
        inbox.deaths(on, [n])
    return inbox


def stored(store: Path) -> dict[str, int]:
    """The landed files and when they were written."""
    return {str(p.relative_to(store)): p.stat().st_mtime_ns for p in store.rglob("*.parquet")}


def rows(engine: Engine) -> list[tuple[object, ...]]:
    columns = [c for c in delivery.c if c.name != "landed_at"]
    with engine.connect() as connection:
        rows = connection.execute(select(*columns).order_by(delivery.c.delivery_id))
        return [tuple(row) for row in rows]


def test_a_run_cut_between_landing_and_record_is_made_good_without_reading_again(
    database_url: str, database: Engine, tmp_path: Path
) -> None:
    inbox = three_deliveries(tmp_path / "inbox")
    settings = Settings(
        database_url=database_url, inbox=inbox.root, store=tmp_path / "store", memory_mb=256, threads=1
    )
    with database.begin() as connection:
        for statement in REFUSE_INSERT[database.dialect.name]:
            connection.exec_driver_sql(statement)
    with pytest.raises(DBAPIError):
        accept(settings, "deaths", day("2026-01-31"))
    assert [d.delivered_on.day for d in deliveries(database)] == [10]
    landed = stored(settings.store)

    with database.begin() as connection:
        connection.exec_driver_sql(DROP_TRIGGER[database.dialect.name])
    assert accept(settings, "deaths", day("2026-01-31")).accepted == 2
    assert [d.delivered_on.day for d in deliveries(database)] == [10, 20, 30]
    assert stored(settings.store) == landed


@pytest.mark.parametrize("renames_left", [0, 2])
def test_a_run_killed_before_a_file_is_published_is_made_good(
    sqlite_template: Path, tmp_path: Path, renames_left: int
) -> None:
    inbox = three_deliveries(tmp_path / "inbox")
    urls = {}
    for name in ("killed", "untouched"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "benefit.db").write_bytes(sqlite_template.read_bytes())
        urls[name] = f"sqlite:///{tmp_path / name / 'benefit.db'}"
    script = [sys.executable, "-c", DIES_BEFORE_A_RENAME, str(renames_left), urls["killed"]]
    paths = [str(inbox.root), str(tmp_path / "killed" / "store")]
    root = Path(__file__).parents[1]
    died = subprocess.run(
        [*script, *paths], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "killed" / "store").glob("deliveries/*/*/*/landing.json"))) == renames_left

    records = []
    for name, url in urls.items():
        settings = Settings(
            database_url=url, inbox=inbox.root, store=tmp_path / name / "store", memory_mb=256, threads=1
        )
        accept(settings, "deaths", day("2026-01-31"))
        engine = sql.connect(url)
        records.append((rows(engine), sorted(stored(settings.store))))
        engine.dispose()
    assert records[0] == records[1]
    assert len(records[0][0]) == 3


def test_feeds_accepted_at_the_same_time_do_not_disturb_each_other(
    database_url: str, database: Engine, tmp_path: Path
) -> None:
    inbox = Inbox(tmp_path / "inbox")
    for n in range(1, 13):
        inbox.deaths(f"2026-01-{n:02d}", [n])
        inbox.hires(f"2026-01-{n:02d}", [n])
    settings = Settings(
        database_url=database_url, inbox=inbox.root, store=tmp_path / "store", memory_mb=256, threads=1
    )
    with held(database, shared=True), ThreadPoolExecutor(2) as both:
        accepted = list(both.map(lambda feed: accept(settings, feed, day("2026-01-31")), ("deaths", "hires")))
    assert [one.accepted for one in accepted] == [12, 12]
    assert len(deliveries(database)) == 24
