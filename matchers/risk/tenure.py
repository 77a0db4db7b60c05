"""最后单位 — how long the last job before a claim lasted, what came before it, at which base."""

import numpy as np
import pandas as pd

from matchers import months
from matchers.risk import reasons
from matchers.risk.ground import Ground
from matchers.schemas import LastJobs

UNEMPLOYMENT = "210"
EMPLOYER_KINDS = ("10", "20", "60", "80")  # 02, 03 and 05 hold people who have no employer
MONTHS_BEFORE = 3
YEAR = 12


def last_jobs(ground: Ground) -> LastJobs:
    """The claims whose job ended in the twelve months: claim_id, person, employer, phone, left_month, joined.

    ``short``: at most ``short_months`` calendar months from joining, by contributed months where the form
    says no day of joining. ``gap``: no employer contributed in the three months before. ``least``: every
    month there was insured at the minimum base.
    """
    claims = ground.claims[ground.within(ground.claims["separated_on"]) & ground.claims["employer"].notna()]
    kept = reasons.forms(ground)
    near = claims.merge(kept[["person", "employer", "joined_on", "left_on"]], on=["person", "employer"])
    near = near[(near["left_on"] - near["separated_on"]).abs() <= pd.Timedelta(days=31)]
    joined = near.groupby("claim_id")["joined_on"].last()
    jobs = claims.assign(joined_on=claims["claim_id"].map(joined))
    jobs = _with_contributions(ground, jobs)
    limit = jobs["joined_on"] + pd.DateOffset(months=ground.value("short_months"))
    by_day = jobs["separated_on"] <= limit
    by_month = jobs["months_there"].between(1, ground.value("short_months"))
    short = np.where(jobs["joined_on"].notna(), by_day, by_month)
    return jobs.assign(short=short.astype(bool), left_month=months.of_dates(jobs["separated_on"]).astype(int))


def _with_contributions(ground: Ground, jobs: pd.DataFrame) -> pd.DataFrame:
    assert ground.contributions is not None
    paid = ground.contributions
    rows = jobs[["claim_id", "person", "employer", "joined_on", "separated_on"]].merge(
        paid[["person", "employer", "kind", "insurance", "covered_month", "base"]],
        on="person",
        suffixes=("", "_at"),
    )
    left = months.of_dates(rows["separated_on"])
    there = rows[
        (rows["employer_at"] == rows["employer"]) & (rows["covered_month"] <= left)
        & (rows["insurance"] == UNEMPLOYMENT)
    ]  # fmt: skip
    months_there = there.groupby("claim_id")["covered_month"].nunique()
    began = months.of_dates(jobs["joined_on"]).fillna(
        jobs["claim_id"].map(there.groupby("claim_id")["covered_month"].min())
    )
    start = rows["claim_id"].map(pd.Series(began.to_numpy(), index=jobs["claim_id"]))
    before = rows[
        rows["kind"].isin(EMPLOYER_KINDS) & (rows["covered_month"].between(start - MONTHS_BEFORE, start - 1))
    ]
    since = there[there["covered_month"] >= start.loc[there.index]]
    least = (
        since["covered_month"]
        .map({m: ground.policy.minimum_base(int(m)) for m in since["covered_month"].unique()})
        .astype(float)
    )
    at_least = (since["base"] <= least).groupby(since["claim_id"]).all()
    return jobs.assign(
        months_there=jobs["claim_id"].map(months_there).fillna(0),
        gap=~jobs["claim_id"].isin(before["claim_id"]) & began.notna(),
        least=jobs["claim_id"].isin(at_least[at_least].index),
    )


def seasonal(ground: Ground, jobs: LastJobs) -> set[str]:
    """Employers with the same pattern a year before and somebody insured all the year: at most a lead.

    The same pattern: as many short leavers as a signal takes, in two calendar months that come again.
    """
    kept = reasons.forms(ground)
    gone = kept[~kept["replaced"] & kept["joined_on"].notna()]
    gone = gone[gone["left_on"] <= gone["joined_on"] + pd.DateOffset(months=ground.value("short_months"))]
    month = months.of_dates(gone["left_on"])
    gone = gone.assign(left_month=month)[month.between(ground.month - 2 * YEAR + 1, ground.month - YEAR)]
    now = jobs.loc[jobs["short"], ["employer", "left_month"]].drop_duplicates()
    again = gone.assign(left_month=gone["left_month"] + YEAR).merge(now, on=["employer", "left_month"])
    same = again.groupby("employer")["left_month"].nunique() >= ground.value("short_months_of_leaving")
    many = gone.groupby("employer")["person"].nunique() >= ground.value("short_least")
    return set(same[same].index) & set(many[many].index) & set(ground.steady)
