"""待遇月 — benefit months as whole numbers, ``year * 12 + month - 1``, so that they add and compare.

Inside frames a month is such a number (float64 with NaN where it may be missing); text ``YYYY-MM``
stands only at the edges. Nothing here averages, interpolates or fills a gap.
"""

from datetime import date

import pandas as pd


def number(text: str) -> int:
    """The month number of ``YYYY-MM``; ``ValueError`` for anything else."""
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not 1 <= int(month) <= 12:
        raise ValueError("a month is written YYYY-MM")
    return int(year) * 12 + int(month) - 1


def text(month: float) -> str:
    """``YYYY-MM`` of a month number; empty for NaN."""
    if month != month:
        return ""
    year, rest = divmod(int(month), 12)
    return f"{year:04d}-{rest + 1:02d}"


def of(day: date) -> int:
    """The month number in which ``day`` lies."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month number."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a month number."""
    return date.fromordinal(first_day(month + 1).toordinal() - 1)


def of_dates(days: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    """Month numbers of a datetime column, NaN where the date is missing."""
    stamps = pd.to_datetime(days)
    return (stamps.dt.year * 12 + stamps.dt.month - 1).astype("float64")


def numbers(texts: "pd.Series[str]") -> "pd.Series[float]":
    """Month numbers of a ``YYYY-MM`` column, NaN where it is missing."""
    distinct = {t: float(number(t)) for t in texts.dropna().unique() if t}
    return texts.map(distinct).astype("float64")


def runs(months: list[int]) -> str:
    """Months as people read them: ``2026-02…2026-04、2026-06``; gaps stay gaps."""
    spans: list[list[int]] = []
    for month in sorted(set(months)):
        if spans and month == spans[-1][1] + 1:
            spans[-1][1] = month
        else:
            spans.append([month, month])
    return "、".join(text(a) if a == b else f"{text(a)}…{text(b)}" for a, b in spans)
