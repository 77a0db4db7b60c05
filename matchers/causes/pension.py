"""享受基本养老保险待遇 — a monthly pension of the person's own."""

from typing import assert_never

import numpy as np

from matchers.docket import Docket
from matchers.findings import (
    IMPORTANT,
    LEAD,
    NO_DAY,
    PRECISE,
    Cause,
    Findings,
    doubted,
    findings,
    first_reason,
    nothing,
)
from matchers.values import ResidentPension


def rule(docket: Docket) -> Findings:
    """Monthly pensions of retirees; a paused one, or one granted in arrears, says so against itself."""
    rows = docket.rows("pension_payees")
    if rows.empty:
        return nothing()
    ignored, looked_at = _weighed(ResidentPension(docket.value("resident_pension")))
    resident = rows["scheme"] == "城乡居民"
    reason = first_reason(
        rows,
        {
            "dates_reversed": rows["ended_month"] < rows["started_month"],
            "survivor_benefit": rows["payee_kind"] == "3",
            "one_off": rows["benefit_form"] == "一次性",
            "resident_pension": resident & ignored,
            "end_unknown": (rows["state"] == "3") & rows["ended_month"].isna(),
            "ended_before_claim": rows["ended_month"] < rows["start_month"],
        },
    )
    paused = rows["state"] == "0"
    retroactive = rows["first_paid_month"] > rows["started_month"]
    open_question = resident & looked_at
    drawing = rows.assign(
        reason_code="draws_pension",
        first=rows["started_month"],
        last=rows["ended_month"].fillna(rows["delivered_month"]),
        event_month=rows["started_month"],
        event_on=NO_DAY,
        unended=rows["ended_month"].isna(),
        strength=np.select([paused | open_question, retroactive], [LEAD, IMPORTANT], PRECISE),
        lowered=np.select(
            [paused, open_question, retroactive], ["paused", "scheme_in_question", "retroactive_grant"], ""
        ),
    )
    return doubted(
        findings("pension_payees", drawing, reason),
        "pension_payees",
        {"paused": rows[paused], "retroactive_grant": rows[retroactive]},
    )


def _weighed(rule: ResidentPension) -> tuple[bool, bool]:
    """Whether a 城乡居民 pension is left out, and whether it is no more than something to look at."""
    match rule:
        case ResidentPension.IGNORE:
            return True, False
        case ResidentPension.REVIEW:
            return False, True
        case ResidentPension.STOP:
            return False, False
        case _:
            assert_never(rule)


CAUSE = Cause(
    code="PENSION",
    title="享受基本养老保险待遇",
    feeds=("pension_payees",),
    rule=rule,
    words={
        "draws_pension": "按月领取本人养老待遇",
        "scheme_in_question": "城乡居民养老待遇是否属于停领情形，各地不一",
        "paused": "养老待遇处于暂停状态",
        "retroactive_grant": "养老待遇事后补发，当时本人可能不知情",
        "survivor_benefit": "供养亲属待遇，不是本人养老待遇",
        "one_off": "一次性待遇，不是按月领取",
        "resident_pension": "城乡居民养老待遇，按口径不计",
        "ended_before_claim": "养老待遇在领取前已终止",
        "dates_reversed": "起止日期颠倒，记录有误",
        "end_unknown": "已终止但无终止年月",
        "after_claim": "发生在领取结束之后",
    },
)
