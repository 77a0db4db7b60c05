"""页面数字 — what each section of the night page shows, counted from the contents; plain values only."""

from collections import Counter
from typing import Any

import pandas as pd

from expectations.feed import feeds
from matchers.lifecycle import PROVEN, UNANSWERED, Status
from matchers.schemas import ReportedCandidates
from pipelines.deliveries import Delivery
from pipelines.reports import overdue, totals, words
from pipelines.reports.contents import Contents
from pipelines.reports.ranking import in_order

BANDS = ((10, "10 天内"), (30, "11–30 天"), (60, "31–60 天"), (90, "61–90 天"), (10**6, "90 天以上"))
NIGHTS = 14
NAMED = 3
ROWS = ("rows_read", "rows_landed", "rows_rejected", "rows_dropped")


def health(contents: Contents) -> list[dict[str, Any]]:
    """One row per feed: its state tonight in a word, its newest delivery and where the rows went."""
    newest: dict[str, Delivery] = {d.feed: d for d in contents.deliveries}
    rows = []
    for name, feed in feeds().items():
        used, last = contents.feeds[name], newest.get(name)
        state = "ok" if used.available and not used.reason else "warn" if used.available else "out"
        rows.append(
            {
                "feed": feed.title,
                "agency": feed.agency,
                "state": state,
                "word": {"ok": "到位", "warn": "到位，有提示", "out": "未采用"}[state],
                "reason": used.reason,
                "delivered": f"{last.delivered_on} {words.standing(last.health, last.released)}"
                if last
                else "—",
                **{kind: last.rows(kind) if last else 0 for kind in ROWS},
            }
        )
    order = {"out": 0, "warn": 1, "ok": 2}
    return sorted(rows, key=lambda row: order[row["state"]])


def summed(candidates: ReportedCandidates) -> ReportedCandidates:
    """The candidates whose money is added up: all but leads."""
    return candidates[candidates["tier"].isin(words.SUMMED)]


def headline(contents: Contents) -> dict[str, Any]:
    """The four figures at the top of the page."""
    active, fresh = contents.active, contents.active[contents.active["new"]]
    sure = summed(active)
    stoppable = sure[sure["preventable_fen"] > 0]
    waiting = active[active["status"].isin(UNANSWERED)]
    return {
        "new": len(fresh),
        "new_by_tier": by_tier(fresh),
        "active": len(active),
        "active_by_tier": by_tier(active),
        "stoppable": stoppable["claim_id"].nunique(),
        "stoppable_fen": int(sure["counted_preventable_fen"].sum()),
        "at_risk_fen": totals.at_risk(sure),
        "months": "、".join(sorted(set(contents.preventable["benefit_month"]))),
        "last_paid_on": contents.last_paid_on,
        "owed_fen": int(sure["counted_fen"].sum()),
        "owed_claims": sure.loc[sure["counted_fen"] > 0, "claim_id"].nunique(),
        "lead_fen": int(active.loc[active["tier"] == "lead", "counted_fen"].sum()),
        "waiting": len(waiting),
        Status.OPEN: int((active["status"] == Status.OPEN).sum()),
        "oldest": int(waiting["age_days"].max()) if len(waiting) else 0,
        Status.WITHDRAWN: int((contents.candidates["status"] == Status.WITHDRAWN).sum()),
    }


def by_tier(candidates: ReportedCandidates) -> dict[str, int]:
    """Counts by tier, the strongest first, every tier named."""
    counts = candidates["tier"].value_counts()
    return {tier: int(counts.get(tier, 0)) for tier in words.TIERS}


def work(contents: Contents) -> list[dict[str, Any]]:
    """One row per district: what to do first and why; the most money still to be stopped comes first."""
    rows = [
        _district(str(code), of_code, contents.reply_days)
        for code, of_code in contents.active.groupby("district")
    ]
    return sorted(rows, key=lambda r: (-r["stoppable_fen"], -r["owed_fen"], -r["waiting"], r["code"]))


def _district(code: str, active: pd.DataFrame, reply_days: int) -> dict[str, Any]:
    sure = summed(active)
    unproven = sure[~sure["status"].isin(PROVEN)]
    stoppable = in_order(unproven[unproven["preventable_fen"] > 0])
    waiting = active[active["status"].isin(UNANSWERED)]
    precise = waiting[(waiting["tier"] == "precise") & (waiting["preventable_fen"] == 0)]
    important = waiting[(waiting["tier"] == "important") & (waiting["preventable_fen"] == 0)]
    late = overdue.late(active, reply_days)
    fen = int(sure["counted_preventable_fen"].sum())
    return {
        "code": code,
        "name": words.district(code),
        "stoppable": len(stoppable),
        "stoppable_fen": fen,
        "first": list(stoppable["candidate_id"].head(NAMED)),
        "new": int(active["new"].sum()),
        "waiting": len(waiting),
        Status.OPEN: int((active["status"] == Status.OPEN).sum()),
        "oldest": int(waiting["age_days"].max()) if len(waiting) else 0,
        "owed_fen": int(sure["counted_fen"].sum()),
        "advice": _advice(
            len(stoppable),
            int(stoppable["counted_preventable_fen"].sum()),
            len(precise),
            len(important),
            len(late),
        ),
    }


def _advice(stoppable: int, fen: int, precise: int, important: int, late: int) -> list[str]:
    """What to do, in the order of doing it."""
    advice = {
        f"下次发放前先核实有待发款的疑点 {stoppable} 件，可避免多发 {words.yuan(fen)} 元": stoppable,
        f"核实其余待答复的精确疑点 {precise} 件": precise,
        f"核实其余待答复的重要疑点 {important} 件": important,
        f"已下发、逾期仍没有答复的 {late} 件，请催办": late,
    }
    return [sentence for sentence, count in advice.items() if count] or ["没有急办事项；一般疑点有余力再看"]


def matrix(contents: Contents) -> dict[str, Any]:
    """Counts and money by cause and tier, and by district and cause; rows by their number, the most first."""
    active = contents.active
    causes = active.groupby("cause")
    rows = [
        {"title": words.cause(str(code)), "tiers": by_tier(part), **_money(part)} for code, part in causes
    ]
    codes = [str(code) for code in active["cause"].value_counts().index]
    districts = [
        {
            "name": words.district(str(code)),
            "counts": [int((part["cause"] == c).sum()) for c in codes],
            "tiers": by_tier(part),
            **_money(part),
        }
        for code, part in active.groupby("district")
    ]
    return {
        "causes": sorted(rows, key=lambda r: (-sum(r["tiers"].values()), r["title"])),
        "columns": [words.cause(c) for c in codes],
        "districts": sorted(districts, key=lambda r: (-r["stoppable_fen"], -r["owed_fen"], r["name"])),
        "total": {"tiers": by_tier(active), **_money(active)},
    }


def _money(candidates: pd.DataFrame) -> dict[str, int]:
    sure = summed(candidates)
    leads = candidates[candidates["tier"] == "lead"]
    return {
        "owed_fen": int(sure["counted_fen"].sum()),
        "stoppable_fen": int(sure["counted_preventable_fen"].sum()),
        "lead_fen": int(leads["counted_fen"].sum()),
    }


def trend(contents: Contents) -> list[tuple[str, dict[str, int]]]:
    """New candidates by tier on each of the last nights."""
    first = contents.candidates["first_seen_as_of"]
    nights = contents.nights[-NIGHTS:]
    return [(f"{night:%m-%d}", by_tier(contents.candidates[first == night])) for night in nights]


def ageing(contents: Contents) -> list[dict[str, Any]]:
    """Unanswered candidates of each district by days since they were raised, the longest wait first."""
    waiting = contents.active[contents.active["status"].isin(UNANSWERED)]
    rows = []
    for code, part in waiting.groupby("district"):
        counted = Counter(next(word for most, word in BANDS if age <= most) for age in part["age_days"])
        rows.append(
            {
                "name": words.district(str(code)),
                "bands": [counted[word] for _, word in BANDS],
                "waiting": len(part),
                Status.OPEN: int((part["status"] == Status.OPEN).sum()),
                "all": int((contents.active["district"] == code).sum()),
                "oldest": int(part["age_days"].max()),
            }
        )
    return sorted(rows, key=lambda r: (-r["oldest"], -r["waiting"], r["name"]))


def excluded(contents: Contents) -> list[dict[str, Any]]:
    """Matched rows that are no evidence, by cause and reason, the most frequent first."""
    rows = [
        {
            "cause": words.cause(cause),
            "reason": words.reason(cause, reason),
            "rows": int(n),
            "claims": int(claims),
        }
        for cause, reason, n, claims in contents.excluded.itertuples(index=False)
    ]
    return sorted(rows, key=lambda r: (-r["rows"], r["cause"], r["reason"]))
