"""What a night promises about the nights before and after it, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.city import City, settle

Settled = Callable[[], City]
NIGHTS = ["2024-11-20", "2025-01-20", "2025-03-18"]


@pytest.fixture
def city(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> City:
    return settle(shared / "data" / "world-b", database_url, database, tmp_path)


def test_the_same_night_again_changes_no_row(city: City) -> None:
    city.night(NIGHTS[-1])
    before = city.state()
    assert city.night(NIGHTS[-1])["write_back"] == {"opened": 0, "changed": 0, "withdrawn": 0}
    assert city.state() == before


def test_nights_out_of_order_end_where_nights_in_order_end(city: City) -> None:
    for day in NIGHTS:
        city.night(day)
    in_order = city.state()
    city.forget()
    for day in (NIGHTS[2], NIGHTS[0], NIGHTS[1]):
        city.night(day)
    assert city.state() == in_order


def test_what_a_person_has_taken_up_keeps_its_status(city: City) -> None:
    city.night(NIGHTS[1])
    city.execute("UPDATE suspension_candidate SET status = 'verifying' WHERE cause = 'REEMPLOYED'")
    taken_up = city.rows("SELECT candidate_id FROM suspension_candidate WHERE status = 'verifying'")
    city.night(NIGHTS[2])
    assert taken_up
    assert taken_up == city.rows(
        "SELECT candidate_id FROM suspension_candidate WHERE status = 'verifying' ORDER BY candidate_id"
    )


def test_a_candidate_whose_facts_are_gone_is_withdrawn_and_comes_back_with_them(city: City) -> None:
    city.night(NIGHTS[1])
    folder = next((city.settings.inbox).glob("*/enlistments"))
    assert folder
