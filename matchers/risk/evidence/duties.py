"""岗位与行为 — acts of one person that the matrix of duties parts between two."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from matchers.risk import acts, posts
from matchers.risk.ground import Ground, in_force, period


def together(ground: Ground, pairs: list[list[str]]) -> Iterator[tuple[Any, ...]]:
    """Acts of one person on one claim or roll that are for two: (who, period, pair, claim, event)."""
    assert ground.exceptions is not None
    events = acts.own(ground)
    events = events.assign(thing=events["claim_id"].fillna(events["reference"])).dropna(subset="thing")
    for one, other in pairs:
        sides = [
            events.loc[events["kind"] == kind, ["who", "thing", "claim_id", "event_id", "day"]]
            for kind in (one, other)
        ]
        both = sides[0].merge(sides[1], on=["who", "thing"], suffixes=("", "_other"))
        both = both.assign(pair=posts.pair(one, other), day=both[["day", "day_other"]].max(axis=1))
        both = both[ground.within(both["day"]) & ~acts.excepted(both, ground.exceptions)]
        for row in both.to_dict("records"):
            claim = row["claim_id"] if isinstance(row["claim_id"], str) else None
            for event in (row["event_id"], row["event_id_other"]):
                yield row["who"], period(row["day"]), row["pair"], claim, event


def single(ground: Ground, kinds: list[str]) -> Iterator[tuple[Any, ...]]:
    """Business acts of whoever keeps data or systems, or audits: (who, period, pair, claim, event)."""
    assert ground.operators is not None
    assert ground.exceptions is not None
    events = acts.own(ground)
    events = events[events["kind"].isin(acts.BUSINESS) & ground.within(events["at"])]
    rows = events.merge(
        ground.operators.loc[ground.operators["post"].isin(kinds), ["who", "post", "since", "until"]],
        on="who",
    )
    rows = rows[in_force(rows, rows["day"], rows["day"])]
    excepted = pd.Series(False, index=rows.index)
    for act in (rows["kind"], rows["kind"].map(posts.POST_OF).fillna("approve")):
        pairs = [posts.pair(a, b) for a, b in zip(act, rows["post"], strict=True)]
        excepted |= acts.excepted(rows.assign(pair=pairs), ground.exceptions)
    for row in rows[~excepted].to_dict("records"):
        claim = row["claim_id"] if isinstance(row["claim_id"], str) else None
        yield row["who"], period(row["day"]), posts.pair(row["post"], row["kind"]), claim, row["event_id"]
