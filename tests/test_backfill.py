"""Nights of the past: however they are run, they end the same, and people's decisions stand."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.base.errors import UsageError
from pipelines.past import backfill
from tests.city import City, settle

FIRST, LAST = date(2025, 3, 7), date(2025, 3, 18)
SHUFFLED = [18, 9, 12, 7, 15, 10, 17, 8, 16, 11, 14, 13]
FROM_EARLIER = {"first_seen_as_of", "moved"}  # what a candidate says of the nights before


@pytest.fixture
def city(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> City:
    return settle(shared / "data" / "world-b", database_url, database, tmp_path, since="2025-01-01")


def test_twelve_nights_end_the_same_one_by_one_in_one_backfill_and_shuffled(city: City) -> None:
    for day in backfill.nights(FIRST, LAST):
        city.night(day.isoformat())
    one_by_one = city.findings()

    city.forget()
    done = backfill.run(city.settings, FIRST, LAST, "补跑检验", "稽核")
    assert done == backfill.nights(FIRST, LAST)
    assert city.findings() == one_by_one

    city.forget()
    for day in SHUFFLED:
        city.night(f"2025-03-{day:02d}")
    assert city.findings() == one_by_one


def test_a_backfill_leaves_what_people_have_taken_up_as_they_left_it(city: City) -> None:
    city.night(LAST.isoformat())
    city.execute("UPDATE suspension_candidate SET status = 'notified' WHERE cause = 'PENSION'")
    notified = city.rows("SELECT * FROM suspension_candidate WHERE status = 'notified' ORDER BY candidate_id")
    backfill.run(city.settings, date(2025, 3, 16), date(2025, 3, 17), "历史清理", "稽核")
    again = city.rows("SELECT * FROM suspension_candidate WHERE cause = 'PENSION' ORDER BY candidate_id")
    same = [{k: v for k, v in row.items() if k not in FROM_EARLIER} for row in notified]
    assert same
    assert [{k: v for k, v in row.items() if k not in FROM_EARLIER} for row in again] == same


def test_a_backfill_that_broke_off_goes_on_where_it_was(city: City) -> None:
    first, last = date(2025, 3, 16), date(2025, 3, 18)

    class Stopped(Exception):
        """The operator pulls the plug after the first night."""

    def pull_the_plug(_: date) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        backfill.run(city.settings, first, last, "补跑", "稽核", pull_the_plug)
    assert backfill.run(city.settings, first, last, "补跑", "稽核") == backfill.nights(first, last)[1:]


def test_a_preview_shows_the_difference_and_writes_nothing(city: City) -> None:
    city.night("2025-01-20")
    before, files = city.state(), sorted(city.settings.store.rglob("*"))
    difference = backfill.preview(city.settings, LAST, LAST)
    assert {row["cause"] for row in difference.opened} >= {"PENSION", "BUSINESS"}
    assert city.state() == before
    assert sorted(city.settings.store.rglob("*")) == files
    city.night(LAST.isoformat())
    standing = {r["candidate_id"] for r in city.rows("SELECT candidate_id FROM suspension_candidate")}
    assert standing >= {row["candidate_id"] for row in difference.opened}


def test_a_backfill_needs_a_reason_and_a_name(city: City) -> None:
    with pytest.raises(UsageError, match="理由"):
        backfill.run(city.settings, LAST, LAST, " ", "稽核")


def test_a_monthly_backfill_runs_the_last_night_of_each_month_and_the_last_of_all() -> None:
    nights = backfill.nights(date(2024, 12, 30), date(2025, 3, 18), monthly=True)
    assert nights == [date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 28), LAST]


def test_a_monthly_backfill_is_on_record_by_its_own_reason_and_a_preview_counts_by_night(city: City) -> None:
    counted: dict[date, int] = {}
    difference = backfill.preview(
        city.settings, FIRST, LAST, monthly=True,
        progress=lambda night, counts: counted.update({night: counts["opened"]}),
    )  # fmt: skip
    assert counted == {LAST: len(difference.opened)}
    assert backfill.run(city.settings, FIRST, LAST, "补跑", "稽核", monthly=True) == [LAST]
    assert [row["reason"] for row in city.rows("SELECT reason FROM backfill")] == ["补跑（每月一夜）"]
