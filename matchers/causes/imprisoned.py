"""被判刑收监执行 — a sentence served in prison, until release."""

import pandas as pd

from matchers.docket import Docket
from matchers.facts.lasting import Tests, lasting
from matchers.findings import Cause, Findings


def rule(docket: Docket) -> Findings:
    """Holds from ``confined_on`` to the month of ``released_on``, else to the night."""
    return lasting(
        docket,
        "imprisonments",
        "confined",
        began="confined_on",
        ended="released_on",
        event=("confined_on", "manner"),
        before_claim="released_before_claim",
        no_evidence=_no_evidence,
    )


def _no_evidence(rows: pd.DataFrame) -> Tests:
    return {"not_confined": rows["manner"] != "收监"}


CAUSE = Cause(
    code="IMPRISONED",
    title="被判刑收监执行",
    feeds=("imprisonments",),
    rule=rule,
    words={
        "confined": "被判刑收监执行",
        "record_replaced": "同一事由已有较晚的记录",
        "not_confined": "缓刑、假释、羁押等，不是收监执行",
        "released_before_claim": "领取前已释放",
        "dates_reversed": "起止日期颠倒，记录有误",
        "after_claim": "发生在领取结束之后",
    },
)
