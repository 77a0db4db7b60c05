"""补缴后即申领 — half or more of the qualifying months were settled late, shortly before registering."""

from matchers.risk.evidence.late_months import late_months
from matchers.risk.ground import PLACE, Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal

ORDINARY = "按月正常缴费"


def look(ground: Ground) -> list[Signal]:
    """Per claim registered in the twelve months."""
    raised = []
    for claim, own in late_months(ground).groupby("claim_id"):
        if len(own) < ground.value("late_months"):
            continue
        places = own[PLACE].itertuples(index=False)
        facts = tuple(Fact("paid_late", str(claim), None, None, *place) for place in places)
        figures = {"n": len(own), "of": ground.value("late_of_months")}
        where, month = own["district"].iloc[0], period(own["registered_on"].iloc[0])
        about = RULE.code, "claim", str(claim), where, month
        raised.append(Signal(*about, Level.LEAD, figures, facts, ORDINARY))
    return raised


RULE = Rule(
    code="LATE_PAID",
    title="补缴后即申领",
    basis="社会保险法第四十五条（一）",
    look=look,
    feeds=("contributions", "staff_reductions"),
    words={"paid_late": "登记失业前六十日内补缴的月份"},
    counter="仲裁裁决补缴、缓缴政策、单位整体补缴；补缴本身合法，先问补缴缘由",
)
