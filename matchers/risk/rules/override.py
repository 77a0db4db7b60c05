"""越过拦截后批准 — one person overrides a stop and approves the same claim, time and again."""

from matchers.risk import acts
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator, from three claims without a second person's reference on."""
    events = acts.own(ground)
    over = events[(events["kind"] == "override") & events["reference"].isna()]
    passed = events[events["kind"] == "approve"]
    both = over.merge(passed, on=["who", "claim_id"], suffixes=("", "_approve"))
    both = both[ground.within(both[["day", "day_approve"]].max(axis=1))]
    signal = acts.signals(ground, RULE.code)
    raised = []
    for who, own in both.groupby("who"):
        n = own["claim_id"].nunique()
        if n < ground.value("override_least"):
            continue
        pairs = own[["claim_id", "event_id", "event_id_approve"]].itertuples(index=False)
        steps = {(c, e, r) for c, a, b in pairs for e, r in ((a, "overrode"), (b, "approved"))}
        facts = tuple(Fact(r, c, event_id=e) for c, e, r in sorted(steps))
        raised.append(signal(who, Level.IMPORTANT, {"n": n}, facts))
    return raised


RULE = Rule(
    code="OVERRIDE",
    title="越过拦截后批准",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("claim_event", "operator"),
    words={"overrode": "越过系统拦截", "approved": "本人随后批准"},
    counter="双人授权未登记文号、拦截规则有误、应急处理；先看授权记录，听取本人说明",
)
