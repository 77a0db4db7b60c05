"""持续的事实 — what begins on a day and lasts until an end is recorded: enlistment, emigration."""

from collections.abc import Callable, Mapping

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts.records import replaced
from matchers.findings import PRECISE, Findings, findings, first_reason, nothing
from matchers.schemas import ClaimRows

Tests = Mapping[str, "pd.Series[bool]"]


def lasting(
    docket: Docket,
    feed: str,
    reason_code: str,
    *,
    began: str,
    ended: str,
    event: tuple[str, ...],
    before_claim: str,
    no_evidence: Callable[[ClaimRows], Tests],
) -> Findings:
    """Rows hold from the month of ``began`` to that of ``ended``, else to the night; all are precise.

    The latest record of an ``event`` counts. ``no_evidence`` gives the cause's own exclusions,
    ``before_claim`` is the reason of what ended before the claim.
    """
    rows = docket.rows(feed)
    if rows.empty:
        return nothing()
    since, until = months.of_dates(rows[began]), months.of_dates(rows[ended])
    reason = first_reason(
        rows,
        {
            "dates_reversed": rows[ended] < rows[began],
            **no_evidence(rows),
            before_claim: until < rows["start_month"],
            "record_replaced": replaced(rows, *event),
        },
    )
    holding = rows.assign(
        reason_code=reason_code,
        first=since,
        last=until.fillna(docket.month),
        event_month=since,
        event_on=rows[began],
        strength=PRECISE,
        lowered="",
    )
    return findings(feed, holding, reason)
