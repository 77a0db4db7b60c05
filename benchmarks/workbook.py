"""Rows of a workbook, a column at a time, against xlsxwriter writing the same ones cell by cell.

``python -m benchmarks.workbook [--rows N]``: processor seconds of each, whether the bytes are the same, and
the ratio, which is the result.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from pipelines.reports import cells
from pipelines.reports.cells import Cells

Column = tuple[list[Any], cells.Kind, float]
Fill = Callable[[Any, Sequence[Column], list[Any]], None]
KINDS: tuple[tuple[cells.Kind, float], ...] = (
    *(("text", 14) for _ in range(8)), ("long", 46), ("long", 70), *(("money", 12) for _ in range(4)),
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=50_000)
    shown = columns(options.parse_args().rows)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.xlsx", Path(folder) / "theirs.xlsx"
        at_once, by_cell = _seconds(ours, shown, _at_once), _seconds(theirs, shown, _by_cell)
        same = ours.read_bytes() == theirs.read_bytes()
    print(f"ours {at_once:.1f} CPU s, xlsxwriter {by_cell:.1f}, {by_cell / at_once:.1f}×, same bytes: {same}")


def columns(rows: int) -> list[Column]:
    """Columns like those of the list of payments: texts that come again, long ones that do not, amounts."""
    random = np.random.default_rng(1)
    values: dict[cells.Kind, Callable[[], list[Any]]] = {
        "text": lambda: [f"编号{n:08d}" for n in random.integers(0, rows // 4, rows)],
        "long": lambda: [
            f"参保缴费_{n:08d}.csv 第{n}行；发放台账第{n}行" for n in random.integers(0, 10**8, rows)
        ],
        "money": lambda: random.integers(0, 10**6, rows).tolist(),
    }
    return [(values[kind](), kind, width) for kind, width in KINDS]


def _seconds(path: Path, shown: Sequence[Column], fill: Fill) -> float:
    begun = time.process_time()
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.set_properties({"created": datetime(2026, 1, 1)})
    styles = [book.add_format({"num_format": "0.00" if kind == "money" else "@"}) for _, kind, _ in shown]
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "表")
    fill(sheet, shown, styles)
    book.close()
    return time.process_time() - begun


def _at_once(sheet: Any, shown: Sequence[Column], styles: list[Any]) -> None:
    zipped = zip(shown, styles, strict=True)
    cells.write(sheet, [Cells(values, style, kind, width) for (values, kind, width), style in zipped])


def _by_cell(sheet: Any, shown: Sequence[Column], styles: list[Any]) -> None:
    """Without measuring the long texts: each row is as high as ours, which is known here."""
    for row, values in enumerate(zip(*(values for values, _, _ in shown), strict=True), 1):
        sheet.set_row(row, cells.LINE_HEIGHT * 2)
        for n, value in enumerate(values):
            if shown[n][1] == "money":
                sheet.write_number(row, n, value / 100, styles[n])
            else:
                sheet.write_string(row, n, value, styles[n])


if __name__ == "__main__":
    main()
