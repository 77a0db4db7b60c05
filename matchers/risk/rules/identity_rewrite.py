"""身份信息双改 — number and name of one claim are both rewritten, and no registered change explains it."""

from matchers.risk.evidence.identities import rewritten
from matchers.risk.ground import Ground, period
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per claim; a number with one slip or of fifteen digits made eighteen is no rewriting."""
    raised = []
    for claim, own in rewritten(ground).groupby("claim_id"):
        facts = tuple(Fact("rewritten", str(claim), event_id=e) for e in own["event_id"])
        where, month = ground.district_of({str(claim)}), period(own["done"].iloc[0])
        about = RULE.code, "claim", str(claim), where, month
        raised.append(Signal(*about, Level.IMPORTANT, {"n": 1}, facts))
    return raised


RULE = Rule(
    code="IDENTITY_REWRITE",
    title="身份信息双改",
    basis="社会保险经办条例第九条",
    look=look,
    needs=("claim_event",),
    feeds=("identity_changes",),
    words={"rewritten": "改写了证件号码或姓名"},
    counter="录入更正、十五位升十八位、已登记的变更；变更登记可能尚未报来，先核对原始证件",
)
