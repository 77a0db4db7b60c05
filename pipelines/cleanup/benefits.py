"""待遇历史 — what was drawn, month by month, from the agency's payments and the history of benefits."""

import pandas as pd

from matchers.cleanup.entitlement import Benefits, separated_month
from matchers.cleanup.ledger import expanded
from matchers.schemas import AgencyClaims, BenefitHistory, Grants
from pipelines.cleanup.sources import Records

SPENT = ("paid", "in_transit")
BENEFIT = "unemployment_benefit"


def drawn(source: Records, as_of: int) -> Benefits:
    """The months drawn and the claims they belong to, of everybody."""
    history = _history(source.benefit_history)
    spans = history.loc[history["lump_sum"] != "1"].dropna(subset="last")
    from_history = expanded(spans[["person_no", "claim_id", "first", "last", "count"]])
    paid = source.payments[
        source.payments["state"].isin(SPENT) & (source.payments["benefit_kind"] == BENEFIT)
    ]
    from_payments = paid.rename(columns={"benefit_month": "month"}).merge(
        source.claims[["claim_id", "person_no"]], on="claim_id"
    )
    every = pd.concat([from_payments, from_history])[["person_no", "claim_id", "month"]]
    every = every[every["month"] <= as_of].drop_duplicates().astype({"month": "int64"})
    return Benefits(every.reset_index(drop=True), _grants(source.claims, history))


def _history(rows: BenefitHistory) -> pd.DataFrame:
    """The history with claim_id; a row without a number is a claim of its own."""
    own = rows["claim_no"].where(rows["claim_no"].notna(), "?" + rows["benefit_from"].astype(str))
    return rows.assign(
        claim_id=own,
        first=rows["benefit_from"].astype("float64"),
        last=rows["benefit_to"].astype("float64").fillna(rows["benefit_from"].astype("float64")),
        count=0,
        months_granted=rows["months_granted"].astype("float64"),
    ).astype({"first": "int64", "last": "int64"})


def _grants(claims: AgencyClaims, history: pd.DataFrame) -> Grants:
    by_claim = history.assign(
        once=history["lump_sum"] == "1", lump=history["months_granted"].where(history["lump_sum"] == "1", 0)
    ).groupby(["person_no", "claim_id"])
    past = by_claim.agg(
        first=("first", "min"),
        entitled=("months_granted", "max"),
        at_once=("once", "any"),
        lump=("lump", "sum"),
    ).reset_index()
    own = claims[["person_no", "claim_id", "entitled_months"]].assign(
        separated_month=separated_month(claims["separated_on"], claims["start_month"])
    )
    lumps = past[["person_no", "claim_id", "at_once", "lump"]]
    agency = own.merge(lumps, on=["person_no", "claim_id"], how="left").rename(
        columns={"entitled_months": "entitled"}
    )
    agency = agency.assign(at_once=agency["at_once"].eq(True), lump=agency["lump"].fillna(0), alone=False)
    alone = past[~past["claim_id"].isin(claims["claim_id"])].assign(alone=True)
    alone = alone.assign(separated_month=alone["first"] - 1, entitled=alone["entitled"].fillna(0))
    columns = ["person_no", "claim_id", "separated_month", "entitled", "at_once", "lump", "alone"]
    return pd.concat([agency[columns], alone[columns]], ignore_index=True).astype(
        {"separated_month": "int64"}
    )
