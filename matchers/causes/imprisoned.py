"""被判刑收监执行 — a sentence served in prison, until release."""

from matchers import months
from matchers.causes import PRECISE, Cause, Findings, findings, first_reason, nothing
from matchers.docket import Docket


def rule(docket: Docket) -> Findings:
    """Holds from ``confined_on`` to the month of ``released_on``, else to the night."""
    rows = docket.rows("imprisonments")
    if rows.empty:
        return nothing()
    until = months.of_dates(rows["released_on"])
    reason = first_reason(
        rows,
        {
            "not_confined": rows["manner"] != "收监",
            "released_before_claim": until < rows["start_month"],
        },
    )
    told = rows.assign(
        reason_code="confined",
        first=months.of_dates(rows["confined_on"]),
        last=until.fillna(docket.month),
        event_month=months.of_dates(rows["confined_on"]),
        event_on=rows["confined_on"],
        strength=PRECISE,
    )
    return findings("imprisonments", told, reason)


CAUSE = Cause(
    code="IMPRISONED",
    title="被判刑收监执行",
    feeds=("imprisonments",),
    rule=rule,
    words={
        "confined": "被判刑收监执行",
        "not_confined": "缓刑、假释、羁押等，不是收监执行",
        "released_before_claim": "领取前已释放",
        "after_claim": "发生在领取结束之后",
    },
)
