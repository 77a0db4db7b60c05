"""用词 — what people read of a signal: its sentence, its figures, its reasons; never a word of guilt."""

from collections.abc import Mapping
from typing import Any

from matchers.lifecycle import SignalStatus, SignalStep
from matchers.risk.rules import rules
from matchers.risk.signals import LEVEL_WORDS, SUBJECT_WORDS, Level, Signal

STATUS = {
    SignalStatus.OPEN: "待核查",
    SignalStatus.CHECKING: "核查中",
    SignalStatus.FOUNDED: "核查成立",
    SignalStatus.UNFOUNDED: "核查不成立",
    SignalStatus.CONTROL_FIXED: "内控已整改",
    SignalStatus.CLOSED: "办结",
    SignalStatus.WITHDRAWN: "事实已变，撤回",
}
STEPS: Mapping[str, str] = {
    SignalStep.CHECKING: "核查中",
    SignalStep.HEARD: "听取说明",
    SignalStep.FOUNDED: "核查成立",
    SignalStep.UNFOUNDED: "核查不成立",
    SignalStep.CONTROL_FIXED: "内控已整改",
    SignalStep.CLOSED: "办结",
}
FIGURES = {
    "n": "计数", "of": "其中总数", "others": "户名为他人", "payments": "发放笔数", "leavers": "减员人数",
    "ratio_bound": "高于同类的倍数（下限）", "share_without_earlier_contribution": "此前无单位缴费的占比",
    "share_at_minimum_base": "按最低基数的占比", "shared_account_or_phone": "共用账户或电话",
    "months_of_leaving": "离职月份数", "q": "误报率控制值", "pairs": "不相容岗位或行为",
    "paid_fen": "年内已发（元）",
}  # fmt: skip
POSTS = {
    "accept": "受理", "review": "复核", "approve": "审批", "payroll": "发放", "accounting": "会计",
    "cashier": "出纳", "data": "数据", "audit": "稽核", "system": "系统", "payroll_make": "制册",
    "payroll_check": "核册", "change_account": "变更账户", "change_identity": "变更身份",
    "change_reason": "变更离职原因", "reject": "退回", "override": "越过拦截", "manual": "手工发放",
}  # fmt: skip
NOT_PROVIDED = "未提供"
DUTY = "duty:"


def title(rule: str) -> str:
    """The rule's Chinese title."""
    return rules()[rule].title


def level(value: str) -> str:
    """The level's word."""
    return LEVEL_WORDS[Level(value)]


def status(value: str) -> str:
    """The status' word."""
    return STATUS[SignalStatus(value)]


def subject(kind: str) -> str:
    """What a signal is about."""
    return SUBJECT_WORDS.get(kind, "办公室")


def pair(posts: str) -> str:
    """Two posts or acts, as in 受理—复核."""
    return "—".join(POSTS.get(post, post) for post in posts.split("-"))


def reason(rule: str, code: str) -> str:
    """The sentence of a fact's reason."""
    if code.startswith(DUTY):
        return f"不相容：{pair(code.removeprefix(DUTY))}"
    return rules()[rule].words[code]


def figures(values: Mapping[str, Any]) -> str:
    """Figures as people read them: ``计数 5，高于同类的倍数（下限） 7.2``."""
    return "，".join(f"{FIGURES[name]} {_figure(name, value)}" for name, value in values.items())


def _figure(name: str, value: Any) -> str:
    if name == "pairs":
        return "、".join(map(pair, value))
    if name.endswith("_fen"):
        return f"{value / 100:,.2f}"
    if value is None:
        return NOT_PROVIDED
    if isinstance(value, bool):
        return "有" if value else "无"
    return f"{value:.0%}" if name.startswith("share_") else str(value)


def summary(signal: Signal) -> str:
    """One sentence on what was seen, and that it is to be looked at."""
    seen = f"{title(signal.rule)}：{figures(signal.figures)}"
    ordinary = f"；通常情况：{signal.expected}" if signal.expected else ""
    return f"{seen}{ordinary}。只是需要核查的信号，不是结论"
