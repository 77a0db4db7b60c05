"""What people read about one candidate: all of it on one page, and nobody is named in full there."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlalchemy as sa

import sql
from matchers.causes import causes
from matchers.findings import EVERY_CAUSE, PRECISE
from matchers.links import ALLOWS, LINK_WORDS
from matchers.summary import yuan
from pipelines.base.errors import UsageError
from pipelines.demo import build
from pipelines.reports import case as cases
from pipelines.reports import casefile, words
from pipelines.reports.explain import page
from tests.city import City, settle

NIGHT = "2025-03-18"
EVERY = "SELECT * FROM suspension_candidate ORDER BY candidate_id"


@pytest.fixture
def city(database: sa.Engine, database_url: str, shared: Path, tmp_path: Path) -> City:
    return settle(shared / "data" / "world-b", database_url, database, tmp_path)


def test_every_candidate_is_explained_to_the_fen_and_no_page_names_anybody_in_full(city: City) -> None:
    city.night(NIGHT)
    names = {r["person_id"]: r["name"] for r in city.rows("SELECT person_id, name FROM recipient")}
    for candidate in city.rows(EVERY):
        case = cases.read(city.engine, candidate["candidate_id"])
        own = [paid for paid in case.overpayments if paid.recoverable_from_person]
        assert sum(paid.due_fen for paid in own) == candidate["overpaid_fen"]
        assert all(paid.due_fen == paid.paid_fen - paid.recovered_fen for paid in case.overpayments)

        text = page(case)
        assert yuan(candidate["overpaid_fen"]) in text
        assert re.search(r"法律依据.*第[一二三四五六七八九十]+条", text, re.S)
        assert re.search(r"事实.*第\d+行", text, re.S)
        assert "对当事人有利的情况" in text
        assert words.district(candidate["district"]) in text
        assert "调查核实" in text
        for shown in (text, json.dumps(asdict(case), ensure_ascii=False, default=str)):
            assert not re.search(r"\d{17}[\dX]", shown)
            assert names[candidate["person_id"]] not in shown
            assert "／" not in shown


def test_a_page_speaks_the_words_of_the_reports_and_no_codes(city: City) -> None:
    city.night(NIGHT)
    shown = [page(cases.read(city.engine, row["candidate_id"])) for row in city.rows(EVERY)]
    assert any("险种类型：110 企业职工基本养老" in text for text in shown)
    assert any("待发" in text for text in shown)
    names = re.compile(r"[a-z_]+/\d{4}-\d\d-\d\d|\S*\d{8}\S*|national-")
    assert [word for text in shown for word in re.findall(r"[a-z_]{4,}", names.sub("", text))] == []


def test_a_benefit_that_only_the_agencys_system_knows_is_named_as_there(city: City) -> None:
    city.night(NIGHT)
    with city.engine.begin() as connection:
        connection.execute(sa.text("UPDATE overpayment SET benefit_kind = 'heating'"))
    shown = [page(cases.read(city.engine, row["candidate_id"])) for row in city.rows(EVERY)]
    assert any("heating　已发" in text for text in shown)


@pytest.fixture(params=["demo", "world-c"])
def full_city(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[City]:
    """A city after its night: one of the demo with every story, or the sample of the amended rules."""
    world, night = tmp_path / "demo", "2026-06-18"
    if request.param == "demo":
        build(world, claims=200, rows=2_000, seed=4, mangled=0.1)
    else:
        world, night = request.getfixturevalue("shared") / "data" / "world-c", "2026-09-17"
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    url = f"sqlite:///{tmp_path / 'benefit.db'}"
    engine = sql.connect(url)
    made = settle(world, url, engine, tmp_path)
    made.night(night)
    yield made
    engine.dispose()


def test_every_candidate_that_is_not_precise_names_what_keeps_it_lower_and_no_other_does(
    full_city: City,
) -> None:
    candidates = full_city.rows(EVERY)
    assert {row["tier"] for row in candidates} == {"precise", "important", "lead"}
    for row in candidates:
        text = page(cases.read(full_city.engine, row["candidate_id"]))
        _, _, passage = text.partition("未列为精确疑点：")
        named = re.split("；|。", passage)[0].split("、") if passage else []
        sentences = {*causes()[row["cause"]].words.values(), *EVERY_CAUSE.values(), *LINK_WORDS.values()}
        parts = {part for sentence in sentences for part in sentence.split("、")}
        place = f"{row['claim_id']} {row['cause']} {row['tier']}"
        assert bool(named) == (row["tier"] != "precise"), place
        assert set(named) <= parts, place
        if row["tier"] != "precise" and ALLOWS[row["link_tier"]] < PRECISE:
            assert set(LINK_WORDS[row["link_tier"]].split("、")) <= set(named), place


def test_a_suspended_claim_is_explained_as_the_record_of_today(city: City) -> None:
    city.night(NIGHT)
    [one, other] = city.rows(EVERY)[:2]
    city.execute("UPDATE claim SET status = 'suspended' WHERE claim_id = :claim", claim=one["claim_id"])
    sentence = "申领现在的状态是暂停（只有今天的记录"
    assert sentence in page(cases.read(city.engine, one["candidate_id"]))
    assert one["claim_id"] != other["claim_id"]
    assert sentence not in page(cases.read(city.engine, other["candidate_id"]))


def test_a_person_has_one_file_to_print_with_every_candidate_and_room_to_sign(city: City) -> None:
    city.night(NIGHT)
    rows = city.rows(EVERY)
    people = Counter(row["person_id"] for row in rows)
    [(person, several)] = people.most_common(1)
    own = [row["candidate_id"] for row in rows if row["person_id"] == person]
    printed = casefile.page([cases.read(city.engine, number) for number in own])
    assert printed.count("<section>") == several == len(own)
    for part in ("事实", "逐月核算", "法律依据", "对当事人有利的情况", "核查人：", "复核人：", *own):
        assert part in printed
    [name] = {r["name"] for r in city.rows("SELECT * FROM recipient") if r["person_id"] == person}
    assert name not in printed
    assert not re.search(r"\d{17}[\dX]|<script|src=|href=", printed)


def test_a_number_without_a_candidate_is_refused(database: sa.Engine) -> None:
    with pytest.raises(UsageError, match="没有疑点"):
        cases.read(database, "YD0000")
