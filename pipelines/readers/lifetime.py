"""一生 — facts that cannot be the person's: before birth, or work before the age at which one may work.

The birth is that of a usable identity number, never the row's own birth date. Nobody may be employed before
16 (劳动法 15).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Column, Feed
from matchers.people.resident_id import CLASSES, USABLE
from matchers.text import buffers

BEFORE_BIRTH, UNDER_AGE = "before_birth", "under_age"
Ints = npt.NDArray[np.int64]

_ZEROS = ord("0") * 11_111_111  # eight digits of characters that are counted from "0"
_NEVER = 1 << 24  # days, or months, after everything


def outside_life(feed: Feed, landed: Mapping[str, pa.Array]) -> dict[int, tuple[str, str]]:
    """By position of the row: the reason and the column whose fact lies outside the person's life."""
    facts = [column for column in feed.columns.values() if column.from_age is not None]
    if not facts or not len(landed["id_key"]):
        return {}
    rows, numbers = _numbers(landed["id_key"], landed["id_class"])
    faults: dict[int, tuple[str, str]] = {}
    year = _years(numbers)
    for column in facts:
        early = _maybe_early(landed[column.name], column, rows, year)
        if len(early):
            born = (
                numbers[early, 6:14].astype(np.int64) @ np.array([10**k for k in range(7, -1, -1)]) - _ZEROS
            )
            for place, reason in _early(landed[column.name], column, rows[early], born):
                faults.setdefault(place, (reason, column.name))
    return faults


def _numbers(keys: pa.StringArray, classes: pa.DictionaryArray) -> tuple[Ints, npt.NDArray[np.uint8]]:
    """The rows with a usable number, and the 18 characters of each."""
    usable = pc.fill_null(_usable().take(classes.indices), False).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(usable)
    if len(buffers(keys)[1]) > 18 * len(rows):
        keys = keys.filter(pa.array(usable))
    return rows, buffers(keys)[1].reshape(-1, 18)


@cache
def _usable() -> pa.BooleanArray:
    """Which of the classes are usable; made when asked for, because pyarrow then loads pandas."""
    return pa.array([kind in USABLE for kind in CLASSES])


def _years(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """The years of birth, all four digits of each at once."""
    digits = np.ascontiguousarray(numbers[:, 6:10]).view(">u4").ravel().astype(np.int32) & 0x0F0F0F0F
    twos = (digits >> 8 & 0x00FF00FF) * 10 + (digits & 0x00FF00FF)
    return np.asarray((twos >> 16) * 100 + (twos & 0xFFFF), np.int32)


def _maybe_early(facts: pa.Array, column: Column, rows: Ints, year: npt.NDArray[np.int32]) -> Ints:
    """Which of the ``rows`` may have an early fact, by its year; those without one have none."""
    count = _counted(facts)
    if not len(year) or count.min() >= _bound(column, year.max()):
        return rows[:0]
    return np.flatnonzero(count[rows] < _bound(column, year))


def _bound(column: Column, year: Any) -> Any:
    """The first day since 1970, or month, late enough for any birth in the year; also of an array."""
    first = year + np.int32((column.from_age or 0) + 1)
    if column.type == "month":
        return first * 12
    return (first - 1970) * np.where(first < 1970, 365, 366)


def _counted(facts: pa.Array) -> npt.NDArray[np.int32]:
    """Days since 1970, or months, as they are stored; where there is no fact, a time after everything."""
    return np.asarray(pc.fill_null(facts.view(pa.int32()), _NEVER))


def _early(facts: pa.Array, column: Column, rows: Ints, born: Ints) -> list[tuple[int, str]]:
    """The rows whose fact is early, and why; a month that ends before the birthday's is."""
    count = _counted(facts)[rows].astype(np.int64)
    if column.type == "month":
        on, born = count // 12 * 100 + count % 12 + 1, born // 100
        years = 100
    else:
        months = count.astype("datetime64[D]").astype("datetime64[M]")
        day = (count.astype("datetime64[D]") - months).astype(np.int64) + 1
        month = months.astype(np.int64)
        on, years = (month // 12 + 1970) * 10_000 + (month % 12 + 1) * 100 + day, 10_000
    unborn = on < born
    young = ~unborn & (on < born + (column.from_age or 0) * years)
    reasons = np.where(unborn, BEFORE_BIRTH, UNDER_AGE)
    return [(int(rows[place]), str(reasons[place])) for place in np.flatnonzero(unborn | young)]
