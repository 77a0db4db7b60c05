"""享受期满 — more benefit months than the claim was entitled to, or than the law allows at all."""

import numpy as np
import pandas as pd

from matchers.docket import Docket
from matchers.findings import (
    IMPORTANT,
    LEAD,
    PRECISE,
    Cause,
    Findings,
    against,
    nothing,
    own_facts,
    with_doubts,
)
from matchers.overpayment import BENEFIT, outgoing

REPRODUCED, DOUBTFUL = "reproduced", "doubtful"


def rule(docket: Docket) -> Findings:
    """The months beyond ``entitled_months``, and those beyond the longest term.

    Months are counted in calendar order over what was paid, is under way or on the roll. A claim that is
    lawfully extended to retirement raises nothing. The term on record is itself only as sure as the
    docket's ``terms`` make it.
    """
    claims = docket.claims[~docket.claims["extended_to_retirement"].astype(bool)]
    own = outgoing(docket.payments, claims[["claim_id", "entitled_months"]], BENEFIT)
    entitled = own["entitled_months"].astype(float)
    month = own["benefit_month"].astype(float)
    nth = month.groupby(own["claim_id"]).rank(method="dense")
    first = _first(own, month.where(nth > entitled.clip(upper=int(docket.value("longest_months")))))
    unentitled = _first(own, month.where(nth > entitled))
    beyond = month >= first
    if not beyond.any():
        return nothing()
    term = own.loc[beyond, "claim_id"].map(dict(docket.terms)).fillna("")
    doubts = [~(month[beyond] >= unentitled[beyond]), term == DOUBTFUL, term != REPRODUCED]
    held = own_facts(
        "payment",
        own[beyond],
        "beyond_entitlement",
        first=month[beyond],
        last=month[beyond],
        event_month=first[beyond],
        strength=np.select(doubts, [LEAD, LEAD, IMPORTANT], PRECISE),
        lowered=np.select(doubts, ["beyond_longest", "entitlement_doubtful", "term_not_reproduced"], ""),
    )
    rows = docket.claims.rename_axis("row").reset_index()
    rows = rows[rows["claim_id"].isin(held.facts["claim_id"])]
    checked = rows["claim_id"].map(dict(docket.terms)).fillna("")
    return with_doubts(
        held,
        against("claim", rows[checked == DOUBTFUL], "entitlement_doubtful"),
        against("claim", rows[~checked.isin((REPRODUCED, DOUBTFUL))], "term_not_reproduced"),
    )


def _first(rows: pd.DataFrame, month: "pd.Series[float]") -> "pd.Series[float]":
    return month.groupby(rows["claim_id"]).transform("min")


CAUSE = Cause(
    code="EXHAUSTED",
    title="享受期满",
    feeds=(),
    rule=rule,
    stops=False,
    words={
        "beyond_entitlement": "发放月数超出核定期限",
        "beyond_longest": "未超过核定月数，只超过法定最长期限",
        "term_not_reproduced": "核定月数尚未按缴费年限复算",
        "entitlement_doubtful": "核定月数与按缴费年限复算的结果不符，可能核少了",
    },
)
