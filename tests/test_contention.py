"""Other sessions hold what a night needs: it waits a little, says so in one line, and is run again."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from expectations.feed import feeds
from pipelines import night
from pipelines.base.failures import DatabaseFailed, translated
from tests.faults.town import FIRST, Town, build

Session = psycopg.Connection[tuple[object, ...]]
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'crossmatch.evidence'::regclass"


@pytest.fixture
def town(postgresql_url: str, tmp_path: Path) -> Town:
    """The town, its first night judged and not yet written back."""
    made = build(tmp_path, postgresql_url)
    for feed in feeds():
        night.accept(made.settings, feed, FIRST)
    for step in (night.link, night.judge):
        step(made.settings, FIRST)
    return made


@pytest.fixture
def other(town: Town) -> Iterator[Session]:
    """Another session, in a transaction."""
    with psycopg.connect(town.url.replace("+psycopg", "")) as session:
        yield session


def written(town: Town) -> dict[str, int]:
    with translated():
        return night.write_back(town.settings, FIRST)


def test_a_night_gives_up_on_a_held_lock_and_goes_through_when_it_is_free(town: Town, other: Session) -> None:
    other.execute("LOCK TABLE crossmatch.evidence IN SHARE MODE")
    with pytest.raises(DatabaseFailed, match="等待锁超时") as failed:
        written(town)
    assert failed.value.code == "55P03"
    other.rollback()
    assert written(town)["opened"] > 0


def test_a_deadlock_costs_the_night_nothing_but_a_rerun(town: Town, other: Session) -> None:
    other.execute("SET deadlock_timeout = '1min'")
    other.execute("LOCK TABLE crossmatch.evidence IN SHARE MODE")
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(written, town)
        with psycopg.connect(town.url.replace("+psycopg", ""), autocommit=True) as watching:
            while watching.execute(WAITING).fetchone() == (0,):
                time.sleep(0.01)
        other.execute("LOCK TABLE crossmatch.suspension_candidate IN SHARE MODE")
        with pytest.raises(DatabaseFailed, match="与其他会话冲突") as failed:
            writing.result()
    assert failed.value.code == "40P01"
    other.rollback()
    assert written(town)["opened"] > 0
