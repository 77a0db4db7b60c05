"""非工作时间柜面操作 — one person works at the counter outside its hours more often than his office does."""

from matchers.risk.evidence.counter_hours import counter_acts
from matchers.risk.ground import Ground
from matchers.risk.outstanding import leads, outstanding
from matchers.risk.signals import Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; offices without hours for a month are left out of it."""
    events = counter_acts(ground)
    above = outstanding(ground, events, "off", "off_hours_least")
    return leads(ground, RULE.code, above, events[events["off"]].sort_values(["at", "event_id"]), "off_hours")


RULE = Rule(
    code="OFF_HOURS",
    title="非工作时间柜面操作",
    basis="渝人社发〔2019〕169号 四（二）",
    look=look,
    needs=("claim_event", "operator", "service_hours"),
    words={"off_hours": "服务时间以外的柜面操作"},
    counter="排班值守、延时服务、清理积压、系统时间有误；先看排班表",
)
