"""应征服兵役 — an approved enlistment, until discharge."""

from matchers import months
from matchers.causes import PRECISE, Cause, Findings, findings, first_reason, nothing
from matchers.docket import Docket


def rule(docket: Docket) -> Findings:
    """Holds from ``approved_on`` to the month of ``discharged_on``, else to the night."""
    rows = docket.rows("enlistments")
    if rows.empty:
        return nothing()
    until = months.of_dates(rows["discharged_on"])
    reason = first_reason(
        rows,
        {
            "returned_recruit": rows["returned_on"].notna(),
            "served_before_claim": until < rows["start_month"],
        },
    )
    told = rows.assign(
        reason_code="enlisted",
        first=months.of_dates(rows["approved_on"]),
        last=until.fillna(docket.month),
        event_month=months.of_dates(rows["approved_on"]),
        event_on=rows["approved_on"],
        strength=PRECISE,
    )
    return findings("enlistments", told, reason)


CAUSE = Cause(
    code="MILITARY",
    title="应征服兵役",
    feeds=("enlistments",),
    rule=rule,
    words={
        "enlisted": "已批准入伍",
        "returned_recruit": "新兵已退回",
        "served_before_claim": "领取前已退役",
        "after_claim": "发生在领取结束之后",
    },
)
