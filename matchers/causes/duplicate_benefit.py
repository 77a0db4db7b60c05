"""重复享受 — a month of unemployment benefit paid more than once: on two claims, or twice on one."""

import numpy as np

from matchers.docket import Docket
from matchers.findings import IMPORTANT, PRECISE, Cause, Findings, nothing, own_facts, together
from matchers.overpayment import BENEFIT, outgoing, repeated


def rule(docket: Docket) -> Findings:
    """The months that were paid, or are on the roll, on two claims of one person or twice on one claim."""
    return together(_on_two_claims(docket), _on_one_claim(docket))


def _on_two_claims(docket: Docket) -> Findings:
    """The months of a later claim although an earlier one of the same person has them too.

    The payments of both claims are the evidence. Claims are ordered by start month, registration, number.
    Where only a shared number says that two registrations are one person, the fact is the weaker for it.
    """
    order = docket.claims.sort_values(["start_month", "registered_on", "claim_id"])
    order = order.assign(rank=range(len(order)))
    paid = outgoing(docket.payments, order[["claim_id", "identity", "identity_sure", "rank"]], BENEFIT)
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


def _on_one_claim(docket: Docket) -> Findings:
    """Payments of one claim and month with equal amounts: all beyond the first, each by itself."""
    own = outgoing(docket.payments, docket.claims[["claim_id"]], BENEFIT)
    again = own[repeated(own)]
    if again.empty:
        return nothing()
    month = again["benefit_month"].astype(float)
    return own_facts(
        "payment",
        again,
        "paid_twice",
        first=month,
        last=month,
        event_month=month.groupby(again["claim_id"]).transform("min"),
        strength=IMPORTANT,
        lowered="same_amount_twice",
        alone=True,
    )


CAUSE = Cause(
    code="DUPLICATE_BENEFIT",
    title="重复享受",
    feeds=(),
    rule=rule,
    stops=False,
    words={
        "paid_twice": "同一人同一月份的失业保险金发放不止一次",
        "same_amount_twice": "同一申领同一月份有两笔金额相同的发放，也可能是补发",
        "number_alone": "只凭登记了同一证件号码看作一人，姓名并不一致",
    },
)
