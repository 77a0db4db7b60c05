"""What an agency writes into the optional relations, as the rules read it, in whatever order it comes."""

import datetime as dt

import pandas as pd
import pytest

from expectations.feed import nothing
from pipelines.demo.people import number
from pipelines.risk import feeds, relations
from pipelines.risk.keys import Keys

LAST = pd.Timestamp("2026-12-31")
FIRST, END = dt.date(2026, 1, 1), dt.date(9999, 12, 31)


def _checks(*rows: tuple[str, dt.date]) -> list[list[str | None]]:
    written = [{"account_key": "6", "claim_id": None, "holder": h, "checked_on": d} for h, d in rows]
    read = relations.checks(pd.DataFrame(written, dtype=object), KEYS, LAST)
    assert read is not None
    return read[["holder"]].to_numpy().tolist()


KEYS = Keys(b"k" * 32)


def test_an_end_at_the_end_of_all_calendars_is_open() -> None:
    post = {
        "operator_id": "OP1", "person_key": "Q1", "office": "O1", "district": "500199", "post": "accept",
        "since": FIRST, "until": END, "account_key": None,
    }  # fmt: skip
    exception = {
        "operator_id": "OP1", "post_pair": "accept-approve", "since": FIRST, "until": END,
        "approved_by": "OP9", "reference": "x",
    }  # fmt: skip
    agent = {"account_key": "6", "basis": "x", "since": FIRST, "until": END}
    for read in (
        relations.operators(pd.DataFrame([post], dtype=object), KEYS),
        relations.exceptions(pd.DataFrame([exception], dtype=object), None),
        relations.agents(pd.DataFrame([agent], dtype=object), KEYS),
    ):
        assert read is not None
        assert read["until"].isna().tolist() == [True]


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_checks_the_later_holds_and_two_of_one_day_that_differ_are_unknown(turned: bool) -> None:
    day = dt.date(2026, 3, 1)
    tie, later = [("same", day), ("other", day)], [("same", day), ("other", dt.date(2026, 3, 2))]
    step = -1 if turned else 1
    assert _checks(*tie[::step]) == [["unknown"]]
    assert _checks(*later[::step]) == [["other"]]


@pytest.mark.parametrize("turned", [False, True])
def test_a_number_of_two_employers_is_the_same_one_in_whatever_order_the_rows_come(turned: bool) -> None:
    frame = pd.DataFrame({"employer_id": ["D1", "D1"], "employer_uscc": ["B", "A"]})
    assert feeds.employers(frame.iloc[:: -1 if turned else 1]) == {"D1": "A"}


def test_the_contracts_of_feeds_are_read_once_for_a_column_however_many_people_stand_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def counted(column: str) -> tuple[str, ...]:
        read.append(column)
        return nothing(column)

    monkeypatch.setattr(relations, "nothing", counted)
    numbers = pd.Series([number("500190", dt.date(1970, 1, 1), n) for n in range(1, 40)])
    assert relations.people(numbers).nunique() == len(numbers)
    assert read == ["id_number"]
