"""补缴的月份 — qualifying months of a claim that were settled late, shortly before registering."""

import pandas as pd

from matchers import months
from matchers.risk.ground import Ground
from matchers.schemas import EvidenceRows

KINDS = ("10", "31", "32", "60")
UNEMPLOYMENT = "210"


def late_months(ground: Ground) -> EvidenceRows:
    """The late ones among the newest months of each claim: claim_id, district, registered_on, place on file.

    Less what has a good reason: an award, a deferral, a correction for an employer's whole staff.
    """
    assert ground.contributions is not None
    assert ground.forms is not None
    paid = ground.contributions
    paid = paid[(paid["insurance"] == UNEMPLOYMENT) & paid["payment_kind"].isin(KINDS)]
    awarded = set(ground.forms.loc[ground.forms["reference"].notna(), "person"])
    claims = ground.claims[
        ground.within(ground.claims["registered_on"]) & ~ground.claims["person"].isin(awarded)
    ]
    rows = claims[["claim_id", "person", "district", "registered_on"]].merge(paid, on="person")
    rows = rows[
        (rows["covered_month"] <= months.of_dates(rows["registered_on"]))
        & (rows["received_on"].fillna(rows["registered_on"]) <= rows["registered_on"])
    ]
    rows = rows.sort_values(["settled_month", "line"]).drop_duplicates(["claim_id", "covered_month"])
    newest = rows.groupby("claim_id")["covered_month"].rank(method="first", ascending=False)
    rows = rows[newest <= ground.value("late_of_months")]
    before = (rows["registered_on"] - rows["received_on"]).dt.days
    late = (rows["settled_month"] - rows["covered_month"] >= ground.value("late_by_months")) & (
        before.between(0, ground.value("late_within_days"))
    )
    return _without_reason(ground, rows[late])


def _without_reason(ground: Ground, rows: pd.DataFrame) -> pd.DataFrame:
    """Less what was lawfully deferred and what an employer corrected for its whole staff."""
    deferred = pd.Series(False, index=rows.index)
    for first, last, kinds in ground.policy.deferrals:
        deferred |= rows["covered_month"].between(first, last) & rows["kind"].isin(kinds)
    return rows[~deferred & ~_whole(ground, rows)]


def _whole(ground: Ground, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows are of an employer and settled month in which many were corrected and few then claimed."""
    assert ground.late is not None
    all_late = ground.late.merge(ground.claims[["person", "registered_on"]], on="person", how="left")
    apart = (all_late["registered_on"] - all_late["received_on"]).dt.days
    all_late = all_late.assign(claims=apart.between(0, ground.value("late_within_days")))
    group = ["employer", "settled_month"]
    by_person = all_late.groupby([*group, "person"])["claims"].any().reset_index()
    shares = by_person.groupby(group)["claims"].agg(["size", "mean"]).reset_index()
    whole = shares[(shares["size"] >= ground.value("late_whole_people")) & (shares["mean"] < 0.5)]
    marked = rows[group].merge(whole[group].assign(whole=True), on=group, how="left")["whole"]
    return pd.Series(marked.notna().to_numpy(), index=rows.index)
