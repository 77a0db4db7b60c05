"""The time in which a person may still report: counted in Chinese working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import workdays

calm = settings(max_examples=60, deadline=None, derandomize=True)
DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "open_for_business"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 9, 20), True),
        (date(2026, 9, 25), False),
        (date(2025, 1, 26), True),
        (date(2025, 1, 28), False),
    ],
)
def test_days_off_in_lieu_and_weekends_worked_for_them_are_known(day: date, open_for_business: bool) -> None:
    assert workdays.is_working_day(day) == open_for_business


@calm
@given(DAYS, st.integers(1, 25))
def test_the_last_day_in_time_is_the_last_of_so_many_working_days(event: date, limit: int) -> None:
    last = workdays.after(event, limit)
    assert workdays.is_working_day(last)
    assert workdays.younger_than(event, limit, last)
    assert not workdays.younger_than(event, limit, last + timedelta(1))


@calm
@given(DAYS, st.integers(0, 90), st.integers(1, 25))
def test_who_is_too_late_stays_too_late(event: date, days: int, limit: int) -> None:
    on = event + timedelta(days)
    assert workdays.younger_than(event, limit, on) >= workdays.younger_than(event, limit, on + timedelta(1))


@calm
@given(DAYS, st.integers(0, 5000))
def test_an_old_event_is_never_an_early_notice(event: date, days: int) -> None:
    assert not workdays.younger_than(event, 20, event + timedelta(91 + days))
