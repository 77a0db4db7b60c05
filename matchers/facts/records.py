"""记录 — several records of one event: agencies send it again when they learn how it ended."""

import pandas as pd

from matchers.findings import IMPORTANT
from matchers.links import ALLOWS
from matchers.schemas import ClaimRows


def replaced(rows: ClaimRows, *event: str) -> "pd.Series[bool]":
    """Whether a later record of the same event (the columns ``event``) of a claim stands in a row's place.

    Records are ordered by delivery, file and line. One whose link is only proposed replaces no certain one.
    """
    certain = rows["link_tier"].map(ALLOWS) >= IMPORTANT
    order = rows.assign(certain=certain).sort_values(["delivered_on", "file", "line"])
    return order.duplicated(["claim_id", "certain", *event], keep="last").reindex(rows.index)
