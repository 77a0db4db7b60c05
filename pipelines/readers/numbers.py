"""表格中的数 — what a workbook's numbers say where text is wanted: days by their serial, numbers cut short.

A day is stored as the number of days from 1899-12-30, or from 1904-01-01 in workbooks that say so. In any
other file such a number is no day.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Column
from matchers.text import replace

LONG: Final = "{:.14E}"  # what a spreadsheet knows of a longer number
SERIAL: Final = r"^\d{4,5}(\.\d+)?$"
EPOCHS: Final = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
DAYS: Final = (dt.date(1927, 5, 18), dt.date(2099, 12, 31))
MONTHS: Final = (dt.date(1990, 1, 1), dt.date(2099, 12, 31))  # so that 20241 is no day of 1955


@dataclass(frozen=True, slots=True)
class Numbers:
    """How the numbers of one file are read.

    ``long_numbers``: those of 16 digits and more. ``serials``: whether a number may stand for a day.
    """

    long_numbers: frozenset[str]
    serials: bool
    from_1904: bool

    def __call__(self, column: Column, cells: pa.StringArray) -> pa.StringArray:
        """The cells of a column: days as ``2026-05-01``, long numbers as the 15 digits that are left."""
        if self.serials and column.type in ("date", "month"):
            return self._days(cells, DAYS if column.type == "date" else MONTHS)
        if not self.long_numbers:
            return cells
        return _changed(cells, pc.is_in(cells, pa.array(sorted(self.long_numbers))), _shortened)

    def _days(self, cells: pa.StringArray, between: tuple[dt.date, dt.date]) -> pa.StringArray:
        def day(text: str) -> str:
            date = EPOCHS[self.from_1904] + dt.timedelta(days=int(float(text)))
            return date.isoformat() if between[0] <= date <= between[1] else text

        return _changed(cells, pc.match_substring_regex(cells, SERIAL), day)


def _shortened(text: str) -> str:
    return LONG.format(float(text))


def _changed(cells: pa.StringArray, where: pa.BooleanArray, by: Callable[[str], str]) -> pa.StringArray:
    places = np.flatnonzero(where.to_numpy(zero_copy_only=False))
    return replace(cells, places, [by(text) for text in cells.take(pa.array(places)).to_pylist()])
