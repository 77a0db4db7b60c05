"""What a night promises about the nights before and after it, on both databases."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.base.errors import DeliveryRejected
from tests.city import City, settle

HEADINGS_OF_ENLISTMENTS = "公民身份号码,姓名,入伍批准日期,退回日期,退役日期\n"
STATUS = "SELECT status, last_seen_as_of FROM suspension_candidate WHERE candidate_id = :number"
ONE_REEMPLOYED = "SELECT candidate_id FROM suspension_candidate WHERE cause = 'REEMPLOYED' ORDER BY 1 LIMIT 1"
RESTING_ON_PENSIONS = "SELECT * FROM suspension_candidate WHERE cause = 'PENSION' ORDER BY candidate_id"
RESTING_ON_CHANGES = "SELECT * FROM suspension_candidate WHERE link_tier = 'alias' ORDER BY candidate_id"
NIGHTS = ["2024-11-20", "2025-01-20", "2025-03-18"]


@pytest.fixture
def city(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> City:
    return settle(shared / "data" / "world-b", database_url, database, tmp_path, since="2024-09-01")


def test_the_same_night_again_changes_no_row(city: City) -> None:
    city.night(NIGHTS[-1])
    before = city.state()
    assert city.night(NIGHTS[-1])["write_back"] == {"opened": 0, "changed": 0, "withdrawn": 0}
    assert city.state() == before


def test_nights_out_of_order_end_where_nights_in_order_end(city: City) -> None:
    for day in NIGHTS:
        city.night(day)
    in_order = city.findings()
    city.forget()
    for day in (NIGHTS[2], NIGHTS[0], NIGHTS[1]):
        city.night(day)
    assert city.findings() == in_order


TAKEN_UP = "SELECT candidate_id FROM suspension_candidate WHERE status = 'verifying' ORDER BY candidate_id"
ENLISTED = """
    SELECT candidate_id, evidence.delivery_id FROM suspension_candidate JOIN evidence USING (candidate_id)
    WHERE cause = 'MILITARY' AND status = 'open' ORDER BY candidate_id LIMIT 1
"""


def test_what_a_person_has_taken_up_keeps_its_status(city: City) -> None:
    city.night(NIGHTS[1])
    city.execute("UPDATE suspension_candidate SET status = 'verifying' WHERE cause = 'REEMPLOYED'")
    taken_up = city.rows(TAKEN_UP)
    city.night(NIGHTS[2])
    assert taken_up
    assert city.rows(TAKEN_UP) == taken_up


def test_a_candidate_whose_facts_are_taken_back_is_withdrawn(city: City) -> None:
    city.night(NIGHTS[2])
    [candidate] = city.rows(ENLISTED)
    feed, _, day = candidate["delivery_id"].partition("/")
    city.deliver(feed, "2025-03-19", HEADINGS_OF_ENLISTMENTS, supersedes=day)
    city.night("2025-03-19")
    [after] = city.rows(STATUS, number=candidate["candidate_id"])
    assert after["status"] == "withdrawn"
    assert str(after["last_seen_as_of"])[:10] == NIGHTS[2]


def test_a_refused_feed_leaves_what_rests_on_it_and_the_night_goes_on(city: City) -> None:
    city.night(NIGHTS[2])
    resting = city.rows(RESTING_ON_PENSIONS)
    city.deliver("pension_payees", "2025-03-19", "乱写的标题\n", supersedes=None)
    with pytest.raises(DeliveryRejected):
        city.night("2025-03-19")
    counts = city.night("2025-03-19", refused=("pension_payees",))
    assert counts["judge"].get("PENSION") is None
    assert counts["judge"]["REEMPLOYED"] > 0
    assert resting
    assert city.rows(RESTING_ON_PENSIONS) == resting


def test_a_refused_feed_of_changes_leaves_the_links_that_it_made(city: City) -> None:
    city.night(NIGHTS[2])
    resting = city.rows(RESTING_ON_CHANGES)
    city.deliver("identity_changes", "2025-03-19", "乱写的标题\n", supersedes=None)
    with pytest.raises(DeliveryRejected):
        city.night("2025-03-19")
    city.night("2025-03-19", refused=("identity_changes",))
    assert resting
    assert city.rows(RESTING_ON_CHANGES) == resting


def test_a_claim_of_nobody_on_the_register_is_not_passed_over_in_silence(city: City) -> None:
    city.execute("DELETE FROM recipient WHERE person_id = (SELECT min(person_id) FROM recipient)")
    city.night(NIGHTS[2])
    [run] = city.rows("SELECT counts FROM match_run")
    assert "1 笔申领在领取人员档案中查无此人，未比对" in json.loads(run["counts"])["notes"]


def test_the_same_facts_never_raise_a_dismissed_candidate_but_a_new_one_reopens_it(city: City) -> None:
    city.night(NIGHTS[1])
    [candidate] = city.rows(ONE_REEMPLOYED)
    number = candidate["candidate_id"]
    city.execute("UPDATE suspension_candidate SET status = 'dismissed' WHERE candidate_id = :n", n=number)
    city.execute(
        "INSERT INTO review VALUES ('r1', :n, 'dismissed', 'same_name', '', '甲', '2025-01-21 09:00:00',"
        " '乙', '2025-01-21 10:00:00')",
        n=number,
    )
    city.execute(
        "INSERT INTO judged_fact (candidate_id, fact_key, review_id)"
        " SELECT DISTINCT candidate_id, fact_key, 'r1' FROM evidence"
        " WHERE candidate_id = :n",
        n=number,
    )
    city.night("2025-01-21")
    assert city.rows(STATUS, number=number)[0]["status"] == "dismissed"
    city.execute(
        "DELETE FROM judged_fact WHERE candidate_id = :n AND fact_key ="
        " (SELECT min(fact_key) FROM evidence WHERE candidate_id = :n AND weight = 'supports')",
        n=number,
    )
    city.night("2025-01-22")
    assert city.rows(STATUS, number=number)[0]["status"] == "open"
