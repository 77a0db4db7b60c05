"""失业后回原单位 — several people of one employer are hired there again soon after claiming."""

from matchers.risk.evidence.rehires import hired_back
from matchers.risk.ground import PLACE, Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per employer; who was reinstated or comes back every season does not count."""
    raised = []
    for employer, own in hired_back(ground).groupby("employer"):
        n = own["person"].nunique()
        if n < ground.value("returned_people"):
            continue
        rows = own[["claim_id", *PLACE]].itertuples(index=False)
        facts = tuple(Fact("hired_back", claim, None, None, *place) for claim, *place in rows)
        about = RULE.code, "employer", str(employer), ground.district_of(set(own["claim_id"])), ground.year
        raised.append(Signal(*about, Level.LEAD, {"n": n}, facts))
    return raised


RULE = Rule(
    code="RETURNED",
    title="失业后回原单位",
    basis="社会保险法第五十一条（一）",
    look=look,
    feeds=("hires", "staff_reductions"),
    words={"hired_back": "登记失业后三个月内又在原单位就业"},
    counter="撤销解除、季节复工、订单恢复；先问单位用工安排",
)
