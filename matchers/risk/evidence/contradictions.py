"""原因不符 — claims as involuntarily unemployed whose forms say otherwise, or were made to say so later."""

import pandas as pd

from matchers.risk import reasons
from matchers.risk.ground import PLACE, Ground
from matchers.risk.policy import INVOLUNTARY, VOLUNTARY
from matchers.schemas import EvidenceRows

SPELL = pd.Timedelta(days=31)


def contradictions(ground: Ground) -> EvidenceRows:
    """claim_id, district, ``reason``, ``done`` (its day), event_id or place on file; less what is awarded."""
    parts = [_voluntary(latest := _latest(ground)), _made_otherwise(latest), _changed(ground)]
    rows = pd.concat([part for part in parts if len(part)] or parts)
    rows = rows.assign(done=pd.to_datetime(rows["done"]))
    return rows[ground.within(rows["done"]) & ~rows["claim_id"].isin(_awarded(ground))]


def _latest(ground: Ground) -> pd.DataFrame:
    """Each claim that says involuntary, with the latest form of the job that it followed."""
    codes = ground.claims[["separation_reason", "registered_on"]].drop_duplicates().dropna()
    meanings = {(c, d): ground.policy.reason(c, d.date()) for c, d in codes.itertuples(index=False)}
    own = [
        meanings.get(p, "")
        for p in zip(ground.claims["separation_reason"], ground.claims["registered_on"], strict=True)
    ]
    claims = ground.claims[pd.Series(own, index=ground.claims.index) == INVOLUNTARY]
    rows = claims.merge(reasons.forms(ground), on=["person", "employer"])
    apart = (rows["left_on"] - rows["separated_on"]).abs()
    rows = rows[(apart <= SPELL) | rows["separated_on"].isna()]
    return (
        rows.sort_values(["filed_on", "form_no"]).drop_duplicates("claim_id", keep="last").assign(event_id="")
    )


def _voluntary(latest: pd.DataFrame) -> pd.DataFrame:
    rows = latest[latest["meaning"] == VOLUNTARY]
    done = rows[["filed_on", "registered_on"]].max(axis=1)
    return rows.assign(done=done, reason="form_voluntary")


def _made_otherwise(latest: pd.DataFrame) -> pd.DataFrame:
    rows = latest[(latest["meaning"] == INVOLUNTARY) & (latest["before"] == VOLUNTARY)]
    rows = rows[rows["filed_on"] > rows["registered_on"]]
    return rows.assign(done=rows["filed_on"], reason="form_changed")


def _changed(ground: Ground) -> pd.DataFrame:
    """Reasons changed on the claim itself; nothing where the agency keeps no log."""
    if ground.events is None:
        return pd.DataFrame(columns=["claim_id", "done", "reason", "district", "event_id", *PLACE])
    events = ground.events[(ground.events["kind"] == "change_reason") & (ground.events["channel"] != "batch")]
    rows = events[events["reference"].isna()].merge(
        ground.claims[["claim_id", "registered_on", "district"]], on="claim_id"
    )
    day = rows["at"].dt.normalize()
    turned = [
        ground.policy.reason(str(a), d.date()) == VOLUNTARY
        and ground.policy.reason(str(b), d.date()) == INVOLUNTARY
        for a, b, d in zip(rows["before"], rows["after"], day, strict=True)
    ]
    rows = rows.assign(done=day, reason="claim_changed", feed="")[
        pd.Series(turned, index=rows.index, dtype=bool)
    ]
    return rows[rows["done"] > rows["registered_on"]]


def _awarded(ground: Ground) -> set[str]:
    """The claims whose reason was settled by an award or a decision with its number."""
    kept = reasons.forms(ground)
    by_form = kept[kept["replaces"].notna() & kept["reference"].notna()][["person", "employer"]]
    awarded = set(ground.claims.merge(by_form, on=["person", "employer"])["claim_id"])
    if ground.events is not None:
        events = ground.events[
            (ground.events["kind"] == "change_reason") & ground.events["reference"].notna()
        ]
        awarded |= set(events["claim_id"])
    return awarded
