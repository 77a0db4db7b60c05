"""A list is read by the columns it was made with: whatever has gone out is taken in for ever.

``lists_handed_out`` holds such lists, each with the rows of the database that it went out of. None of these
files is ever made again: where one is refused, the product has changed what districts have in hands.
"""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Date, Engine, MetaData, Table, insert, select

import sql
from pipelines.base.errors import DeliveryRejected
from pipelines.database.migrate import upgrade
from pipelines.feedback.answer import parse
from pipelines.feedback.dispatch import dispatch
from pipelines.reports import exceptions, shown
from pipelines.reports.workbook import Column
from sql import tables as t
from tests.lists import AT, CONFIRMED, DISMISSED, TODAY, List, handed_out, taken_in
from tests.test_feedback import status

FIRST = Path(__file__).parent / "lists_handed_out" / "first"
FIRST_REVISION = "0006"


@pytest.fixture
def upgraded(empty_url: str) -> Engine:
    """The database that the first list went out of, with all that has been added to it since."""
    engine = sql.connect(empty_url)
    upgrade(engine, FIRST_REVISION)
    sql.create_agency(engine)
    rows = json.loads(FIRST.with_suffix(".json").read_text("utf-8"))
    there = MetaData()
    there.reflect(engine)
    if engine.dialect.name == "postgresql":
        there.reflect(engine, schema="public")
    by_name = {table.name: table for table in there.sorted_tables}
    with engine.begin() as connection:
        for name, of_table in rows.items():
            typed = [_typed(by_name[name], row) for row in of_table]
            connection.execute(insert(by_name[name]), typed)
    upgrade(engine)
    return sql.connect(empty_url)


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    days = {c.name for c in table.columns if isinstance(c.type, Date)}
    return {n: date.fromisoformat(v) if n in days and v is not None else v for n, v in row.items()}


@pytest.fixture
def first(tmp_path: Path) -> List:
    """The first list, as a district has it."""
    path = tmp_path / "疑点清单-500106.xlsx"
    shutil.copyfile(FIRST.with_suffix(".xlsx"), path)
    return List(path)


def test_the_first_list_is_taken_in_with_every_column_a_district_fills_in(
    upgraded: Engine, first: List
) -> None:
    untouched = taken_in(upgraded, first.path)
    assert untouched.problems == untouched.missing == untouched.unknown == ()
    assert untouched.outcomes["blank"] == untouched.rows == 18
    assert dispatch(upgraded, first.path, "督办", AT).dispatched == 18
    wrong = first.fill(2, DISMISSED | {"核查方式": "约谈", "核查日期": date(2026, 10, 21), "备注": "已见"})
    right = first.fill(
        3,
        CONFIRMED | {"已追回金额": 1755.5, "追回方式": "一次性", "销号日期": date(2026, 10, 24)},
    )
    receipt = taken_in(upgraded, first.saved())
    assert receipt.problems == ()
    assert receipt.outcomes["taken"] == 2
    assert (status(upgraded, wrong), status(upgraded, right)) == ("dismissed", "closed")


def test_what_was_changed_in_the_first_list_is_still_named(upgraded: Engine, first: List) -> None:
    locked = [heading for heading in first.at if heading not in DISMISSED and heading != "校验码"]
    locked = locked[: locked.index("核查方式")]
    for row, heading in enumerate(locked, 2):
        if row <= first.sheet.max_row:
            first[row, heading] = "改过"
    problems = {p.place.partition("!")[2] for p in taken_in(upgraded, first.saved()).problems}
    expected = {first.place(row, h) for row, h in enumerate(locked, 2) if row <= first.sheet.max_row}
    assert len(expected) == 18
    assert expected <= problems


def test_every_choice_that_the_first_list_offers_is_still_accepted(first: List) -> None:
    offered = [row[:2] for row in first.book["字典"].iter_rows(min_row=2, values_only=True)]
    choices = [(heading, word) for heading, word in offered if heading in first.at]
    assert len(choices) > 20
    refused = [(h, word) for h, word in choices if h in parse({h: str(word), "核查人": "甲"}, TODAY)[1]]
    assert [(h, w) for h, w in refused if "不在列表中" in parse({h: str(w)}, TODAY)[1][h]] == []


def _with_more(people: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """The frame of the list with two more columns: an amount, and a figure that most rows lack."""

    def more(frame: pd.DataFrame, *, masked: bool) -> pd.DataFrame:
        odds = pd.Series(range(len(frame)), frame.index, dtype="float64").where(lambda n: n % 3 == 0)
        return people(frame, masked=masked).assign(scheduled_fen=17550, odds=odds)

    return more


def test_a_list_handed_out_before_a_column_came_is_taken_in_after(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = List(handed_out(filled, tmp_path))
    new = (Column("新栏目", "scheduled_fen", kind="money"), Column("常空的栏目", "odds", kind="count"))
    monkeypatch.setattr(exceptions, "LOCKED", (*exceptions.LOCKED, *new))
    monkeypatch.setattr(shown, "people", _with_more(shown.people))
    (tmp_path / "later").mkdir()
    after = List(handed_out(filled, tmp_path / "later"))
    assert ("新栏目" in before.at, "新栏目" in after.at) == (False, True)
    one, other = before.fill(2, DISMISSED), after.fill(3, DISMISSED)
    for sheet in (before, after):
        receipt = taken_in(filled, sheet.saved())
        assert (receipt.problems, receipt.outcomes["taken"]) == ((), 1)
    assert status(filled, one) == status(filled, other) == "dismissed"
    after[2, "新栏目"] = "改过"
    assert [p.heading for p in taken_in(filled, after.saved()).problems] == ["新栏目"]


def test_the_same_rows_with_another_column_to_fill_in_are_another_list(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_out(filled, tmp_path)
    extra = Column("新填栏", "", answer=True)
    monkeypatch.setattr(exceptions, "ANSWERS", (*exceptions.ANSWERS, extra))
    handed_out(filled, tmp_path)
    with filled.connect() as connection:
        kept = connection.execute(select(t.report_export.c.format)).scalars().all()
    assert sorted("新填栏" in columns for columns in kept) == [False, True]


@pytest.mark.parametrize("lost", ["姓名", "备注"])
def test_a_column_that_a_list_was_sent_with_must_come_back(filled: Engine, tmp_path: Path, lost: str) -> None:
    sheet = List(handed_out(filled, tmp_path))
    sheet.sheet.delete_cols(sheet.at[lost])
    path = sheet.saved()
    for work in (lambda: taken_in(filled, path), lambda: dispatch(filled, path, "督办", AT)):
        with pytest.raises(DeliveryRejected, match=f"缺少栏目：{lost}"):
            work()
