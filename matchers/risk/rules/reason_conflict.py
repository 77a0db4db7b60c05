"""减员原因不符 — the form says that the person left by choice, or it was made otherwise after registering."""

from matchers.risk.evidence.contradictions import contradictions
from matchers.risk.ground import PLACE, Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per claim; an award with its reference settles it, an unclear code is a question about the code."""
    raised = []
    for claim, own in contradictions(ground).sort_values("done", kind="stable").groupby("claim_id"):
        facts = []
        for r in own.to_dict("records"):
            place = {name: r[name] for name in PLACE} | {"line": int(r["line"])} if r["feed"] else {}
            facts.append(Fact(r["reason"], str(claim), event_id=r["event_id"] or None, **place))
        where, month = own["district"].iloc[0], period(own["done"].iloc[0])
        about = RULE.code, "claim", str(claim), where, month
        raised.append(Signal(*about, Level.IMPORTANT, {"n": 1}, tuple(facts)))
    return raised


RULE = Rule(
    code="REASON_CONFLICT",
    title="减员原因不符",
    basis="渝人社发〔2019〕169号 一（四）",
    look=look,
    feeds=("staff_reductions",),
    policy=("reason_codes",),
    words={
        "form_voluntary": "最近一张减员表为本人意愿离职",
        "form_changed": "登记失业后减员表改为非本人意愿",
        "claim_changed": "登记失业后申领的离职原因改为非本人意愿",
    },
    counter="仲裁裁决或协商更正、单位填表随意、代码含义不清；先问单位和本人，分别听取",
)
