"""身份双改 — edits of claims whose number and name were both rewritten, without a change on record."""

import pandas as pd

from matchers.risk.ground import Ground
from matchers.schemas import EvidenceRows

REWRITTEN = "rewritten"


def rewritten(ground: Ground) -> EvidenceRows:
    """The edits (claim_id, event_id, at) of a half each, up to the day on which both were done (``done``)."""
    assert ground.events is not None
    assert ground.changes is not None
    edits = ground.events[
        (ground.events["kind"] == "change_identity") & (ground.events["channel"] != "batch")
    ]
    edits = edits[edits["claim_id"].isin(ground.claims["claim_id"])].sort_values(["at", "event_id"])
    numbers, names = edits[edits["edit"] == REWRITTEN], edits[edits["name_changed"]]
    both = set(numbers["claim_id"]) & set(names["claim_id"])
    registered = _registered(numbers, ground.changes, "number") | _registered(names, ground.changes, "name")
    edits = edits[edits["claim_id"].isin(both - registered)]
    number, name = edits["edit"] == REWRITTEN, edits["name_changed"].astype(bool)
    first = [edits["at"].where(half).groupby(edits["claim_id"]).transform("min") for half in (number, name)]
    done = pd.concat(first, axis=1).max(axis=1)
    return edits.assign(done=done)[(number | name) & (edits["at"] <= done) & ground.within(done)]


def _registered(edits: pd.DataFrame, changes: pd.DataFrame, half: str) -> set[str]:
    """The claims of which one half is a change that the police registered."""
    keys = [f"old_{half}", half]
    recorded = changes.dropna(subset=keys)[keys].drop_duplicates()
    return set(edits.merge(recorded, left_on=[f"before_{half}", f"after_{half}"], right_on=keys)["claim_id"])
