"""工作簿 — xlsx files with a title, a 序号 column and a totals row, split over sheets; and Parquet files."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipelines.demo.writing.rendering import Rendering

SHEET: Final = 60_000
CREATED: Final = dt.datetime(2020, 1, 1)
SERIAL: Final = "序号"


def write(path: Path, rendering: Rendering, cells: pa.Table) -> None:
    """Writes one workbook of at least two sheets; a totals row closes the last one."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": CREATED})
    share = min(SHEET, len(cells) // 2 + 1)
    for first in range(0, len(cells), share):
        sheet = book.add_worksheet(f"导出{first // share + 1}")
        _fill(sheet, rendering, cells.slice(first, share), first)
    end = (len(cells) - 1) % share + 4
    sheet.write_row(end, 0, [rendering.feed.totals[0], len(cells)])
    book.close()


def _fill(sheet: Any, rendering: Rendering, cells: pa.Table, first: int) -> None:
    sheet.write_string(0, 0, f"{rendering.feed.title}信息")
    sheet.write_row(2, 0, [SERIAL, *rendering.headings])
    for number, row in enumerate(_rows(rendering, cells), 3):
        sheet.write_number(number, 0, first + number - 2)
        for place, value in enumerate(row, 1):
            _write(sheet, number, place, value)


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, dt.date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, float):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)


def _rows(rendering: Rendering, cells: pa.Table) -> Iterator[tuple[object, ...]]:
    readers = [_reader(rendering, name) for name in rendering.columns]
    columns = [cells[name].to_pylist() for name in rendering.columns]
    for row in zip(*columns, strict=True):
        yield tuple(read(value) for read, value in zip(readers, row, strict=True))


def _reader(rendering: Rendering, name: str) -> Any:
    """How a cell of that column is stored: a typed workbook has numbers and dates, another has texts."""
    column = rendering.feed.columns.get(name)
    kind = column.type if column else "text"
    if not rendering.dialect.lost_zeros or kind in ("id", "name"):
        return str
    return {"date": _date, "text": str}.get(kind, _number)


def _date(text: str) -> object:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _number(text: str) -> object:
    return float(text) if text.isdigit() else text


def write_parquet(path: Path, rendering: Rendering, cells: pa.Table) -> None:
    """Writes one Parquet file, every column as text under its heading."""
    import pyarrow.parquet as pq

    pq.write_table(cells.rename_columns(rendering.headings), path)
