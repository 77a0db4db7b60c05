"""Rows of a sheet, written a column at a time, against xlsxwriter writing them cell by cell."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from pipelines.reports import cells
from pipelines.reports.cells import Cells, Kind

AWKWARD: list[object] = [
    "=1+1", "+86", "@SUM(A1)", "甲&乙", '<b>"丙"</b>', " 前", "后 ", "两\n行", "\t", "_x0041_", "\x07铃",
    "\x1f", "\u3000全角", "", None, float("nan"), 0, 1, True, 1.0, 2.5, "长" * 40_000, "𬭎" * 20_000,
    "a" * 32_000, "\ufffe", "x" * 300 + "汉字" * 50, ["一", "二"], "🙂", pd.NaT,
]  # fmt: skip
DAYS: list[object] = [
    date(2026, 10, 20),
    date(1900, 2, 28),
    date(1900, 3, 1),
    pd.Timestamp("2000-02-29"),
    None,
    pd.NaT,
]
FEN: list[object] = [0, 1, -5, 171_000, 33, 10**12, float("nan"), None, 100.0]
COUNTS: list[object] = [0, 7, 2.0, 1 / 3, None, float("nan"), 10**15, -1, True]


def test_the_bytes_are_those_of_xlsxwriter_cell_by_cell(tmp_path: Path) -> None:
    long = max(map(len, (AWKWARD, DAYS, FEN, COUNTS)))
    given: list[tuple[Kind, float, list[object]]] = [
        ("text", 12, AWKWARD), ("long", 20, AWKWARD), ("long", 70, AWKWARD[::-1]), ("date", 9, DAYS),
        ("money", 9, FEN), ("count", 9, COUNTS), *(("text", 5, AWKWARD) for _ in range(30)),
    ]  # fmt: skip
    columns = [(kind, width, (values * long)[:long]) for kind, width, values in given]
    ours, theirs = tmp_path / "ours.xlsx", tmp_path / "theirs.xlsx"
    for path, fill in ((ours, _at_once), (theirs, _cell_by_cell)):
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(tmp_path)})
        book.set_properties({"created": datetime(2026, 10, 20)})
        styles = [book.add_format({"num_format": f'0"{n}"'}) for n in range(len(columns))]
        for count, step in ((1, -1), (long, 1), (2, -1), (1, 1)):
            shown = [(kind, width, values[:count]) for kind, width, values in columns][::step]
            sheet = book.add_worksheet()
            for n in range(len(columns)):
                sheet.write_string(0, n, "栏")
            fill(sheet, shown, styles[step:] + styles[:step])
            sheet.autofilter(0, 0, count, len(columns) - 1)
        book.close()
    with ZipFile(ours) as one, ZipFile(theirs) as other:
        assert one.namelist() == other.namelist()
        assert [one.read(name) for name in one.namelist()] == [other.read(name) for name in other.namelist()]
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("text", ["<r>红</r>", "<r><t>1</t></r>", "<r></c></r>"])
def test_a_text_that_looks_like_the_inside_of_a_workbook_stays_a_text(tmp_path: Path, text: str) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"constant_memory": True, "tmpdir": str(tmp_path)})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "栏")
    cells.write(sheet, [Cells([text, text, text], book.add_format(), "text", 9)])
    book.close()
    shown = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [row[0] for row in shown.iter_rows(min_row=2, values_only=True)] == [text] * 3


def _at_once(sheet: Any, columns: list[tuple[Kind, float, list[object]]], styles: list[Any]) -> None:
    zipped = zip(columns, styles, strict=True)
    cells.write(sheet, [Cells(values, style, kind, width) for (kind, width, values), style in zipped])


def _cell_by_cell(sheet: Any, columns: list[tuple[Kind, float, list[object]]], styles: list[Any]) -> None:
    for row in range(len(columns[0][2])):
        high = max(_lines(values[row], width) for kind, width, values in columns if kind == "long")
        sheet.set_row(row + 1, 17 * high)
        for n, (kind, _, values) in enumerate(columns):
            _write(sheet, row + 1, n, kind, values[row], styles[n])


def _write(sheet: Any, row: int, column: int, kind: Kind, value: Any, style: Any) -> None:
    if value is None or value == "" or value != value:
        sheet.write_blank(row, column, None, style)
    elif kind == "date":
        sheet.write_datetime(row, column, datetime.combine(value, time()), style)
    elif kind in ("money", "count"):
        sheet.write_number(row, column, value / 100 if kind == "money" else value, style)
    else:
        sheet.write_string(row, column, cells.plain(str(value)), style)


def _lines(text: object, width: float) -> int:
    if not isinstance(text, str):
        return 1
    wide = sum(2 if ord(letter) > 0x2E7F else 1.1 for letter in text)
    return min(max(-int(-wide // (width - 1)), 1), 24)
