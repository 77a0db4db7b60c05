"""Every list is taken back for some time, and one that people work with for as long as they do."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.feedback.dispatch import dispatch
from pipelines.upkeep import daily as upkeep
from sql import tables as t
from tests.findings import NIGHTS, city
from tests.lists import AT, DISMISSED, List, handed_out, taken_in

LAST_DAY = NIGHTS[-1] + timedelta(days=90)
NEXT_DAY = LAST_DAY + timedelta(days=1)


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=40).fill(database)
    return Settings(database_url=database_url, store=tmp_path / "store", export_nights=90)


def kept(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        counts = (select(func.count()).select_from(x) for x in (t.report_export, t.report_export_row))
        exports, rows = (connection.execute(wanted).scalar_one() for wanted in counts)
    return exports, rows


def removed(settings: Settings, day: date) -> int:
    return upkeep.retain(settings, day)["removed_exports"]


def test_a_list_is_taken_back_until_its_time_is_over_and_then_said_to_be_past_it(
    database: Engine, settings: Settings, tmp_path: Path
) -> None:
    sheet = List(handed_out(database, tmp_path))
    sheet.fill(2, DISMISSED)
    before = kept(database)
    assert removed(settings, LAST_DAY) == 0
    assert kept(database) == before
    assert removed(settings, NEXT_DAY) == 1
    assert kept(database) == (0, 0)
    with pytest.raises(UsageError, match="已过保存期"):
        taken_in(database, sheet.saved())


@pytest.mark.parametrize("used", ["handed out", "taken back"])
def test_a_list_that_people_work_with_stays_until_nothing_in_it_is_in_work(
    database: Engine, settings: Settings, tmp_path: Path, used: str
) -> None:
    sheet = List(handed_out(database, tmp_path))
    if used == "handed out":
        dispatch(database, sheet.path, "督办", AT)
    else:
        sheet.fill(2, {"核查人": "甲", "核查结论": "核查中"})
        taken_in(database, sheet.saved())
    assert removed(settings, NEXT_DAY) == 0
    sheet.fill(3, DISMISSED)
    assert taken_in(database, sheet.saved()).outcomes["taken"] == 1
    with database.begin() as connection:
        connection.execute(update(t.suspension_candidate).values(status="closed"))
    assert removed(settings, NEXT_DAY) == 1


def test_what_was_decided_on_a_removed_list_stays_and_the_audit_names_the_list(
    database: Engine, settings: Settings, tmp_path: Path
) -> None:
    sheet = List(handed_out(database, tmp_path))
    sheet.fill(2, DISMISSED)
    export_id = taken_in(database, sheet.saved()).export_id
    with database.begin() as connection:
        connection.execute(update(t.suspension_candidate).values(status="closed"))
    upkeep.retain(replace(settings, export_nights=0), NEXT_DAY)
    with database.connect() as connection:
        reviews = connection.execute(select(t.review_detail.c.export_id)).scalars().all()
        c = t.audit_event.c
        removed = connection.execute(select(c.detail).where(c.action == "retention")).scalar_one()
    assert export_id in reviews
    assert export_id in removed
    assert audit.verify(database).faults == ()
