"""What people read about one candidate: all of it on one page, and nobody is named in full there."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchers.summary import yuan
from pipelines.base.errors import UsageError
from pipelines.reports import case as cases
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


def test_a_number_without_a_candidate_is_refused(database: sa.Engine) -> None:
    with pytest.raises(UsageError, match="没有疑点"):
        cases.read(database, "YD0000")
