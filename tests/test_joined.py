"""Rows that are joined keep their order, however many matches each of them has."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from matchers.joined import joined

KEYS = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(left=KEYS, right=KEYS)
def test_rows_come_in_their_own_order_and_beside_each_the_others_in_theirs(
    left: list[str], right: list[str]
) -> None:
    rows = pd.DataFrame({"key": pd.Series(left, dtype=object), "row": range(len(left))})
    others = pd.DataFrame({"key": pd.Series(right, dtype=object), "other": range(len(right))})
    pairs = [(n, m) for n, key in enumerate(left) for m, other in enumerate(right) if key == other]
    together = joined(rows, others, "key")
    assert list(zip(together["row"], together["other"], strict=True)) == pairs


def test_as_many_rows_without_a_match_as_there_are_matches_more_leave_the_order_alone() -> None:
    rows = pd.DataFrame({"key": ["b", "a", "b", "c", "a"], "row": range(5)}, dtype=object)
    others = pd.DataFrame({"key": ["a", "c", "a"]}, dtype=object)
    assert joined(rows, others, "key")["row"].tolist() == [1, 1, 3, 4, 4]
