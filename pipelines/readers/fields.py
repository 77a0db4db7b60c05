"""字段 — the one reading of each declared type, as plain functions on one folded, non-empty value.

``None`` is a value that says "none": zeros, a word for nothing, a day that systems write where there is none.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Final

from expectations.feed import Column
from matchers.text import fold
from pipelines.readers.nothing import words_for_nothing

Value = str | int | dt.date | None
Days = frozenset[tuple[int, int, int]]

NO_DAYS: Final[Days] = frozenset()
YEARS: Final = range(1900, 2100)

_ZEROS = re.compile(r"0+(\.0+)?|0000[-/]00", re.A)
_HALF = r"(?:上午|下午|[AP]M)"
_CLOCK = r"\d{1,2}(?::\d{2}(?::\d{2}(?:[.,]\d+)?)?|\.\d{2}\.\d{2}(?:\.\d+)?)"
_ZONE = re.compile(r"[ T](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)? ?(?:Z|([+-])(\d{2}):?(\d{2}))$", re.A)
_TIME = re.compile(rf"[ T](?:{_HALF} ?{_CLOCK}|{_CLOCK}(?: ?{_HALF})?)$", re.A | re.I)
_DIGITS = re.compile(r"(\d{8})(?:([01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{3}|\.\d+)?)?|\.0+)", re.A)
_DAY = re.compile(
    r"(\d{4})(\d{2})(\d{2})|(\d{4})([-/.])(\d{1,2})\5(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]", re.A
)
_PARTS: Final = {3: (1, 2, 3), 7: (4, 6, 7), 10: (8, 9, 10)}  # of _DAY, by its last group
_MONTH = re.compile(
    r"(\d{4})(\d{2})(?:\.0+)?|(\d{4})[-/](\d{1,2})|(\d{4})年(\d{1,2})月|(\d{4})\.(\d{2}|[2-9])", re.A
)
_AMBIGUOUS = re.compile(r"\d{4}\.1", re.A)
_ORACLE = re.compile(r"(\d{1,2})-(?:([A-Z]{3})|(\d{1,2})月) ?-(\d{4}|\d{2})", re.A | re.I)
_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_HERE: Final = 8 * 60  # minutes east of Greenwich
_AMOUNT = re.compile(r"(\d{1,13})(?:\.(\d{1,2}))?", re.A)
_COUNT = re.compile(r"\d{1,6}(\.0+)?", re.A)
_MONEY = re.compile(r"[-+]?(\d{1,13}|\d{1,3}(,\d{3}){1,4})(\.\d*)?", re.A)


class Unreadable(ValueError):
    """A value that its column does not allow; ``reason`` is the reject's reason code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def date(text: str, placeholders: Days = NO_DAYS) -> dt.date | None:
    """The day in ``text``; ``None`` for one of the ``placeholders``."""
    if not (match := _DAY.fullmatch(text)):
        return _oddly_written_day(text, placeholders)
    year, month_, day = map(int, match.group(*_PARTS[match.lastindex or 0]))
    if (year, month_, day) in placeholders:
        return None
    return _real(year, month_, day)


def _real(year: int, month_: int, day: int) -> dt.date:
    try:
        real = dt.date(year, month_, day)
    except ValueError:
        raise Unreadable("bad_date") from None
    if real.year not in YEARS:
        raise Unreadable("bad_date")
    return real


@lru_cache
def days(placeholders: tuple[str, ...]) -> Days:
    """Year, month and day of each of the ``placeholders``, written like ``1900-01-01``."""
    parts = (day.split("-") for day in placeholders)
    return frozenset((int(year), int(month_), int(day)) for year, month_, day in parts)


@lru_cache
def _months(placeholders: Days) -> frozenset[tuple[int, int]]:
    return frozenset((year, month_) for year, month_, _ in placeholders)


def _oddly_written_day(text: str, placeholders: Days) -> dt.date | None:
    """A day with a time, as an export of Oracle, zeros in short."""
    if _ZEROS.fullmatch(text):
        return None
    if match := _DIGITS.fullmatch(text):
        return date(match[1], placeholders)
    if match := _ZONE.search(text):
        return _here(date(text[: match.start()], placeholders), match)
    day = _TIME.sub("", text)
    if match := _ORACLE.fullmatch(day):
        return _of_oracle(match, placeholders)
    if day == text:
        raise Unreadable("bad_date")
    return date(day, placeholders)


def _here(day: dt.date | None, time: re.Match[str]) -> dt.date | None:
    """The day of an instant in China, which is another than that of its own zone at some hours."""
    if day is None:
        return None
    hour, minute, sign, hours, minutes = time.groups()
    east = (-1 if sign == "-" else 1) * (int(hours or 0) * 60 + int(minutes or 0))
    return day + dt.timedelta(days=(int(hour) * 60 + int(minute) - east + _HERE) // 1440)


def _of_oracle(match: re.Match[str], placeholders: Days) -> dt.date | None:
    """``01-MAY-26`` and ``01-5月 -26``; of two digits of a year, 50 to 99 are the last century's."""
    day, name, number, year = match.groups()
    if name and name.upper() not in _NAMES:
        raise Unreadable("bad_date")
    month_ = _NAMES.index(name.upper()) + 1 if name else int(number)
    century = "" if len(year) == 4 else "19" if year >= "50" else "20"
    return date(f"{century}{year}-{month_}-{day}", placeholders)


def month(text: str, placeholders: Days = NO_DAYS) -> int | None:
    """The month in ``text`` as ``year * 12 + month - 1``; a whole day stands for its month.

    ``2024.1`` is January, or October that lost its zero: never guessed.
    """
    if _AMBIGUOUS.fullmatch(text):
        raise Unreadable("ambiguous_month")
    if not (match := _MONTH.fullmatch(text)):
        return _month_of_day(text, placeholders)
    year, month_ = (int(part) for part in match.groups() if part)
    if (year, month_) in _months(placeholders):
        return None
    if year not in YEARS or month_ not in range(1, 13):
        raise Unreadable("bad_month")
    return year * 12 + month_ - 1


def _month_of_day(text: str, placeholders: Days) -> int | None:
    try:
        day = date(text, placeholders)
    except Unreadable:
        raise Unreadable("bad_month") from None
    if day is None or (day.year, day.month) in _months(placeholders):
        return None
    return day.year * 12 + day.month - 1


def money(text: str) -> int:
    """Fen of an amount in yuan, thousands separators allowed, halves of a fen rounded up."""
    if plain := _AMOUNT.fullmatch(text):
        return int(plain[1]) * 100 + int((plain[2] or "0").ljust(2, "0"))
    amount = text.removeprefix("¥").removesuffix("元")
    if not _MONEY.fullmatch(amount):
        raise Unreadable("bad_number")
    return int((Decimal(amount.replace(",", "")) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def count(text: str) -> int:
    """A whole number."""
    if not _COUNT.fullmatch(text):
        raise Unreadable("bad_number")
    return int(float(text))


def code(text: str, column: Column) -> str | None:
    """What the code in ``text`` stands for, its lost leading zeros restored; ``None`` where there is none."""
    codes = column.codes
    for width in range(len(text), max(map(len, codes)) + 1):
        if text.zfill(width) in codes:
            return codes[text.zfill(width)]
    return codes.get(text.upper())


class Reading:
    """The reading of the values of one column."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._nothing = words_for_nothing(column.nothing)
        self._rule = _rule(column)

    def __call__(self, raw: str) -> Value:
        """The value of ``raw``; ``Unreadable`` names why there is none where one must be."""
        text, column = fold(raw), self._column
        if not text:
            return empty(column)
        if self._rule is None and (meaning := code(text, column)) is not None:
            return meaning
        if text[0] in self._nothing.initials and text in self._nothing:
            return empty(column)
        if self._rule is None:
            raise Unreadable("unknown_code")
        value = self._rule(text)
        if value is None and column.required:
            raise Unreadable(f"bad_{column.type}")
        return value


def _rule(column: Column) -> Callable[[str], Value] | None:
    """The reading of a column's type, but for codes."""
    placeholders = days(column.placeholders)
    rules: dict[str, Callable[[str], Value]] = {
        "month": partial(month, placeholders=placeholders),
        "date": partial(date, placeholders=placeholders),
        "money": money,
        "count": count,
    }
    return rules.get(column.type)


def empty(column: Column) -> str | None:
    """What an empty cell of ``column`` stands for."""
    if column.required and not column.may_be_empty:
        raise Unreadable("empty_required")
    return column.default
