"""工作日 — Chinese working days, with the days off in lieu and the weekends worked for them."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays


@cache
def _calendar(year: int) -> Any:
    """The official arrangement of that year; a year not yet announced has its statutory holidays only."""
    return holidays.country_holidays("CN", years=year)


def is_working_day(day: date) -> bool:
    """Whether offices are open on ``day``."""
    return bool(_calendar(day.year).is_working_day(day))


def completed(since: date, until: date) -> int:
    """The working days that lie wholly between two days: after ``since`` and before ``until``."""
    days = (until - since).days
    return sum(is_working_day(since + timedelta(d)) for d in range(1, days))


def younger_than(event: date, working_days: int, on: date) -> bool:
    """Whether fewer than ``working_days`` full working days have passed since ``event``."""
    longest = working_days * 3 + 30  # beyond that many days no holiday season can hide the limit
    return (on - event).days <= longest and completed(event, on) < working_days


def before(day: date, working_days: int) -> date:
    """The ``working_days``-th working day before ``day``."""
    while working_days > 0:
        day -= timedelta(1)
        working_days -= is_working_day(day)
    return day


def after(day: date, working_days: int) -> date:
    """The ``working_days``-th working day after ``day``."""
    while working_days > 0:
        day += timedelta(1)
        working_days -= is_working_day(day)
    return day
