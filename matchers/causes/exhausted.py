"""享受期满 — more benefit months paid than the claim was entitled to, or than the law allows at all."""

import numpy as np
import pandas as pd

from matchers.docket import Docket
from matchers.findings import LEAD, PRECISE, Cause, Findings, nothing, own_facts
from matchers.overpayment import SPENT


def rule(docket: Docket) -> Findings:
    """The months beyond ``entitled_months``, unless lawfully extended, and those beyond the longest term.

    Only paid months count. Once a month beyond was paid, those still scheduled after it are beyond as well.
    """
    own = docket.payments.rename_axis("row").reset_index()
    own = own[own["state"].isin((*SPENT, "scheduled")) & (own["benefit_kind"] == "unemployment_benefit")]
    terms = docket.claims[["claim_id", "entitled_months", "extended_to_retirement"]]
    own = own.merge(terms, on="claim_id", validate="m:1")
    entitled = own["entitled_months"].astype(float).mask(own["extended_to_retirement"].astype(bool), np.inf)
    month = own["benefit_month"].astype(float)
    paid = month.where(own["state"].isin(SPENT))
    nth = paid.groupby(own["claim_id"]).rank(method="dense")
    first = _first(own, paid.where(nth > entitled.clip(upper=int(docket.value("longest_months")))))
    unentitled = _first(own, paid.where(nth > entitled))
    beyond = month >= first
    if not beyond.any():
        return nothing()
    return own_facts(
        "payment",
        own[beyond],
        "beyond_entitlement",
        first=month[beyond],
        last=month[beyond],
        event_month=first[beyond],
        strength=np.where(month[beyond] >= unentitled[beyond], PRECISE, LEAD),
    )


def _first(rows: pd.DataFrame, month: "pd.Series[float]") -> "pd.Series[float]":
    return month.groupby(rows["claim_id"]).transform("min")


CAUSE = Cause(
    code="EXHAUSTED",
    title="享受期满",
    feeds=(),
    rule=rule,
    stops=False,
    words={"beyond_entitlement": "发放月数超出核定期限"},
)
