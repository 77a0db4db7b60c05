"""字段 — the one reading of each declared type, as plain functions on one folded, non-empty value.

``None`` is a value that says "none yet": zeros, or a day that systems write for "open-ended".
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from expectations.feed import Column
from matchers.text import fold

Value = str | int | dt.date | None

YEARS: Final = range(1900, 2100)
SERIALS: Final = range(10_000, 73_051)  # spreadsheet days: 1927-05-18 to 2099-12-31
MONTH_SERIALS: Final = range(32_874, 73_051)  # from 1990 on, so that 20241 is no day of 1955
EPOCH: Final = dt.date(1899, 12, 30)

_ZEROS = re.compile(r"0{6}|0000[-/]00", re.A)
_NO_DAY = frozenset({(0, 0, 0), (9999, 12, 31), (2099, 12, 31)})
_NO_MONTH = frozenset({(0, 0), (9999, 12), (2099, 12)})
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", re.A)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.A)
_DAY = re.compile(
    r"(\d{4})(\d{2})(\d{2})|(\d{4})([-/.])(\d{1,2})\5(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日", re.A
)
_MONTH = re.compile(r"(\d{4})(\d{2})|(\d{4})[-/](\d{1,2})|(\d{4})年(\d{1,2})月|(\d{4})\.(\d{2}|[2-9])", re.A)
_AMBIGUOUS = re.compile(r"\d{4}\.1", re.A)
_MONEY = re.compile(r"[-+]?(\d{1,13}|\d{1,3}(,\d{3}){1,4})(\.\d*)?", re.A)


class Unreadable(ValueError):
    """A value that its column does not allow; ``reason`` is the reject's reason code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def date(text: str) -> dt.date | None:
    """The day in ``text``."""
    if not (found := _DAY.fullmatch(text)):
        return _oddly_written_day(text)
    year, month_, day = (int(part) for part in found.groups() if part and part.isdigit())
    if (year, month_, day) in _NO_DAY:
        return None
    try:
        seen = dt.date(year, month_, day)
    except ValueError:
        raise Unreadable("bad_date") from None
    if seen.year not in YEARS:
        raise Unreadable("bad_date")
    return seen


def _oddly_written_day(text: str) -> dt.date | None:
    """A day with a time, a spreadsheet's day number, zeros in short."""
    if _ZEROS.fullmatch(text):
        return None
    day = _TIME.sub("", text)
    if _SERIAL.fullmatch(day) and int(float(day)) in SERIALS:
        return EPOCH + dt.timedelta(days=int(float(day)))
    if day == text:
        raise Unreadable("bad_date")
    return date(day)


def month(text: str) -> int | None:
    """The month in ``text`` as ``year * 12 + month - 1``; a whole day stands for its month.

    ``2024.1`` is January, or October that lost its zero: never guessed.
    """
    if _AMBIGUOUS.fullmatch(text):
        raise Unreadable("ambiguous_month")
    if not (found := _MONTH.fullmatch(text)):
        return _month_of_day(text)
    year, month_ = (int(part) for part in found.groups() if part)
    if (year, month_) in _NO_MONTH:
        return None
    if year not in YEARS or month_ not in range(1, 13):
        raise Unreadable("bad_month")
    return year * 12 + month_ - 1


def _month_of_day(text: str) -> int | None:
    if _SERIAL.fullmatch(text) and int(float(text)) not in MONTH_SERIALS:
        raise Unreadable("bad_month")
    try:
        day = date(text)
    except Unreadable:
        raise Unreadable("bad_month") from None
    return None if day is None else day.year * 12 + day.month - 1


def money(text: str) -> int:
    """Fen of an amount in yuan, thousands separators allowed, halves of a fen rounded up."""
    amount = text.removeprefix("¥").removesuffix("元")
    if not _MONEY.fullmatch(amount):
        raise Unreadable("bad_number")
    return int((Decimal(amount.replace(",", "")) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def code(text: str, column: Column) -> str:
    """What the code in ``text`` stands for, its lost leading zeros restored."""
    known = column.codes
    for width in range(len(text), max(map(len, known)) + 1):
        if text.zfill(width) in known:
            return known[text.zfill(width)]
    if text.upper() in known:
        return known[text.upper()]
    raise Unreadable("unknown_code")


_RULES: Final[dict[str, Callable[[str, Column], Value]]] = {
    "text": lambda text, _: text,
    "month": lambda text, _: month(text),
    "date": lambda text, _: date(text),
    "money": lambda text, _: money(text),
    "code": code,
}


def read(column: Column, raw: str) -> Value:
    """The value of ``raw`` in ``column``; ``Unreadable`` names why there is none where one must be."""
    text = fold(raw)
    if not text:
        return empty(column)
    value = _RULES[column.type](text, column)
    if value is None and column.required:
        raise Unreadable(f"bad_{column.type}")
    return value


def empty(column: Column) -> str | None:
    """What an empty cell of ``column`` stands for."""
    if column.required and not column.may_be_empty:
        raise Unreadable("empty_required")
    return column.default
