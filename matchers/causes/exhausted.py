"""享受期满 — more benefit months paid than the claim was entitled to, or than the law allows at all."""

import numpy as np

from matchers.causes import LEAD, PRECISE, Cause, Findings, nothing, own_facts
from matchers.docket import Docket
from matchers.overpayment import SPENT


def rule(docket: Docket) -> Findings:
    """The months beyond ``entitled_months``; for lawful extensions, those beyond the longest term.

    Once a month beyond was paid, the months still scheduled are beyond as well.
    """
    own = docket.payments.rename_axis("row").reset_index()
    own = own[own["state"].isin((*SPENT, "scheduled")) & (own["benefit_kind"] == "unemployment_benefit")]
    terms = docket.claims[["claim_id", "entitled_months", "extended_to_retirement"]]
    paid = own.merge(terms, on="claim_id", validate="m:1")
    nth = paid.groupby("claim_id")["benefit_month"].rank(method="dense")
    extended = paid["extended_to_retirement"].astype(bool)
    allowed = np.where(extended, int(docket.value("longest_months")), paid["entitled_months"])
    beyond = paid[nth > allowed]
    gone = beyond[beyond["state"].isin(SPENT)]
    beyond = beyond[beyond["claim_id"].isin(gone["claim_id"])]
    if beyond.empty:
        return nothing()
    month = beyond["benefit_month"].astype(float)
    first = beyond["claim_id"].map(gone.groupby("claim_id")["benefit_month"].min()).astype(float)
    return own_facts(
        "payment",
        beyond,
        "beyond_entitlement",
        first=month,
        last=month,
        event_month=first.where(first < month, month),
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
