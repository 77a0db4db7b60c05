"""经办痕迹 — payments before which a step is missing on record, and manual ones without a reference."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact

STEPS = ("accept", "review", "approve")


def without_trace(ground: Ground) -> Mapping[tuple[str, str, str], tuple[Fact, ...]]:
    """(claim, district, month) → what is missing; claims older than the district's log miss no step."""
    assert ground.events is not None
    payments = ground.payments.sort_values(["paid_on", "payment_id"]).drop_duplicates("claim_id")
    claims = ground.claims.merge(payments[["claim_id", "payment_id", "paid_on"]], on="claim_id")
    claims = claims[
        ground.within(claims["paid_on"])
        & (claims["registered_on"] >= claims["district"].map(_starts(ground)))
    ]
    facts: dict[tuple[str, str, str], list[Fact]] = {}
    done = ground.events.merge(claims[["claim_id", "paid_on"]], on="claim_id")
    done = done[done["at"].dt.normalize() <= done["paid_on"]]
    steps = {step: set(done.loc[done["kind"] == step, "claim_id"]) for step in STEPS}
    for row in claims.to_dict("records"):
        facts.setdefault(_place(row, row["paid_on"]), []).extend(
            Fact(f"no_{step}", row["claim_id"], payment_id=row["payment_id"])
            for step in STEPS
            if row["claim_id"] not in steps[step]
        )
    manual = ground.events[(ground.events["kind"] == "manual") & ground.events["reference"].isna()]
    manual = manual[ground.within(manual["at"])].merge(ground.claims[["claim_id", "district"]], on="claim_id")
    for row in manual.to_dict("records"):
        fact = Fact("manual", row["claim_id"], event_id=row["event_id"])
        facts.setdefault(_place(row, row["at"]), []).append(fact)
    return {place: tuple(own) for place, own in facts.items() if own}


def _starts(ground: Ground) -> "pd.Series[pd.Timestamp]":
    """The day on which each district's log begins: that of its first event."""
    assert ground.events is not None
    rows = ground.events.merge(ground.claims[["claim_id", "district"]], on="claim_id", how="left")
    where = rows["district"].fillna(rows["roll_district"])
    first: pd.Series[pd.Timestamp] = rows["at"].dt.normalize().groupby(where).min()
    return first


def _place(row: dict[Any, Any], day: pd.Timestamp) -> tuple[str, str, str]:
    return str(row["claim_id"]), str(row["district"]), period(day)
