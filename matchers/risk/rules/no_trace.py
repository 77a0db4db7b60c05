"""无经办痕迹的支付 — money went out without acceptance, review and approval on record."""

from matchers.risk.evidence.traces import without_trace
from matchers.risk.ground import Ground
from matchers.risk.signals import Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per claim and month: steps missing before a first payment in the twelve months, and manual payments."""
    return [
        Signal(RULE.code, "claim", *place, Level.FAULT, {"n": len(facts)}, facts)
        for place, facts in without_trace(ground).items()
    ]


RULE = Rule(
    code="NO_TRACE",
    title="无经办痕迹的支付",
    basis="社会保险经办条例第三十八条",
    look=look,
    needs=("claim_event",),
    words={
        "no_accept": "首次发放前没有受理记录",
        "no_review": "首次发放前没有复核记录",
        "no_approve": "首次发放前没有审批记录",
        "manual": "手工发放没有依据文号",
    },
    counter="纸质办理未补录、系统迁移丢失记录；这是留痕问题，不说明任何人的意图",
)
