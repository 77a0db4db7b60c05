"""岗位兼任、一人通办 — posts that nobody may hold at once, acts that nobody may do alone on one claim."""

import pandas as pd

from matchers.risk import acts, posts
from matchers.risk.evidence import duties
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per person and month; what somebody else excepted in writing raises nothing."""
    matrix = ground.policy.value("duties", ground.as_of)
    rows = [*posts.held_at_once(ground, matrix["static"])]
    rows += [*duties.together(ground, matrix["dynamic"]), *duties.single(ground, matrix["single"])]
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


RULE = Rule(
    code="DUTY_CONFLICT",
    title="岗位兼任、一人通办",
    basis="渝人社发〔2019〕169号 四（二）；社会保险经办条例第三十七条",
    look=look,
    needs=("claim_event", "operator", "duty_exception"),
    words={"duty": "不相容的岗位或行为"},
    counter="小办公室的书面备案、代班未登记、账号借用；只是内控事实，不说明意图",
)
