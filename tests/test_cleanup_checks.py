"""The checks of the clean-up say what their case book says, and nothing of the innocent."""

import pandas as pd
import pytest

from matchers import cleanup
from tests.cleanup_cases import Case, cases, findings

ACROSS = {"SHARED_NUMBER", "DUPLICATE_PERSON", "ORPHAN", "ACCOUNT", "CONTACT"}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.check} {case.says}")
def test_the_sentence_holds(case: Case) -> None:
    rows = findings(case)
    if case.finds is None:
        assert rows.empty, case.says
        return
    assert len(rows) == 1, case.says
    if case.finds is not True:
        assert case.finds in (rows["months"].iloc[0], rows["value"].iloc[0]), case.says


def test_every_check_has_an_innocent_sentence_before_one_that_finds_something() -> None:
    by_check: dict[str, list[bool]] = {}
    for case in cases():
        by_check.setdefault(case.check, []).append(case.finds is not None)
    assert set(by_check) == set(cleanup.catalogue()) - ACROSS
    assert all(not finds[0] and any(finds) for finds in by_check.values())


def test_no_check_claims_more_than_its_most() -> None:
    order = ("ask", "likely", "certain")
    for case in cases():
        for row in findings(case).to_dict("records"):
            most = cleanup.catalogue()[row["check_code"]].at_most
            assert order.index(row["confidence"]) <= order.index(most)


def test_too_much_granted_is_a_question_that_never_speaks_of_paying_back() -> None:
    for case in cases():
        if case.check in ("ENT_OVER", "ENT_NO_YEAR"):
            rows = findings(case)
            assert (
                not rows[["why", "evidence"]]
                .apply(lambda c: c.str.contains("退|追|返还|偿还"))
                .any(axis=None)
            )
            assert set(rows["confidence"]) <= {"ask"}


def test_the_order_of_rows_changes_nothing() -> None:
    for case in (case for case in cases() if len(case.paid) > 1 or len(case.employers) > 1):
        turned = Case(
            **{
                **case.__dict__,
                "paid": tuple(reversed(case.paid)),
                "employers": tuple(reversed(case.employers)),
            }
        )
        pd.testing.assert_frame_equal(findings(case), findings(turned), check_dtype=False)
