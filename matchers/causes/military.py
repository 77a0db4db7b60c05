"""应征服兵役 — an approved enlistment, until discharge."""

import pandas as pd

from matchers.docket import Docket
from matchers.facts.lasting import Tests, lasting
from matchers.findings import Cause, Findings


def rule(docket: Docket) -> Findings:
    """Holds from ``approved_on`` to the month of ``discharged_on``, else to the night."""
    return lasting(
        docket,
        "enlistments",
        "enlisted",
        began="approved_on",
        ended="discharged_on",
        event=("approved_on",),
        before_claim="served_before_claim",
        no_evidence=_no_evidence,
    )


def _no_evidence(rows: pd.DataFrame) -> Tests:
    return {"returned_recruit": rows["returned_on"].notna()}


CAUSE = Cause(
    code="MILITARY",
    title="应征服兵役",
    feeds=("enlistments",),
    rule=rule,
    words={
        "enlisted": "已批准入伍",
        "record_replaced": "同一事由已有较晚的记录",
        "returned_recruit": "新兵已退回",
        "served_before_claim": "领取前已退役",
        "dates_reversed": "起止日期颠倒，记录有误",
        "after_claim": "发生在领取结束之后",
    },
)
