"""早于起领、晚于停发 — claims that have not begun, and those of which nothing was paid after the stop."""

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.findings import IMPORTANT, against
from matchers.overpayment import FOR_THE_FAMILY
from matchers.schemas import CausedExclusions, CausedFacts, Heads

KEY = ["claim_id", "cause"]
NOTHING_PAID_AFTER = "nothing_paid_after"
EXCLUDED = ["claim_id", "cause", "feed", "row", "reason"]


def watched(docket: Docket, facts: CausedFacts) -> tuple[CausedFacts, CausedExclusions]:
    """The facts, at most important for a claim that has not begun, and what is excluded there.

    Only what happens from its registration on counts for such a claim; where only the month of an event is
    on record, from the month of registration on. What began before and lasts counts once the claim begins.
    """
    claims = docket.claims[docket.claims["start_month"] > docket.month].set_index("claim_id")
    ahead = facts["claim_id"].isin(claims.index) & (facts["weight"] == "supports")
    if not ahead.any():
        return facts, pd.DataFrame(columns=EXCLUDED)
    registered = pd.to_datetime(facts["claim_id"].map(claims["registered_on"]))
    on, month = pd.to_datetime(facts["event_on"]), facts["event_month"]
    before = ahead & ((on < registered) | (on.isna() & (month < months.of_dates(registered))))
    gone = pd.MultiIndex.from_frame(facts.loc[before, [*KEY, "feed", "row"]])
    same_row = pd.MultiIndex.from_frame(facts[[*KEY, "feed", "row"]]).isin(gone)
    lowered = facts["lowered"].mask(ahead & (facts["lowered"] == ""), "not_begun")
    strength = facts["strength"].mask(ahead, facts["strength"].clip(upper=IMPORTANT))
    kept = facts.assign(strength=strength, lowered=lowered)[~same_row]
    return kept, facts[before].assign(reason="before_registration")[EXCLUDED].drop_duplicates()


def not_begun(docket: Docket, heads: Heads) -> CausedFacts:
    """A fact against each candidate of a claim that has not begun."""
    claims = docket.claims.rename_axis("row").reset_index()
    ahead = claims[claims["start_month"] > docket.month].merge(heads[KEY], on="claim_id", validate="1:m")
    return against("claim", ahead, "not_begun").assign(cause=ahead["cause"])


def nothing_paid_after(docket: Docket, heads: Heads) -> "pd.Series[bool]":
    """Whether nothing was paid of each candidate's claim from its stop month on, and none of it is live.

    社会保险经办条例第二十五条、第二十六条: who stopped drawing in time has drawn nothing wrongly. Any payment
    but a returned one counts, those to the family do not. A claim that is suspended today is not live; one
    that has not begun is watched all the same, and so is a live one whose stop month is still to come.
    """
    payments = docket.payments
    out = payments[(payments["state"] != "returned") & ~payments["benefit_kind"].isin(FOR_THE_FAMILY)]
    last_paid = heads["claim_id"].map(out.groupby("claim_id")["benefit_month"].max())
    claims = docket.claims.set_index("claim_id")
    end = claims["start_month"] + claims["entitled_months"] - 1
    end = end.mask(claims["extended_to_retirement"].astype(bool), docket.month)
    end = pd.concat([end, claims["stop_month"] - 1], axis=1).min(axis=1).clip(upper=docket.month)
    live = ~claims["suspended"].astype(bool) & (claims["start_month"] <= end)
    last_live = heads["claim_id"].map(end.where(live))
    begun = heads["claim_id"].map(claims["start_month"]) <= docket.month
    since = heads["stop_month"].clip(upper=docket.month)
    return begun & ~(last_paid >= heads["stop_month"]) & ~(last_live >= since)


def excluded(fallen: CausedFacts) -> CausedExclusions:
    """The supporting rows behind candidates that are none because nothing was paid after the stop."""
    support = fallen[fallen["weight"] == "supports"]
    return support.assign(reason=NOTHING_PAID_AFTER)[EXCLUDED].drop_duplicates()
