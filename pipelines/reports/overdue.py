"""逾期 — what districts have not answered in time, counted from the day on which it was handed out."""

from typing import Any

from matchers.lifecycle import UNANSWERED, Status
from matchers.schemas import ReportedCandidates
from pipelines.reports import words
from pipelines.reports.contents import Contents


def by_district(contents: Contents) -> list[dict[str, Any]]:
    """The districts that are late: ``name`` and ``count``, the most first."""
    counted = late(contents.active, contents.reply_days)["district"].value_counts().items()
    rows = [{"name": words.district(str(code)), "count": int(n)} for code, n in counted]
    return sorted(rows, key=lambda row: (-row["count"], row["name"]))


def late(active: ReportedCandidates, reply_days: int) -> ReportedCandidates:
    """Those without an answer, handed out (raised, where that is not on record) over ``reply_days`` ago."""
    sent = active[active["status"].isin(UNANSWERED) & (active["status"] != Status.OPEN)]
    return sent[sent["handed_days"].fillna(sent["age_days"]) > reply_days]


def sentence(contents: Contents) -> str:
    """The same in one sentence, for page and cover."""
    rows = by_district(contents)
    if not rows:
        return f"没有逾期未答复的疑点（期限为下发后 {contents.reply_days} 天）"
    named = "、".join(f"{row['name']} {row['count']} 件" for row in rows)
    return f"逾期未答复：{named}（已下发超过 {contents.reply_days} 天）"
