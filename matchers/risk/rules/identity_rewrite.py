"""身份信息双改 — number and name of one claim are both rewritten, and no registered change explains it."""

import pandas as pd

from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal

REWRITTEN = "rewritten"


def look(ground: Ground) -> list[Signal]:
    """Per claim; a number with one slip or of fifteen digits made eighteen is no rewriting."""
    assert ground.events is not None
    assert ground.changes is not None
    edits = ground.events[
        (ground.events["kind"] == "change_identity") & (ground.events["channel"] != "batch")
    ]
    edits = edits[edits["claim_id"].isin(ground.claims["claim_id"])].sort_values(["at", "event_id"])
    numbers, names = edits[edits["edit"] == REWRITTEN], edits[edits["name_changed"]]
    both = set(numbers["claim_id"]) & set(names["claim_id"])
    registered = _registered(numbers, ground.changes, "number") | _registered(names, ground.changes, "name")
    raised = []
    for claim, own in edits[edits["claim_id"].isin(both - registered)].groupby("claim_id"):
        halves = [own[own["edit"] == REWRITTEN]["at"].min(), own[own["name_changed"]]["at"].min()]
        done = max(halves)
        if not ground.first <= done.normalize() <= ground.last:
            continue
        parts = own[((own["edit"] == REWRITTEN) | own["name_changed"]) & (own["at"] <= done)]
        facts = tuple(Fact("rewritten", str(claim), event_id=e) for e in parts["event_id"])
        where = ground.district_of({str(claim)})
        raised.append(
            Signal(RULE.code, "claim", str(claim), where, period(done), Level.IMPORTANT, {"n": 1}, facts)
        )
    return raised


def _registered(edits: pd.DataFrame, changes: pd.DataFrame, half: str) -> set[str]:
    """The claims of which one half is a change that the police registered."""
    keys = [f"old_{half}", half]
    recorded = changes.dropna(subset=keys)[keys].drop_duplicates()
    return set(edits.merge(recorded, left_on=[f"before_{half}", f"after_{half}"], right_on=keys)["claim_id"])


RULE = Rule(
    code="IDENTITY_REWRITE",
    title="身份信息双改",
    basis="社会保险经办条例第九条",
    look=look,
    needs=("claim_event",),
    feeds=("identity_changes",),
    words={"rewritten": "改写了证件号码或姓名"},
    counter="录入更正、十五位升十八位、已登记的变更；变更登记可能尚未报来，先核对原始证件",
)
