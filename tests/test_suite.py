"""What the quality checks hold, warn of and let pass."""

from typing import Any

import pandas as pd
import pytest

from expectations.feed import feed, feeds
from expectations.suite import judge_measures, judge_rows, measures_suite

WHOLE: dict[str, Any] = {
    "rows": 1000,
    "rows_landed": 1000,
    "usual_rows": 1000,
    "rows_factor": 1.0,
    "rejected_share": 0.0,
    "unusable_id_share": 0.0,
    "persons": 900,
    "usual_persons": 900,
    "persons_factor": 1.0,
    "last_month": "2026-09",
    "previous_last_month": "2026-08",
    "months_ahead": -1.0,
    "months_gained": 1.0,
}
RECIPIENTS = pd.DataFrame(
    {
        "person_id": ["p1", "p2"],
        "id_kind": ["resident_id", "passport"],
        "id_number": ["500199199001011234", "E12345678"],
        "name": ["甲乙", "JOHN"],
        "district": ["500101", "500102"],
    }
)
LINKS = pd.DataFrame(
    {
        "person_id": ["p1", "p1"],
        "link_tier": ["exact", "exact"],
        "link_probability": [1.0, 1.0],
        "delivery_id": ["deaths/2026-01-10"] * 2,
        "file": ["a.csv", "a.csv"],
        "line": [2, 3],
    }
)


@pytest.mark.parametrize("name", feeds())
def test_every_feed_has_a_suite_from_its_own_bounds(name: str) -> None:
    suite = measures_suite(feed(name))
    bounds = {e.column: (e.min_value, e.max_value) for e in suite.expectations}
    assert bounds["rows_factor"] == feed(name).health.rows_between
    assert bounds["rejected_share"] == (None, feed(name).health.rejected_share)
    assert {e.severity.value for e in suite.expectations} == {"critical", "warning"}


@pytest.mark.parametrize(
    ("measure", "value", "critical"),
    [
        ("rows_factor", 0.19, True),
        ("rows_factor", 5.01, True),
        ("rejected_share", 0.021, True),
        ("unusable_id_share", 0.11, True),
        ("persons_factor", 0.19, False),
        ("months_ahead", 13.0, False),
        ("months_gained", -1.0, False),
    ],
)
def test_a_measure_out_of_bounds_is_said_of_its_own_delivery_alone(
    measure: str, value: float, critical: bool
) -> None:
    frame = pd.DataFrame([WHOLE, WHOLE | {measure: value}, WHOLE])
    before, spoilt, after = judge_measures(feed("contributions"), frame)
    assert (before.critical, before.warnings, after) == ((), (), before)
    assert (len(spoilt.critical), len(spoilt.warnings)) == ((1, 0) if critical else (0, 1))


def test_large_counts_are_said_in_full() -> None:
    frame = pd.DataFrame([WHOLE | {"rows": 12, "usual_rows": 1234567, "rows_factor": 0.0}])
    assert "近批中位数 1234567 行" in judge_measures(feed("contributions"), frame)[0].critical[0]


@pytest.mark.parametrize(
    ("measure", "value"),
    [("rows_factor", 0.2), ("rows_factor", 5.0), ("rejected_share", 0.02), ("unusable_id_share", 0.1)],
)
def test_a_bound_itself_is_within(measure: str, value: float) -> None:
    verdict = judge_measures(feed("contributions"), pd.DataFrame([WHOLE | {measure: value}]))[0]
    assert verdict.critical == ()


def test_an_empty_measure_is_not_judged() -> None:
    unjudged = dict.fromkeys(
        ("rows_factor", "rejected_share", "unusable_id_share", "months_gained"), float("nan")
    )
    verdict = judge_measures(feed("contributions"), pd.DataFrame([WHOLE | unjudged]))[0]
    assert (verdict.critical, verdict.warnings) == ((), ())


def test_the_same_volume_may_be_whole_for_an_increment_and_not_for_a_snapshot() -> None:
    frame = pd.DataFrame([WHOLE | {"rows_factor": 0.4}])
    assert judge_measures(feed("contributions"), frame)[0].critical == ()
    assert judge_measures(feed("hires"), frame)[0].critical != ()


def test_an_empty_snapshot_is_never_whole() -> None:
    frame = pd.DataFrame([WHOLE | {"rows_landed": 0}])
    assert judge_measures(feed("contributions"), frame)[0].critical == ()
    assert judge_measures(feed("hires"), frame)[0].critical == ("快照中没有一行可用",)


def test_sound_tables_pass_row_by_row() -> None:
    for verdict in (judge_rows("recipients", RECIPIENTS), judge_rows("links", LINKS)):
        assert (verdict.critical, verdict.warnings) == ((), ())


def test_a_recipient_without_a_number_is_told_and_a_repeated_person_holds() -> None:
    spoilt = RECIPIENTS.assign(person_id="p1", id_number=[None, "E12345678"], district=["500101", "渝中"])
    verdict = judge_rows("recipients", spoilt)
    assert verdict.critical == ("个人编号重复：2 行",)
    assert verdict.warnings == ("经办区划不是 6 位数字：1 行", "证件号码为空：1 行")


def test_a_row_linked_to_two_people_holds() -> None:
    verdict = judge_rows("links", LINKS.assign(line=2, link_probability=[1.0, 1.5]))
    assert verdict.critical == ("关联概率不在 0–1 之间：1 行", "同一行数据关联到多人：2 行")


def test_a_missing_column_is_an_error_and_never_a_pass() -> None:
    with pytest.raises(ValueError, match="could not be evaluated"):
        judge_rows("links", LINKS.drop(columns="line"))


def test_no_verdict_repeats_what_stands_in_a_row() -> None:
    verdict = judge_rows("recipients", RECIPIENTS.assign(id_kind="500199199001011234", name=None))
    assert "500199" not in str(verdict)
