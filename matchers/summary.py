"""摘要 — what a candidate says in one sentence, and each fact in a few words."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from matchers import months
from matchers.causes import causes
from matchers.findings import PRECISE, Cause
from matchers.links import ALLOWS, LINK_WORDS

OWN_RECORDS = {"payment": "待遇发放台账", "recipient": "领取人员档案", "claim": "待遇申领记录"}


def yuan(fen: int) -> str:
    """An amount in yuan as people write it: ``1,710.00元``."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def notes(facts: pd.DataFrame) -> list[str]:
    """One short Chinese note for each fact (cause, reason_code, link_tier)."""
    return [
        causes()[cause].sentence(reason) + _doubt(link, words)
        for cause, reason, link, words in zip(
            facts["cause"], facts["reason_code"], facts["link_tier"], facts["link_words"], strict=True
        )
    ]


def _doubt(link: str, words: str | None) -> str:
    if link in ("exact", "benefit"):
        return ""
    return f"（{LINK_WORDS[link]}：{words}）" if words else f"（{LINK_WORDS[link]}）"


def summaries(candidates: pd.DataFrame, described: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """One sentence for each candidate, from its figures and its facts; a doubtful identity comes first.

    ``titles``: what people call each feed.
    """
    words = {**OWN_RECORDS, **titles}
    facts = {key: part for key, part in described.groupby(["claim_id", "cause"])}
    return [
        _summary(row, facts[row["claim_id"], row["cause"]], words) for row in candidates.to_dict("records")
    ]


def _summary(row: dict[Hashable, Any], facts: pd.DataFrame, titles: Mapping[str, str]) -> str:
    cause = causes()[str(row["cause"])]
    support = facts[facts["weight"] == "supports"]
    feeds = "、".join(
        f"{titles.get(str(f), str(f))}{n}条" for f, n in support["feed"].value_counts().sort_index().items()
    )
    against = [cause.sentence(r) for r in sorted(set(facts.loc[facts["weight"] == "against", "reason_code"]))]
    parts = [
        f"疑似{cause.title}：{feeds}，自{months.text(_int(row['event_month']))}起",
        f"建议核实后自{months.text(_int(row['stop_month']))}起停发",
    ]
    if _int(row["overpaid_months"]):
        parts.append(f"涉及已发{_int(row['overpaid_months'])}个月、应退{yuan(_int(row['overpaid_fen']))}")
    if _int(row["preventable_fen"]):
        parts.append(f"待发{yuan(_int(row['preventable_fen']))}尚未支付，宜在发放前先核实")
    if _int(row["at_risk_fen"]):
        parts.append(f"另有待发{yuan(_int(row['at_risk_fen']))}所属月份尚无记录，发放前请一并核实")
    if lower := _lowered(cause, support):
        parts.append("未列为精确疑点：" + "、".join(lower))
    if against:
        parts.append("相反证据：" + "、".join(against))
    if row["within_notice_period"]:
        parts.append("仍在告知期限内，属提前提示，不涉及过错")
    if isinstance(row["demotion"], str):
        parts.append(row["demotion"])
    if ALLOWS[str(row["link_tier"])] < PRECISE:
        parts.insert(0, f"先核实身份（{LINK_WORDS[str(row['link_tier'])]}）")
    return "；".join(parts) + "。"


def _lowered(cause: Cause, support: pd.DataFrame) -> list[str]:
    """What keeps the best of the supporting facts below precise: their own weakness, their link's, both."""
    allowed = support["link_tier"].map(ALLOWS)
    reached = support["strength"].astype(int).where(support["strength"] < allowed, allowed)
    best = support[reached == reached.max()]
    if reached.max() == PRECISE:
        return []
    weak = sorted(set(best["lowered"]) - {""})
    doubtful = [tier for tier in ALLOWS if ALLOWS[tier] < PRECISE and tier in set(best["link_tier"])]
    return [cause.sentence(reason) for reason in weak] + [LINK_WORDS[tier] for tier in doubtful]


def _int(value: object) -> int:
    return int(float(str(value)))
