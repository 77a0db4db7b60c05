"""匹配的反证 — what in a linked row speaks against its link, beside the candidate that it supports."""

from matchers.docket import Docket
from matchers.findings import against
from matchers.links import fact_rows
from matchers.schemas import CausedFacts

DIFFERS = ("birth_date_differs", "sex_differs")


def of_links(docket: Docket, facts: CausedFacts) -> list[CausedFacts]:
    """Facts against: a row's own birth date or sex is not that of the number it was linked by."""
    support = facts[facts["weight"] == "supports"]
    differs = fact_rows(docket, support, "differs", "").fillna("")
    parts = []
    for reason in DIFFERS:
        rows = support[differs.str.contains(reason, regex=False).astype(bool)]
        for feed, part in rows.drop_duplicates(["claim_id", "cause", "feed", "row"]).groupby("feed"):
            parts.append(against(str(feed), part, reason).assign(cause=part["cause"]))
    return parts
