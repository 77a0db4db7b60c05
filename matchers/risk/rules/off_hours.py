"""非工作时间柜面操作 — one person works at the counter outside its hours more often than his office does."""

from matchers.risk import acts
from matchers.risk.ground import Ground
from matchers.risk.outstanding import leads, outstanding
from matchers.risk.signals import Rule, Signal
from matchers.schemas import OfficeActs


def look(ground: Ground) -> list[Signal]:
    """Per operator; offices without hours for a month are left out of it."""
    events = judged(ground)
    above = outstanding(ground, events, "off", "off_hours_least")
    return leads(ground, RULE.code, above, events[events["off"]].sort_values(["at", "event_id"]), "off_hours")


def judged(ground: Ground) -> OfficeActs:
    """What operators did at the counter in the twelve months, with office and whether outside its hours."""
    assert ground.hours is not None
    events = acts.own(ground)
    events = events[(events["channel"] == "counter") & ground.within(events["at"])]
    events = acts.placed(ground, events).assign(month=events["day"].dt.to_period("M"))
    hours = ground.hours.astype({"office": object}).assign(month=ground.hours["day"].dt.to_period("M"))
    events = events.merge(hours[["office", "month"]].drop_duplicates(), on=["office", "month"])
    rows = events.merge(hours[["office", "day", "opens", "closes"]], on=["office", "day"], how="left")
    minute = rows["at"].dt.hour * 60 + rows["at"].dt.minute
    grace = ground.value("off_hours_grace_minutes")
    inside = minute.between(rows["opens"] - grace, rows["closes"] + grace)
    open_ = inside.groupby(rows["event_id"]).any()
    rows = rows.drop_duplicates("event_id")
    return rows.assign(off=~rows["event_id"].map(open_).astype(bool))


RULE = Rule(
    code="OFF_HOURS",
    title="非工作时间柜面操作",
    basis="渝人社发〔2019〕169号 四（二）",
    look=look,
    needs=("claim_event", "operator", "service_hours"),
    words={"off_hours": "服务时间以外的柜面操作"},
    counter="排班值守、延时服务、清理积压、系统时间有误；先看排班表",
)
