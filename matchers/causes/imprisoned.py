"""被判刑收监执行 — a sentence served in prison, until release."""

import numpy as np
import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts.sentences import CONFINED, reversed_dates, standing
from matchers.findings import (
    IMPORTANT,
    PRECISE,
    Cause,
    Findings,
    against,
    doubted,
    findings,
    first_reason,
    nothing,
    with_doubts,
)

FEED = "imprisonments"


def rule(docket: Docket) -> Findings:
    """Holds from ``confined_on`` to the month of ``released_on``, else to the night; precise.

    With ``term_from`` alone the day in prison is missing: 刑法第四十七条 counts detention before it. Where
    the newest row of a sentence tells of another manner, prison ended before the month of that delivery.
    """
    rows = docket.rows(FEED)
    if rows.empty:
        return nothing()
    inverted = reversed_dates(rows)
    served = standing(rows[~inverted])
    began = served["confined_on"].fillna(served["term_from"])
    by_term, changed = served["confined_on"].isna(), served["changed_month"].notna()
    until = months.of_dates(served["released_on"]).fillna(docket.month)
    until = until.clip(upper=served["changed_month"].fillna(np.inf) - 1)
    stands = pd.Series(rows.index.isin(served.index), index=rows.index)
    reason = first_reason(
        rows,
        {
            "dates_reversed": inverted,
            "not_confined": rows["manner"] != CONFINED,
            "record_replaced": ~stands,
            "released_before_claim": until.reindex(rows.index) < rows["start_month"],
        },
    )
    since = months.of_dates(began).reindex(rows.index)
    holding = rows.assign(
        reason_code="confined",
        first=since,
        last=until.reindex(rows.index),
        event_month=since,
        event_on=began.reindex(rows.index),
        strength=(by_term | changed).reindex(rows.index).map({True: IMPORTANT}).fillna(PRECISE),
        lowered=pd.Series(
            np.select([changed, by_term], ["manner_changed", "term_may_begin_at_detention"], ""), served.index
        ).reindex(rows.index, fill_value=""),
    )
    superseding = rows.index.isin(served.loc[changed, "newest"])
    held = findings(FEED, holding[~superseding], reason[~superseding])
    supported = held.facts.loc[:, ["claim_id", "row"]]
    newest = served.loc[changed].merge(supported, on=["claim_id", "row"], validate="1:1")["newest"]
    by_term_rows = served[by_term]
    return with_doubts(
        doubted(held, FEED, {"term_may_begin_at_detention": by_term_rows}),
        against(FEED, rows.loc[newest.astype(int)], "manner_changed"),
    )


CAUSE = Cause(
    code="IMPRISONED",
    title="被判刑收监执行",
    feeds=("imprisonments",),
    rule=rule,
    words={
        "confined": "被判刑收监执行",
        "record_replaced": "同一事由已有较晚的记录",
        "not_confined": "缓刑、假释、羁押等，不是收监执行",
        "term_may_begin_at_detention": "只有刑期起算日，羁押折抵刑期，收监可能更晚（刑法第四十七条）",
        "manner_changed": "后来的记录说执行方式已改变，不再收监",
        "released_before_claim": "领取前已释放",
        "dates_reversed": "起止日期颠倒，记录有误",
        "after_claim": "发生在领取结束之后",
    },
)
