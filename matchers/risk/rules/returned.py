"""失业后回原单位 — several people of one employer are hired there again soon after claiming."""

import pandas as pd

from matchers.risk.ground import PLACE, Ground
from matchers.risk.signals import Fact, Level, Rule, Signal

JOB = "单位就业"
SEASON = (10, 14)


def look(ground: Ground) -> list[Signal]:
    """Per employer; who was reinstated or comes back every season does not count."""
    back = _back(ground)
    raised = []
    for employer, own in back.groupby("employer"):
        n = own["person"].nunique()
        if n < ground.value("returned_people"):
            continue
        facts = tuple(
            Fact("hired_back", *row)
            for row in own[["claim_id", "event_id", "payment_id", *PLACE]].itertuples(index=False)
        )
        where = ground.district_of(set(own["claim_id"]))
        raised.append(
            Signal(RULE.code, "employer", str(employer), where, ground.year, Level.LEAD, {"n": n}, facts)
        )
    return raised


def _back(ground: Ground) -> pd.DataFrame:
    assert ground.hires is not None
    assert ground.forms is not None
    hires = ground.hires[(ground.hires["form"] == JOB) & ground.within(ground.hires["hired_on"])]
    rows = ground.claims.merge(hires, on=["person", "employer"])
    soon = rows["registered_on"] + pd.DateOffset(months=ground.value("returned_months"))
    rows = rows[(rows["hired_on"] >= rows["registered_on"]) & (rows["hired_on"] <= soon)]
    forms = ground.forms[["person", "employer", "left_on", "reference"]]
    there = rows[["claim_id", "person", "employer", "separated_on"]].merge(forms, on=["person", "employer"])
    first, last = (there["separated_on"] - pd.DateOffset(months=m) for m in SEASON)
    season = (there["left_on"] <= first) & (there["left_on"] >= last)
    explained = there[season | there["reference"].notna()]
    rows = rows[~rows["claim_id"].isin(explained["claim_id"])]
    rows = rows.sort_values(["claim_id", "hired_on", *PLACE]).drop_duplicates("claim_id")
    return rows.assign(event_id=None, payment_id=None)


RULE = Rule(
    code="RETURNED",
    title="失业后回原单位",
    basis="社会保险法第五十一条（一）",
    look=look,
    feeds=("hires", "staff_reductions"),
    words={"hired_back": "登记失业后三个月内又在原单位就业"},
    counter="撤销解除、季节复工、订单恢复；先问单位用工安排",
)
