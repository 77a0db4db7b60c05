"""Rows without a usable number through a whole night: proposed, asked about, decided by people."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.base.errors import UsageError
from pipelines.decisions import identities
from pipelines.demo import build
from tests.city import City, settle

NIGHT, NEXT = "2026-06-18", "2026-06-19"
PROPOSED = (
    "SELECT candidate_id, tier, summary FROM suspension_candidate WHERE link_tier IN ('repaired', 'probable')"
)
LINKED = "SELECT pair_id, person_id FROM probable_link ORDER BY pair_id"
STANDING = (
    "SELECT candidate_id, tier, link_tier FROM suspension_candidate WHERE status <> 'withdrawn' "
    "ORDER BY candidate_id"
)
ASKED = "SELECT question_id FROM identity_question WHERE kind = 'one_id_two_persons' ORDER BY question_id"


@pytest.fixture(scope="module")
def mangled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city in which every second guilty person's numbers are mangled."""
    home = tmp_path_factory.mktemp("mangled") / "city"
    build(home, claims=400, rows=8_000, seed=11, mangled=0.5)
    return home


@pytest.fixture
def city(mangled: Path, database: sa.Engine, database_url: str, tmp_path: Path) -> City:
    return settle(mangled, database_url, database, tmp_path)


def test_no_proposed_link_makes_more_than_a_lead_and_each_asks_for_an_identity_check_first(
    city: City,
) -> None:
    city.night(NIGHT)
    proposed = city.rows(PROPOSED)
    assert proposed
    assert {row["tier"] for row in proposed} == {"lead"}
    assert all(row["summary"].startswith("先核实身份") for row in proposed)


def test_a_pair_found_different_is_neither_linked_nor_asked_again(city: City) -> None:
    city.night(NIGHT)
    pair = city.rows(LINKED)[0]["pair_id"]
    identities.decide(city.engine, pair, "different", "甲", "已核对户籍底册")
    city.night(NEXT)
    assert pair not in {row["pair_id"] for row in city.rows(LINKED)}
    assert pair not in {row["question_id"] for row in city.rows(ASKED)}


def test_a_number_used_by_somebody_else_is_asked_about_until_a_person_answers(city: City) -> None:
    city.night(NIGHT)
    question = city.rows(ASKED)[0]["question_id"]
    identities.decide(city.engine, question, "different", "甲", "本人到场核对")
    city.night(NEXT)
    assert question not in {row["question_id"] for row in city.rows(ASKED)}


def test_a_decision_needs_a_name_a_reason_and_a_question_and_is_not_turned_round(city: City) -> None:
    city.night(NIGHT)
    pair = city.rows(LINKED)[0]["pair_id"]
    with pytest.raises(UsageError, match="判断人"):
        identities.decide(city.engine, pair, "same", "", "依据")
    with pytest.raises(UsageError, match="没有编号"):
        identities.decide(city.engine, "0000", "same", "甲", "依据")
    identities.decide(city.engine, pair, "same", "甲", "依据")
    identities.decide(city.engine, pair, "same", "甲", "依据")
    with pytest.raises(UsageError, match="已判断"):
        identities.decide(city.engine, pair, "different", "乙", "另一依据")


def test_a_model_that_drifted_proposes_nothing_and_takes_nothing_back(city: City) -> None:
    city.night(NIGHT)
    standing = city.rows(STANDING)
    assert {row["link_tier"] for row in standing} >= {"exact", "repaired"}
    kept = city.settings.store / "nights" / NIGHT / "linkage.json"
    model = json.loads(kept.read_text("utf-8"))
    for feed in model["feeds"].values():
        feed["share"] /= 10
    kept.write_text(json.dumps(model), "utf-8")
    counts = city.night(NEXT)
    assert counts["link"]["proposed"] == 0
    assert counts["link"]["contributions"] > 0
    assert city.rows(STANDING) == standing
