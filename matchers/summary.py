"""摘要 — what a candidate says in one sentence, and each fact in a few words."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from matchers import months
from matchers.causes import causes
from matchers.findings import PRECISE
from matchers.links import ALLOWS, LINK_WORDS
from matchers.schemas import DescribedFacts, SummedCandidates

KEY = ["claim_id", "cause"]
OWN_RECORDS = {"payment": "待遇发放台账", "recipient": "领取人员档案", "claim": "待遇申领记录"}


def yuan(fen: int) -> str:
    """An amount in yuan as people write it: ``1,710.00元``."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def notes(facts: DescribedFacts) -> list[str]:
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


def summaries(
    candidates: SummedCandidates, described: DescribedFacts, titles: Mapping[str, str]
) -> list[str]:
    """One sentence for each candidate, from its figures and its facts; a doubtful identity comes first.

    ``titles``: what people call each feed.
    """
    support = described[described["weight"] == "supports"]
    doubts = described.loc[described["weight"] == "against", [*KEY, "reason_code"]]
    feeds = _feeds(support, {**OWN_RECORDS, **titles})
    against = _by_candidate(doubts.drop_duplicates().sort_values("reason_code"))
    lowered = _lowered(support)
    return [
        _summary(row, feeds[key], against.get(key, []), lowered.get(key, []))
        for row in candidates.to_dict("records")
        for key in [(row["claim_id"], row["cause"])]
    ]


def _summary(row: dict[Hashable, Any], feeds: list[str], against: list[str], lowered: list[str]) -> str:
    """``against``: the codes of what speaks against it; ``feeds`` and ``lowered`` are words already."""
    cause = causes()[str(row["cause"])]
    parts = [
        f"疑似{cause.title}：{'、'.join(feeds)}，自{months.text(_int(row['event_month']))}起",
        f"建议核实后自{months.text(_int(row['stop_month']))}起停发",
    ]
    if _int(row["overpaid_months"]):
        parts.append(f"涉及已发{_int(row['overpaid_months'])}个月、应退{yuan(_int(row['overpaid_fen']))}")
    if _int(row["preventable_fen"]):
        parts.append(f"待发{yuan(_int(row['preventable_fen']))}尚未支付，宜在发放前先核实")
    if _int(row["at_risk_fen"]):
        parts.append(f"另有待发{yuan(_int(row['at_risk_fen']))}所属月份尚无记录，发放前请一并核实")
    if lowered:
        parts.append("未列为精确疑点：" + "、".join(lowered))
    if against:
        parts.append("对当事人有利：" + "、".join(map(cause.sentence, against)))
    if row["within_notice_period"]:
        parts.append("仍在告知期限内，属提前提示，不涉及过错")
    if isinstance(row["demotion"], str):
        parts.append(row["demotion"])
    if ALLOWS[str(row["link_tier"])] < PRECISE:
        parts.insert(0, f"先核实身份（{LINK_WORDS[str(row['link_tier'])]}）")
    return "；".join(parts) + "。"


def _feeds(support: pd.DataFrame, titles: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """By candidate: how many rows of each feed support it, in words."""
    counts = support.groupby([*KEY, "feed"]).size().rename("rows").reset_index()
    words = [f"{titles.get(f, f)}{n}条" for f, n in zip(counts["feed"], counts["rows"], strict=True)]
    return _by_candidate(counts[KEY].assign(words=words))


def _lowered(support: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """By candidate: what keeps the best of its supporting facts below precise, in words: first their own
    weaknesses, then their links'.
    """
    allowed = support["link_tier"].map(ALLOWS)
    reached = support["strength"].astype(int).where(support["strength"] < allowed, allowed)
    best = reached.groupby([support["claim_id"], support["cause"]]).transform("max")
    kept_down = support[(reached == best) & (best < PRECISE)]
    weak = kept_down.loc[kept_down["lowered"] != "", [*KEY, "lowered"]].drop_duplicates()
    weak = weak.sort_values("lowered")
    links = kept_down[[*KEY, "link_tier"]].drop_duplicates()
    links = links[links["link_tier"].map(ALLOWS) < PRECISE]
    links = links.sort_values("link_tier", key=lambda tiers: tiers.map(list(ALLOWS).index))
    sentences = [
        causes()[cause].sentence(reason) for cause, reason in zip(weak["cause"], weak["lowered"], strict=True)
    ]
    words = [weak[KEY].assign(words=sentences), links[KEY].assign(words=links["link_tier"].map(LINK_WORDS))]
    return _by_candidate(pd.concat(words))


def _by_candidate(texts: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """The texts (claim_id, cause, text) of each candidate, in their order."""
    listed: dict[tuple[str, str], list[str]] = {}
    for claim_id, cause, text in texts.itertuples(index=False, name=None):
        listed.setdefault((claim_id, cause), []).append(text)
    return listed


def _int(value: object) -> int:
    return int(float(str(value)))
