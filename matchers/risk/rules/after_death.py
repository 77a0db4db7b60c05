"""死亡后仍有本人操作 — somebody acted as the person himself after the day of death."""

from matchers.risk.evidence.deaths import after_death
from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per claim; a death that was revoked, or that sources date differently, raises nothing."""
    raised = []
    for claim, acts in after_death(ground).sort_values("at").groupby("claim_id"):
        facts = tuple(Fact("after_death", str(claim), event_id=e) for e in acts["event_id"])
        where, month = acts["district"].iloc[0], period(acts["at"].iloc[0])
        about = RULE.code, "claim", str(claim), where, month
        raised.append(Signal(*about, Level.IMPORTANT, {"n": len(acts)}, facts))
    return raised


RULE = Rule(
    code="AFTER_DEATH",
    title="死亡后仍有本人操作",
    basis="社会保险法第四十九条",
    look=look,
    needs=("claim_event",),
    feeds=("deaths",),
    words={"after_death": "死亡次日以后的本人操作"},
    counter="死亡登记有误或日期不一、遗属代为申报；先与登记机关核对死亡日期",
)
