"""Months as whole numbers: what is written is what is read, nothing is filled in between."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import months
from matchers.overpayment import conflict_months
from tests.casebook import span

calm = settings(max_examples=80, deadline=None, derandomize=True)
MONTHS = st.integers(months.number("1950-01"), months.number("2099-12"))
DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))
FACTS = st.lists(
    st.tuples(
        st.sampled_from(["C1", "C2"]),
        st.sampled_from(["PENSION", "DEATH"]),
        st.sampled_from(["supports", "against"]),
        st.integers(24300, 24330),
        st.integers(-3, 12),
    ),
    max_size=8,
)


@calm
@given(MONTHS)
def test_a_month_reads_as_it_was_written(month: int) -> None:
    assert months.number(months.text(month)) == month


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "202601", "2026/01", "26-01", "", "2026-01-01"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM|invalid literal"):
        months.number(text)


@calm
@given(MONTHS)
def test_a_month_ends_where_the_next_begins(month: int) -> None:
    assert months.last_day(month) + timedelta(1) == months.first_day(month + 1)
    assert months.of(months.first_day(month)) == months.of(months.last_day(month)) == month


@calm
@given(DAYS, DAYS)
def test_months_order_as_their_days_do(one: date, other: date) -> None:
    assert (months.of(one) < months.of(other)) == (one.replace(day=1) < other.replace(day=1))


@calm
@given(st.lists(st.one_of(st.none(), DAYS), min_size=1))
def test_a_column_of_days_gives_the_months_of_its_days(days: list[date | None]) -> None:
    column = months.of_dates(pd.Series(days, dtype="datetime64[ns]"))
    assert [None if m != m else int(m) for m in column] == [d and months.of(d) for d in days]


@calm
@given(st.lists(st.one_of(st.none(), MONTHS), min_size=1))
def test_a_column_of_texts_gives_their_months(numbers: list[int | None]) -> None:
    column = months.numbers(pd.Series([None if m is None else months.text(m) for m in numbers], dtype=object))
    assert [None if m != m else int(m) for m in column] == numbers


@calm
@given(st.lists(st.integers(24300, 24340)))
def test_months_as_people_read_them_name_every_month_and_no_other(numbers: list[int]) -> None:
    text = months.runs(numbers)
    assert [month for part in text.split("、") for month in span(part.replace("…", ".."))] == sorted(
        set(numbers)
    )


@calm
@given(FACTS)
def test_a_fact_holds_in_its_own_months_and_a_gap_stays_a_gap(
    facts: list[tuple[str, str, str, int, int]],
) -> None:
    frame = pd.DataFrame(
        [(c, k, w, float(first), float(first + n)) for c, k, w, first, n in facts],
        columns=["claim_id", "cause", "weight", "first", "last"],
    )
    held = conflict_months(frame)
    assert sorted(held.itertuples(index=False, name=None)) == sorted(
        {(c, k, first + m) for c, k, w, first, n in facts if w == "supports" for m in range(n + 1)}
    )
