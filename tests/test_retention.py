"""What is past its time is removed, what a night could need is not; a past night says what it lacks."""

import os
import shutil
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import sql
from pipelines import night
from pipelines.base import clock
from pipelines.base.errors import CrossmatchError
from pipelines.database import audit
from pipelines.upkeep import daily as upkeep
from sql.tables import audit_event, delivery, evidence
from tests.faults.town import SECOND, Town, build
from tests.inbox import Inbox, id_number, name

LATER = date(2026, 3, 25)
LONG_AGO = ("公民身份号码", "姓名", "单位编号", "险种类型", "结算期", "缴费年月", "缴费类型", "缴费标志")


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Town:
    """The town after its second night, with an increment of months long before any claim."""
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    made = build(tmp_path, f"sqlite:///{tmp_path / 'benefit.db'}")
    row = (id_number(6), name(6), "N1", "110", "2024-01", "2024-01", "10", "1")
    old = "\n".join([",".join(LONG_AGO), ",".join(row)])
    Inbox(made.settings.inbox).deliver("contributions", "2026-01-05", {"old.csv": old})
    night.propose(made.settings, SECOND)
    return made


def landed(town: Town) -> set[str]:
    folder = town.home / "store" / "deliveries"
    return {f"{p.parent.name}/{p.name.removeprefix('delivered_on=')}" for p in folder.glob("*/*")}


def counted(town: Town) -> tuple[int, ...]:
    engine = sql.connect(town.url)
    with engine.connect() as connection:
        rows = tuple(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (delivery, evidence)
        )
    engine.dispose()
    return rows


def test_only_what_no_night_can_need_is_removed_and_its_record_stays(town: Town) -> None:
    before, record = landed(town), counted(town)
    removed = upkeep.retain(town.settings, LATER)
    gone = {"pension_payees/2026-01-15", "hires/2026-01-10", "contributions/2026-01-05"}
    assert before - landed(town) == gone
    assert removed == {
        "removed_nights": 1, "removed_cleanups": 0, "removed_deliveries": 3, "removed_exports": 0,
    }  # fmt: skip
    assert counted(town) == record
    assert upkeep.retain(town.settings, LATER) == dict.fromkeys(removed, 0)


def test_the_frames_of_a_clean_up_go_when_nothing_was_written_for_it_in_the_time_that_frames_are_kept(
    town: Town,
) -> None:
    midnight = datetime.combine(LATER, time.min, clock.SHANGHAI)
    kept = timedelta(days=town.settings.retention_nights)
    for run, touched in (("past", midnight - kept - timedelta(hours=1)), ("recent", midnight - kept)):
        folder = town.home / "store" / "cleanup" / run
        (folder / "months").mkdir(parents=True)
        (folder / "plan.json").touch()
        for path in (*folder.iterdir(), folder):
            os.utime(path, (touched.timestamp(),) * 2)
    assert upkeep.retain(town.settings, LATER)["removed_cleanups"] == 1
    assert [p.name for p in (town.home / "store" / "cleanup").iterdir()] == ["recent"]


def test_the_removal_is_on_the_audit_chain(town: Town) -> None:
    upkeep.retain(town.settings, LATER)
    engine = sql.connect(town.url)
    with engine.connect() as connection:
        detail = connection.execute(select(audit_event.c.detail).where(audit_event.c.action == "retention"))
        assert "contributions/2026-01-05" in detail.scalar_one()
    assert audit.verify(engine).faults == ()
    engine.dispose()


def test_nothing_is_removed_within_its_time(town: Town) -> None:
    before = landed(town)
    upkeep.retain(replace(town.settings, retention_nights=90), LATER)
    assert landed(town) == before


def test_a_night_finds_the_same_before_and_after_the_removal(town: Town) -> None:
    upkeep.retain(town.settings, LATER)
    assert night.propose(town.settings, SECOND)["write_back"] == {"opened": 0, "changed": 0, "withdrawn": 0}


def test_a_night_of_the_past_takes_what_it_lacks_from_the_inbox_or_names_it(town: Town) -> None:
    past = date(2026, 1, 20)
    upkeep.retain(town.settings, LATER)
    night.link(town.settings, past)
    assert "pension_payees/2026-01-15" in landed(town)

    upkeep.retain(town.settings, LATER)
    shutil.rmtree(town.home / "inbox" / "2026-01-15")
    with pytest.raises(CrossmatchError, match=r"pension_payees/2026-01-15 的 p\.csv（SHA-256 [0-9a-f]{64}）"):
        night.link(town.settings, past)
