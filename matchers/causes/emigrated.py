"""移居境外 — a settlement abroad, until the household registration is restored."""

import pandas as pd

from matchers.docket import Docket
from matchers.facts.lasting import Tests, lasting
from matchers.findings import Cause, Findings

SETTLED = ("出国定居", "出境定居")


def rule(docket: Docket) -> Findings:
    """Holds from ``cancelled_on`` to the month of ``restored_on``, else to the night."""
    return lasting(
        docket,
        "emigrations",
        "settled_abroad",
        began="cancelled_on",
        ended="restored_on",
        event=("cancelled_on",),
        before_claim="restored_before_claim",
        no_evidence=_no_evidence,
    )


def _no_evidence(rows: pd.DataFrame) -> Tests:
    return {"ordinary_exit": ~rows["reason"].isin(SETTLED)}


CAUSE = Cause(
    code="EMIGRATED",
    title="移居境外",
    feeds=("emigrations",),
    rule=rule,
    words={
        "settled_abroad": "因出国（境）定居注销户口",
        "record_replaced": "同一事由已有较晚的记录",
        "ordinary_exit": "普通出国出境，不是定居",
        "restored_before_claim": "领取前已恢复户口",
        "dates_reversed": "起止日期颠倒，记录有误",
        "after_claim": "发生在领取结束之后",
    },
)
