"""回原单位 — who was hired again by the employer that he had left, soon after registering."""

import pandas as pd

from matchers.risk.ground import PLACE, Ground
from matchers.schemas import EvidenceRows

JOB = "单位就业"
SEASON = (10, 14)


def hired_back(ground: Ground) -> EvidenceRows:
    """One hire a claim (claim_id, person, employer and where it stands), less the reinstated and seasons."""
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
    return rows
