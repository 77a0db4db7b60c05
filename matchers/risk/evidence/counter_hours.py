"""柜面时间 — what operators did at the counter, and whether outside its hours."""

from matchers.risk import acts
from matchers.risk.ground import Ground
from matchers.schemas import OfficeActs


def counter_acts(ground: Ground) -> OfficeActs:
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
