"""享受期满 — more benefit months paid than the claim was entitled to, or than the law allows at all."""

import numpy as np

from matchers.causes import LEAD, PRECISE, Cause, Findings, nothing, own_facts
from matchers.docket import Docket


def rule(docket: Docket) -> Findings:
    """The paid months beyond ``entitled_months``; for lawful extensions, those beyond the longest term."""
    spent = docket.payments.rename_axis("row").reset_index()
    spent = spent[
        spent["state"].isin(("paid", "in_transit")) & (spent["benefit_kind"] == "unemployment_benefit")
    ]
    terms = docket.claims[["claim_id", "entitled_months", "extended_to_retirement"]]
    paid = spent.merge(terms, on="claim_id", validate="m:1")
    nth = paid.groupby("claim_id")["benefit_month"].rank(method="dense")
    extended = paid["extended_to_retirement"].astype(bool)
    allowed = np.where(extended, int(docket.value("longest_months")), paid["entitled_months"])
    beyond = paid[nth > allowed]
    if beyond.empty:
        return nothing()
    month = beyond["benefit_month"].astype(float)
    return own_facts(
        "payment",
        beyond,
        "beyond_entitlement",
        first=month,
        last=month,
        event_month=month.groupby(beyond["claim_id"]).transform("min"),
        strength=np.where(extended[beyond.index], LEAD, PRECISE),
    )


CAUSE = Cause(
    code="EXHAUSTED",
    title="享受期满",
    feeds=(),
    rule=rule,
    stops=False,
    words={"beyond_entitlement": "发放月数超出核定期限"},
)
