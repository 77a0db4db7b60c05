"""The breaker: a night with far more candidates than the nights before is held until two release it."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

import sql
from pipelines import night
from pipelines.base.errors import HeldByGate
from pipelines.database import audit
from pipelines.decisions.release import release
from pipelines.reports import PAGE
from pipelines.upkeep.daily import require_finished
from sql.tables import audit_event, match_run, suspension_candidate
from tests.faults.town import Town, build
from tests.inbox import Inbox

QUIET = [date(2026, 1, day) for day in (20, 21, 22)]
MASS, NEXT = date(2026, 1, 23), date(2026, 1, 24)
EVERYBODY = range(15, 76)


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    return f"sqlite:///{tmp_path / 'benefit.db'}"


@pytest.fixture
def town(url: str, tmp_path: Path) -> Town:
    """Three quiet nights; then sixty-one of seventy-five recipients are reported dead."""
    made = build(tmp_path, url, claims=75)
    for day in QUIET:
        night.propose(made.settings, day)
    Inbox(made.settings.inbox).deaths(MASS.isoformat(), EVERYBODY)
    return made


@pytest.fixture
def engine(town: Town) -> Iterator[Engine]:
    engine = sql.connect(town.url)
    yield engine
    engine.dispose()


def candidates(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(suspension_candidate)).scalar_one()


def runs(engine: Engine, day: date) -> list[Any]:
    with engine.connect() as connection:
        of_the_day = select(match_run.c.run_id, match_run.c.status).where(match_run.c.as_of == day)
        return list(connection.execute(of_the_day))


def test_a_night_far_out_of_the_usual_is_held_until_two_people_release_it(town: Town, engine: Engine) -> None:
    before = candidates(engine)
    with pytest.raises(HeldByGate, match="死亡") as held:
        night.run(town.settings, MASS)
    assert held.value.exit_code == 3
    assert candidates(engine) == before
    written = town.settings.reports / MASS.isoformat()
    assert "本夜已暂扣" in (written / PAGE).read_text("utf-8")
    assert sorted(path.name for path in written.glob("*.xlsx")) == [
        "多领报告-全市.xlsx",
        "疑点清单-全市.xlsx",
    ]
    [(run_id, status)] = runs(engine, MASS)
    assert status == "held"
    with pytest.raises(Exception, match="两人放行"):
        require_finished(town.settings, MASS)

    for person in ("甲", "甲", " 甲 "):
        release(engine, run_id, person, "已向公安核实")
        with pytest.raises(HeldByGate):
            night.write_back(town.settings, MASS)
        assert candidates(engine) == before

    assert release(engine, run_id, "乙", "复核无误") == 2
    night.write_back(town.settings, MASS)
    assert candidates(engine) == before + len(EVERYBODY)
    assert runs(engine, MASS) == [(run_id, "succeeded")]
    with engine.connect() as connection:
        kept = connection.execute(select(match_run.c.counts).where(match_run.c.run_id == run_id)).scalar_one()
        assert json.loads(kept)[audit.HEAD] == audit.decided(connection) != ""
    assert night.propose(town.settings, NEXT)["write_back"]["opened"] == 0

    with engine.connect() as connection:
        acted = connection.execute(select(audit_event.c.actor, audit_event.c.action).order_by("seq")).all()
    assert [who for who, what in acted if what == "release"] == ["甲", "乙"]
    assert audit.verify(engine).faults == ()


def test_the_night_after_a_held_one_is_held_too_and_its_release_is_enough_for_both(
    town: Town, engine: Engine
) -> None:
    before = candidates(engine)
    for day in (MASS, NEXT):
        with pytest.raises(HeldByGate):
            night.propose(town.settings, day)
    assert candidates(engine) == before
    for person in ("甲", "乙"):
        release(engine, runs(engine, NEXT)[0].run_id, person, "已向公安核实")
    for day in (NEXT, MASS):
        night.write_back(town.settings, day)
        assert candidates(engine) == before + len(EVERYBODY)


def test_the_first_nights_of_an_agency_are_not_held(url: str, tmp_path: Path) -> None:
    made = build(tmp_path, url, claims=75)
    Inbox(made.settings.inbox).deaths("2026-01-19", EVERYBODY)
    assert night.propose(made.settings, QUIET[0])["write_back"]["opened"] > len(EVERYBODY)
