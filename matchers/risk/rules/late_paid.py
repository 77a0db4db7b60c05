"""补缴后即申领 — half or more of the qualifying months were settled late, shortly before registering."""

import pandas as pd

from matchers import months
from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal

KINDS = ("10", "31", "32", "60")
UNEMPLOYMENT = "210"
PLACE = ["feed", "delivery_id", "file", "line"]


def look(ground: Ground) -> list[Signal]:
    """Per claim registered in the twelve months."""
    late = _late_months(ground)
    raised = []
    for claim, own in late.groupby("claim_id"):
        if len(own) < ground.value("late_months"):
            continue
        first = own.iloc[0]
        facts = tuple(
            Fact("paid_late", str(claim), None, None, *row) for row in own[PLACE].itertuples(index=False)
        )
        figures = {"n": len(own), "of": ground.value("late_of_months")}
        raised.append(
            Signal(
                RULE.code,
                "claim",
                str(claim),
                first["district"],
                period(first["registered_on"]),
                Level.LEAD,
                figures,
                facts,
                "按月正常缴费",
            )
        )
    return raised


def _late_months(ground: Ground) -> pd.DataFrame:
    """The late ones among the newest qualifying months of each claim that have no good reason."""
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


RULE = Rule(
    code="LATE_PAID",
    title="补缴后即申领",
    basis="社会保险法第四十五条（一）",
    look=look,
    feeds=("contributions", "staff_reductions"),
    words={"paid_late": "登记失业前六十日内补缴的月份"},
    counter="仲裁裁决补缴、缓缴政策、单位整体补缴；补缴本身合法，先问补缴缘由",
)
