"""质量检查 — Great Expectations suites built from what a feed promised; the only module that imports it.

A large extract is judged by its *measures*, one row a delivery; small tables are judged row by row.
``critical`` holds what was judged, ``warning`` is reported beside it. Verdicts speak of counts and bounds;
an unexpected value is never in them, because it may be somebody's number or name.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from expectations.feed import Feed

logging.getLogger("great_expectations").setLevel(logging.WARNING)  # forty lines a delivery otherwise

Kind = Literal["recipients", "links"]
MOST_MONTHS_AHEAD = 12
SAYS = {
    "rows_landed": "快照中没有一行可用",
    "rows_factor": "{rows} 行，应在近批中位数 {usual_rows:.0f} 行的 {min_value:g}–{max_value:g} 倍之间",
    "rejected_share": "退回行占 {rejected_share:.2%}，上限 {max_value:.2%}",
    "unusable_id_share": "证件号码不可用的行占 {unusable_id_share:.2%}，上限 {max_value:.2%}",
    "persons_factor": "{persons} 人，应在近批中位数 {usual_persons:.0f} 人的 "
    "{min_value:g}–{max_value:g} 倍之间",
    "months_ahead": "所含最后月份 {last_month} 晚于报送日期一年以上",
    "months_gained": "所含最后月份 {last_month} 早于上一批的 {previous_last_month}",
    "line": "关联结果没有行号",
    "link_probability": "关联概率不在 0–1 之间",
}
RESULT = {"result_format": "COMPLETE", "exclude_unexpected_values": True}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What failed, as Chinese sentences: ``critical`` holds, ``warnings`` are reported."""

    critical: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_measures(feed: Feed, measures: pd.DataFrame) -> list[Verdict]:
    """One verdict for each row of ``measures``, in its order.

    ``measures``: one row per delivery, on a fresh index, with the columns that ``measures_suite`` names; an
    empty cell is a measure that is not judged, because the delivery is small or its history short.
    """
    critical: list[list[str]] = [[] for _ in range(len(measures))]
    warnings: list[list[str]] = [[] for _ in range(len(measures))]
    rows = measures.to_dict("records")
    for check in _failed(measures_suite(feed), measures):
        failed = critical if check.expectation_config.severity == "critical" else warnings
        says, bounds = check.expectation_config.meta["says"], check.expectation_config.kwargs
        for position in check.result["unexpected_index_list"]:
            failed[position].append(says.format(**rows[position], **bounds))
    return [Verdict(tuple(c), tuple(w)) for c, w in zip(critical, warnings, strict=True)]


def judge_rows(kind: Kind, frame: pd.DataFrame) -> Verdict:
    """The verdict on a small table, row by row; ``frame`` is one of those that ``rows_suite`` knows."""
    failed: dict[str, list[str]] = {"critical": [], "warning": []}
    for check in _failed(rows_suite(kind), frame):
        sentence = f"{check.expectation_config.meta['says']}：{check.result['unexpected_count']} 行"
        failed[check.expectation_config.severity.value].append(sentence)
    return Verdict(tuple(sorted(failed["critical"])), tuple(sorted(failed["warning"])))


def measures_suite(feed: Feed) -> gx.ExpectationSuite:
    """Is the feed whole? The bounds are those of ``feed.health``.

    A snapshot without a row is never whole: it would say that nobody is anything any more.
    """
    health = feed.health
    low, high = health.rows_between
    return _suite(
        feed.name,
        _between("rows_landed", 1 if feed.mode == "snapshot" else 0, None, "critical"),
        _between("rows_factor", low, high, "critical"),
        _between("rejected_share", None, health.rejected_share, "critical"),
        _between("unusable_id_share", None, health.unusable_id_share, "critical"),
        _between("persons_factor", low, high, "warning"),
        _between("months_ahead", None, MOST_MONTHS_AHEAD, "warning"),
        _between("months_gained", 0, None, "warning"),
    )


def rows_suite(kind: Kind) -> gx.ExpectationSuite:
    """What must hold for every row: of ``recipients`` as they are kept, of ``links`` as we made them."""
    if kind == "recipients":
        return _suite(
            kind,
            _check(gxe.ExpectColumnValuesToNotBeNull, "critical", "个人编号为空", column="person_id"),
            _check(gxe.ExpectColumnValuesToBeUnique, "critical", "个人编号重复", column="person_id"),
            _check(
                gxe.ExpectColumnValuesToBeInSet,
                "warning",
                "证件类型未知",
                column="id_kind",
                value_set=["resident_id", "hmt_permit", "foreign_pr", "passport"],
            ),
            _check(gxe.ExpectColumnValuesToNotBeNull, "warning", "证件号码为空", column="id_number"),
            _check(gxe.ExpectColumnValuesToNotBeNull, "warning", "姓名为空", column="name"),
            _check(
                gxe.ExpectColumnValuesToMatchRegex,
                "warning",
                "经办区划不是 6 位数字",
                column="district",
                regex="^[0-9]{6}$",
            ),
        )
    return _suite(
        kind,
        _check(gxe.ExpectColumnValuesToNotBeNull, "critical", "关联结果没有个人编号", column="person_id"),
        _check(gxe.ExpectColumnValuesToNotBeNull, "critical", "关联结果没有等级", column="link_tier"),
        _between("line", 1, None, "critical"),
        _between("link_probability", 0, 1, "critical"),
        _check(
            gxe.ExpectCompoundColumnsToBeUnique,
            "critical",
            "同一行数据关联到多人",
            column_list=["delivery_id", "file", "line"],
        ),
    )


def _between(column: str, low: float | None, high: float | None, severity: str) -> Any:
    bounds = {"min_value": low, "max_value": high}
    return _check(gxe.ExpectColumnValuesToBeBetween, severity, SAYS[column], column=column, **bounds)


def _check(expectation: Any, severity: str, says: str, **arguments: Any) -> Any:
    return expectation(severity=severity, meta={"says": says}, **arguments)


def _suite(name: str, *checks: Any) -> gx.ExpectationSuite:
    return gx.ExpectationSuite(name=name, expectations=list(checks))


def _failed(suite: gx.ExpectationSuite, frame: pd.DataFrame) -> Sequence[Any]:
    """The checks that failed. ``ValueError`` where one could not run: GX reports that as an empty result."""
    results = _whole_frame().get_batch({"dataframe": frame}).validate(suite, result_format=RESULT).results
    for check in results:
        if check.exception_info.get("raised_exception", True):
            raise ValueError(f"{suite.name}: {check.expectation_config.type} could not be evaluated")
    return [check for check in results if not check.success]


@cache
def _whole_frame() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")
