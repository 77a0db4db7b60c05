"""移居境外 — a settlement abroad, until the household registration is restored."""

from matchers import months
from matchers.causes import PRECISE, Cause, Findings, findings, first_reason, nothing
from matchers.docket import Docket

SETTLED = ("出国定居", "出境定居")


def rule(docket: Docket) -> Findings:
    """Holds from ``cancelled_on`` to the month of ``restored_on``, else to the night."""
    rows = docket.rows("emigrations")
    if rows.empty:
        return nothing()
    until = months.of_dates(rows["restored_on"])
    reason = first_reason(
        rows,
        {
            "ordinary_exit": ~rows["reason"].isin(SETTLED),
            "restored_before_claim": until < rows["start_month"],
        },
    )
    told = rows.assign(
        reason_code="settled_abroad",
        first=months.of_dates(rows["cancelled_on"]),
        last=until.fillna(docket.month),
        event_month=months.of_dates(rows["cancelled_on"]),
        event_on=rows["cancelled_on"],
        strength=PRECISE,
    )
    return findings("emigrations", told, reason)


CAUSE = Cause(
    code="EMIGRATED",
    title="移居境外",
    feeds=("emigrations",),
    rule=rule,
    words={
        "settled_abroad": "因出国（境）定居注销户口",
        "ordinary_exit": "普通出国出境，不是定居",
        "restored_before_claim": "领取前已恢复户口",
        "after_claim": "发生在领取结束之后",
    },
)
