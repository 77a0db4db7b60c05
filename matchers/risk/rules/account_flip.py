"""临发前变更账户 — an account changed just before the roll closes, and back or to one serving several."""

from matchers.risk import acts
from matchers.risk.evidence.flips import flips
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per operator; important from two changes on."""
    signal = acts.signals(ground, RULE.code)
    raised = []
    for who, mine in flips(ground).groupby("who"):
        level = Level.IMPORTANT if len(mine) >= ground.value("flip_times") else Level.LEAD
        facts = tuple(
            Fact(r, c, event_id=e)
            for c, *events in mine[["claim_id", "event_id", "back_id"]].itertuples(index=False)
            for e, r in zip(events, ("changed", "changed_back"), strict=True) if isinstance(e, str)
        )  # fmt: skip
        raised.append(signal(who, level, {"n": len(mine)}, facts))
    return raised


RULE = Rule(
    code="ACCOUNT_FLIP",
    title="临发前变更账户",
    basis="渝人社发〔2019〕169号 四（一）",
    look=look,
    needs=("claim_event", "operator", "payee_agent"),
    words={"changed": "名册关闭前变更收款账户", "changed_back": "其后改回原账户"},
    counter="挂失补卡、批量换卡、本人网上变更；先看原始申请材料，听取经办人员说明",
)
