"""岗位兼任、一人通办 — posts that nobody may hold at once, acts that nobody may do alone on one claim."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from matchers.risk import acts, posts
from matchers.risk.ground import Ground, in_force, period
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per person and month; what somebody else excepted in writing raises nothing."""
    duties = ground.policy.value("duties", ground.as_of)
    rows = [*posts.held_at_once(ground, duties["static"]), *_together(ground, duties["dynamic"])]
    rows += _single(ground, duties["single"])
    signal = acts.signals(ground, RULE.code)
    kept = pd.DataFrame(rows, columns=["who", "period", "pair", "claim_id", "event_id"])
    raised = []
    for (who, month), own in kept.groupby(["who", "period"]):
        own = own.drop_duplicates(["event_id", "pair"])
        facts = tuple(
            Fact("duty:" + r["pair"], r["claim_id"], event_id=r["event_id"]) for r in own.to_dict("records")
        )
        figures = {"n": own["pair"].nunique(), "pairs": sorted(own["pair"].unique())}
        raised.append(signal(who, Level.FAULT, figures, facts, period=str(month)))
    return raised


def _together(ground: Ground, pairs: list[list[str]]) -> Iterator[tuple[Any, ...]]:
    """Acts of one person on one claim, or on one roll, that two people should have done."""
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


def _single(ground: Ground, kinds: list[str]) -> Iterator[tuple[Any, ...]]:
    """Business acts of whoever keeps data or systems, or audits."""
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


RULE = Rule(
    code="DUTY_CONFLICT",
    title="岗位兼任、一人通办",
    basis="渝人社发〔2019〕169号 四（二）；社会保险经办条例第三十七条",
    look=look,
    needs=("claim_event", "operator", "duty_exception"),
    words={"duty": "不相容的岗位或行为"},
    counter="小办公室的书面备案、代班未登记、账号借用；只是内控事实，不说明意图",
)
