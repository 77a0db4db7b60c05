"""Page, cover and message say when money goes out next, and until when a check can still stop it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, insert

from pipelines import reports
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.reports import contents, notify
from sql import tables as t
from tests.findings import NIGHTS, city

NIGHT = NIGHTS[-1]
CALENDAR = "2026-11-26 2026-09-25 2026-10-26"
SENTENCE = "下次发放日 2026-10-26（还有 6 天），截止核实日 2026-10-21"


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=20).fill(database)
    places = {"store": tmp_path / "store", "reports": tmp_path / "reports"}
    return Settings(database_url=database_url, pay_days=CALENDAR, **places)


def digest(engine: Engine, settings: Settings) -> str:
    return notify.digest(contents.read(engine, Store(settings.store), NIGHT, settings))[1]


def test_page_cover_and_message_name_the_next_day_of_the_calendar(
    database: Engine, settings: Settings
) -> None:
    written = reports.write(settings, NIGHT)
    assert SENTENCE in digest(database, settings)
    assert SENTENCE in (settings.reports / NIGHT.isoformat() / reports.PAGE).read_text("utf-8")
    for path in (path for path in written if path.suffix == ".xlsx"):
        cover = openpyxl.load_workbook(path)["封面"]
        assert SENTENCE in [cell.value for row in cover.iter_rows() for cell in row]


def test_a_dated_roll_goes_before_the_calendar(database: Engine, settings: Settings) -> None:
    row = {"claim_id": "C1", "benefit_month": "2026-10", "benefit_kind": "unemployment_benefit"}
    days = {"P1": ("scheduled", date(2026, 10, 23)), "P2": ("paid", date(2026, 10, 21))}
    with database.begin() as connection:
        for number, (state, day) in days.items():
            paid = {"payment_id": number, "state": state, "paid_on": day, "amount": 1710}
            connection.execute(insert(t.payment).values(**row, **paid))
    assert "下次发放日 2026-10-23（还有 3 天），截止核实日 2026-10-20" in digest(database, settings)


def test_where_neither_has_a_day_it_is_said_that_none_is_on_record(
    database: Engine, settings: Settings
) -> None:
    assert "下次发放日不明" in digest(database, replace(settings, pay_days="2026-09-25"))


def test_a_day_of_the_calendar_that_is_no_date_is_a_wrong_setting() -> None:
    with pytest.raises(UsageError, match="pay_days"):
        Settings.load({"CROSSMATCH_PAY_DAYS": "2026-11-31"})
