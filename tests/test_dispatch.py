"""A list handed to its district waits for the answer, and the page tells who waits for whom."""

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.store import Store
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import take
from pipelines.feedback.dispatch import dispatch
from pipelines.reports import contents
from pipelines.reports.page import figures
from sql import tables as t
from tests.findings import NIGHTS, city
from tests.lists import AT, DISMISSED, List, handed_out, taken_in
from tests.test_cli import crossmatch


@pytest.fixture
def filled(database: Engine) -> Engine:
    city(claims=60).fill(database)
    return database


def waiting(engine: Engine, folder: Path) -> dict[str, tuple[int, int]]:
    """By district: how many candidates wait to be handed out, and how many for an answer."""
    night = contents.read(engine, Store(folder / "store"), NIGHTS[-1])
    return {row["code"]: (row["open"], row["waiting"]) for row in figures.work(night)}


def test_a_list_handed_out_waits_for_its_district_and_the_others_stay_open(
    filled: Engine, tmp_path: Path
) -> None:
    before = waiting(filled, tmp_path)
    done = dispatch(filled, handed_out(filled, tmp_path), "督办", AT)
    assert done.dispatched == done.rows == before["500106"][0] > 0
    assert waiting(filled, tmp_path) == before | {"500106": (0, done.rows)}


def test_the_same_list_again_changes_nothing(filled: Engine, tmp_path: Path) -> None:
    path = handed_out(filled, tmp_path)
    dispatch(filled, path, "督办", AT)
    assert dispatch(filled, path, "督办", AT).dispatched == 0
    with filled.connect() as connection:
        made = connection.execute(select(func.count()).select_from(t.review)).scalar_one()
        exports = connection.execute(select(t.review_detail.c.export_id).distinct()).scalars().all()
    assert made == waiting(filled, tmp_path)["500106"][1]
    assert len(exports) == 1


def test_what_a_person_has_taken_up_stays_as_it_is_and_a_list_handed_out_comes_back(
    filled: Engine, tmp_path: Path
) -> None:
    sheet = List(handed_out(filled, tmp_path))
    sheet.fill(2, DISMISSED)
    taken_in(filled, sheet.saved())
    done = dispatch(filled, sheet.path, "督办", AT)
    assert done.dispatched == done.rows - 1
    sheet.fill(3, DISMISSED)
    outcomes = taken_in(filled, sheet.saved()).outcomes
    assert (outcomes["earlier"], outcomes["taken"], outcomes["refused"]) == (1, 1, 0)


def test_a_list_handed_out_between_two_signatures_takes_the_first_not_back(
    filled: Engine, tmp_path: Path
) -> None:
    path = handed_out(filled, tmp_path)
    with filled.connect() as connection:
        candidate = connection.execute(select(func.min(t.report_export_row.c.candidate_id))).scalar_one()

    def dismissed(by: str, hours: int) -> str:
        made = Decision(candidate, "dismissed", by, by, reason_code="role_only")
        with filled.begin() as connection:
            return take(connection, made, AT + timedelta(hours=hours)).status

    assert dismissed("甲", 0) == "open"
    dispatch(filled, path, "督办", AT + timedelta(hours=1))
    assert dismissed("乙", 2) == "dismissed"


def test_only_a_list_of_ours_can_be_handed_out_and_by_somebody(filled: Engine, tmp_path: Path) -> None:
    path = handed_out(filled, tmp_path)
    with pytest.raises(UsageError, match="操作人"):
        dispatch(filled, path, " ", AT)
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    with pytest.raises(DeliveryRejected, match="清单原文件"):
        dispatch(filled, other, "督办", AT)


def test_the_command_says_of_each_list_how_many_were_handed_out(
    filled: Engine, database_url: str, tmp_path: Path
) -> None:
    path = handed_out(filled, tmp_path)
    done = [
        crossmatch(tmp_path, "dispatch", str(path), "--by", "督办", DATABASE_URL=database_url).stdout
        for _ in range(2)
    ]
    count = waiting(filled, tmp_path)["500106"][1]
    assert done[0] == f"疑点清单-500106.xlsx：下发 {count} 件\n"
    assert done[1] == f"疑点清单-500106.xlsx：下发 0 件，此前已下发或在办 {count} 件\n"
