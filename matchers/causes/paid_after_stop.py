"""停发后仍发放 — paid although the agency itself had stopped the claim."""

from matchers.docket import Docket
from matchers.findings import PRECISE, Cause, Findings, nothing, own_facts
from matchers.overpayment import FOR_THE_FAMILY, outgoing


def rule(docket: Docket) -> Findings:
    """Payments for months from the claim's own stop month on; that month is the event and the stop.

    社会保险经办条例第二十六条. What is paid to the family of the dead is no payment after a stop.
    """
    own = outgoing(docket.payments, docket.claims[["claim_id", "stop_month"]])
    month, stop = own["benefit_month"].astype(float), own["stop_month"].astype(float)
    after = (month >= stop) & (stop <= docket.month)
    if not after.any():
        return nothing()
    return own_facts(
        "payment",
        own[after],
        "paid_after_stop",
        first=month[after],
        last=month[after],
        event_month=stop[after],
        strength=PRECISE,
    )


CAUSE = Cause(
    code="PAID_AFTER_STOP",
    title="停发后仍发放",
    feeds=(),
    rule=rule,
    stops=False,
    unpaid_by=FOR_THE_FAMILY,
    words={"paid_after_stop": "已停发的月份仍有发放"},
)
