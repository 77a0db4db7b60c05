"""重复享受 — one person paid unemployment benefit for the same month twice, on two claims or on one."""

import numpy as np
import pandas as pd

from matchers.docket import Docket
from matchers.findings import IMPORTANT, PRECISE, Cause, Findings, nothing, own_facts, together
from matchers.overpayment import BENEFIT, PAID_TWICE, SCHEDULED, SPENT, beyond_first


def rule(docket: Docket) -> Findings:
    """The months a later claim is paid although an earlier one of the same person is paid for them too, and
    the months that one claim is paid the same amount for more than once.

    Paid is what went out or stands on the roll.
    """
    paid = docket.payments.rename_axis("row").reset_index()
    paid = paid[paid["state"].isin((*SPENT, SCHEDULED)) & (paid["benefit_kind"] == BENEFIT)]
    return together(_on_two_claims(docket, paid), _on_one_claim(docket, paid))


def _on_two_claims(docket: Docket, paid: pd.DataFrame) -> Findings:
    """The payments of both claims are the evidence. Claims are ordered by start month, registration, number.

    Where only a shared number says that two registrations are one person, the fact is the weaker for it.
    """
    order = docket.claims.sort_values(["start_month", "registered_on", "claim_id"])
    order = order.assign(rank=range(len(order)))
    paid = paid.merge(order[["claim_id", "identity", "identity_sure", "rank"]], on="claim_id", validate="m:1")
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
        "paid_on_two_claims",
        first=month,
        last=month,
        event_month=month.groupby(facts["claim_id"]).transform("min"),
        strength=np.where(facts["identity_sure"], PRECISE, IMPORTANT),
        lowered=np.where(facts["identity_sure"], "", "number_alone"),
    )


def _on_one_claim(docket: Docket, paid: pd.DataFrame) -> Findings:
    """All payments of a month that repeat one amount are the evidence; an equal amount may be an arrear."""
    case = ["claim_id", "benefit_month", "paid_fen"]
    repeated = beyond_first(docket.payments)[case].drop_duplicates()
    if repeated.empty:
        return nothing()
    facts = paid.merge(repeated, on=case, validate="m:1")
    month = facts["benefit_month"].astype(float)
    return own_facts(
        "payment",
        facts,
        PAID_TWICE,
        first=month,
        last=month,
        event_month=month.groupby(facts["claim_id"]).transform("min"),
        strength=IMPORTANT,
        lowered=PAID_TWICE,
    )


CAUSE = Cause(
    code="DUPLICATE_BENEFIT",
    title="重复享受",
    feeds=(),
    rule=rule,
    stops=False,
    words={
        "paid_on_two_claims": "同一人同一月份在两笔申领中均发放失业保险金",
        "number_alone": "只凭登记了同一证件号码看作一人，姓名并不一致",
        PAID_TWICE: "同一申领同一月份两次发放同样金额的失业保险金，可能是补发",
    },
)
