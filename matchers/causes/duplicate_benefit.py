"""重复享受 — one person paid unemployment benefit for the same month on two claims."""

import numpy as np

from matchers.docket import Docket
from matchers.findings import IMPORTANT, PRECISE, Cause, Findings, nothing, own_facts


def rule(docket: Docket) -> Findings:
    """The months a later claim was paid although an earlier one of the same person was paid for them too.

    The payments of both claims are the evidence. Claims are ordered by start month, registration, number.
    Where only a shared number says that two registrations are one person, the fact is the weaker for it.
    """
    spent = docket.payments.rename_axis("row").reset_index()
    spent = spent[
        spent["state"].isin(("paid", "in_transit")) & (spent["benefit_kind"] == "unemployment_benefit")
    ]
    order = docket.claims.sort_values(["start_month", "registered_on", "claim_id"])
    order = order.assign(rank=range(len(order)))
    paid = spent.merge(
        order[["claim_id", "identity", "identity_sure", "rank"]], on="claim_id", validate="m:1"
    )
    first = paid.groupby(["identity", "benefit_month"])["rank"].transform("min")
    later = paid[paid["rank"] > first]
    if later.empty:
        return nothing()
    pairs = later[["claim_id", "identity", "identity_sure", "benefit_month"]].drop_duplicates()
    facts = pairs.merge(
        paid[["identity", "benefit_month", "row"]], on=["identity", "benefit_month"], validate="m:m"
    )
    month = facts["benefit_month"].astype(float)
    return own_facts(
        "payment",
        facts,
        "paid_twice",
        first=month,
        last=month,
        event_month=month.groupby(facts["claim_id"]).transform("min"),
        strength=np.where(facts["identity_sure"], PRECISE, IMPORTANT),
        lowered=np.where(facts["identity_sure"], "", "number_alone"),
    )


CAUSE = Cause(
    code="DUPLICATE_BENEFIT",
    title="重复享受",
    feeds=(),
    rule=rule,
    stops=False,
    words={
        "paid_twice": "同一人同一月份在两笔申领中均发放失业保险金",
        "number_alone": "只凭登记了同一证件号码看作一人，姓名并不一致",
    },
)
