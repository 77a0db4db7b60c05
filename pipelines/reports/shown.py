"""列示 — frames as people read them: words for codes, particulars in full for the district alone."""

import json
from datetime import datetime
from typing import Any

import pandas as pd

from matchers.lifecycle import TWO_PEOPLE
from matchers.links import LINK_WORDS
from matchers.notices import of_the_dead
from matchers.schemas import (
    CandidateParts,
    ListedCandidates,
    ReportedCandidates,
    ReportedClaims,
    ReportedLines,
    Reviews,
    ShownPeople,
)
from pipelines.base import clock
from pipelines.decisions.reviews import WORDS
from pipelines.reports import bodies, totals, words
from pipelines.reports.contents import Contents, records
from pipelines.reports.deriving import lists

HINTED = [
    "candidate_id", "cause", "link_tier", "new", "changed", "overpaid_fen", "within_notice_period",
    "two_month_flag", "severe_flag",
]  # fmt: skip


def candidates(contents: Contents, chosen: ReportedCandidates, *, masked: bool) -> ListedCandidates:
    """``chosen`` candidates with the columns of the list: ``serial`` from 1 on in their order, months
    of conflict and hints as one text each.
    """
    decided = earlier_decisions(contents.reviews)
    moved = contents.last_night.moves if contents.last_night else {}
    causes = lists(contents.active, ["claim_id"], "cause").map(frozenset)
    claimed = zip(chosen["claim_id"], chosen["cause"], strict=True)
    others = [causes[claim] - {cause} for claim, cause in claimed]
    return people(chosen, masked=masked).assign(
        serial=range(1, len(chosen) + 1),
        turn=chosen["turn"].map(words.TURN),
        summary=[
            bodies.sentence(*parts, masked=masked)
            for parts in chosen[list(bodies.PARTS)].itertuples(index=False, name=None)
        ],
        in_totals=totals.of_candidates(contents, chosen),
        tier=chosen["tier"].map(words.tier),
        cause=chosen["cause"].map(words.cause),
        status=chosen["status"].map(words.STATUS),
        link=[
            "：".join(filter(None, (LINK_WORDS[tier], words.without_letters(why) if masked else why)))
            for tier, why in zip(chosen["link_tier"], chosen["likeness"], strict=True)
        ],
        conflict=[
            _span(a, b)
            for a, b in zip(chosen["first_conflict_month"], chosen["last_conflict_month"], strict=True)
        ],
        hints=[
            _hints(row, also, row["candidate_id"] in moved)
            for row, also in zip(records(chosen[HINTED]), others, strict=True)
        ],
        earlier=chosen["candidate_id"].map(decided).fillna(""),
    )


def people(frame: ShownPeople, *, masked: bool) -> ShownPeople:
    """``frame`` with its name, id_number and phone as they may be shown, and the district by name."""
    shown = {
        column: [words.covered(column, v) if masked and v else v for v in frame[column]]
        for column in ("name", "id_number", "phone")
    }
    return frame.assign(**shown, district=frame["district"].map(words.district))


def evidence(contents: Contents, chosen: ReportedCandidates, *, masked: bool) -> CandidateParts:
    """The evidence of ``chosen`` candidates in their order: what each fact says, and where it stands."""
    order = {number: n for n, number in enumerate(chosen["candidate_id"])}
    rows = contents.evidence[contents.evidence["candidate_id"].isin(list(order))]
    rows = rows.assign(order=rows["candidate_id"].map(order)).sort_values(
        ["order", "weight", "months"], kind="stable"
    )
    return rows.assign(
        note=rows["note"].map(words.without_letters) if masked else rows["note"],
        weight=rows["weight"].map(words.WEIGHT),
        content=[
            words.fact(feed, fact, masked=masked)
            for feed, fact in zip(rows["feed"], rows["fact"], strict=True)
        ],
        feed=rows["feed"].map(words.feed),
        delivered=[delivery.rpartition("/")[2] for delivery in rows["delivery_id"]],
        file=rows["file"].where(rows["line"] > 0, ""),
        line=rows["line"].where(rows["line"] > 0),
    )


def payments(lines: ReportedLines, chosen: ReportedCandidates, *, masked: bool) -> ReportedLines:
    """The payments in ``lines`` of ``chosen`` candidates, each with its person and if totals count it."""
    of_person = ["candidate_id", "name", "id_number", "phone", "district", "tier", "status", "turn"]
    paid = lines.merge(chosen[of_person], on="candidate_id", validate="m:1")
    return people(paid, masked=masked).assign(
        benefit_kind=paid["benefit_kind"].map(words.benefit),
        cause=paid["cause"].map(words.cause),
        from_person=paid["recoverable_from_person"].map({True: "是", False: "否（已转其他基金）"}),
        counts=[
            totals.of_payment(*line)
            for line in zip(paid["tier"], paid["recoverable_from_person"], paid["counted"], strict=True)
        ],
        tier=paid["tier"].map(words.tier),
        turn=paid["turn"].map(words.TURN),
        status=paid["status"].map(words.STATUS),
    )


def questions(contents: Contents, *, masked: bool) -> ReportedClaims:
    """The identity questions, like with like: kind in words, ``place`` of the row, why in a ``sentence``."""
    asked = contents.questions.sort_values(["kind", "id_number", "question_id"], ignore_index=True)
    sentences = [json.loads(explanation)["sentence"] for explanation in asked["explanation"]]
    return people(asked, masked=masked).assign(
        kind=asked["kind"].map(words.QUESTION),
        place=list(map(words.place, asked["feed"], asked["file"], asked["line"])),
        sentence=list(map(words.without_letters, sentences)) if masked else sentences,
    )


def earlier_decisions(reviews: Reviews) -> "pd.Series[str]":
    """By candidate_id: the decisions so far, oldest first, with both signatures and their days."""
    if reviews.empty:
        return pd.Series(dtype=object)
    decisions = [
        f"{day:%Y-%m-%d} {WORDS[row['decision']]}（{row['decided_by']}{_second(row)}）"
        for row in records(reviews)
        for day in [clock.in_shanghai(row["decided_at"])]
    ]
    return reviews.assign(decision=decisions).groupby("candidate_id")["decision"].agg("；".join)


def second_signature(by: str, at: datetime | None) -> str:
    """Who signed a conclusion second and when, as it stands behind the first signature."""
    if not by:
        return "，待复核"
    if at is None or pd.isna(at):
        return f"，复核{by}"
    return f"，{clock.in_shanghai(at):%Y-%m-%d} 复核{by}"


def _second(row: dict[str, Any]) -> str:
    if row["decision"] not in TWO_PEOPLE:
        return ""
    return second_signature(row["second_by"], row["second_at"])


def _span(first: str | None, last: str | None) -> str:
    if not first:
        return ""
    return first if first == last else f"{first}…{last}"


def _hints(row: dict[str, Any], also: frozenset[str], moved: bool) -> str:
    """``also``: the causes of the other active candidates on the claim; ``moved``: not as last night."""
    titles, dead = "、".join(sorted(map(words.cause, also))), of_the_dead()
    hints = {
        "先核实身份": row["link_tier"] in ("name_differs", "repaired", "probable"),
        "先核实本人是否在世": bool(also) and bool(dead & (also | {row["cause"]})),
        f"同一申领另有“{titles}”疑点，一并核实，同一笔钱只退一次": bool(also),
        "向遗属核实并告知，一并告知遗属待遇": row["cause"] in dead,
        "查明死亡之后由谁领取": row["cause"] in dead and row["overpaid_fen"] > 0,
        "本次新增": row["new"],
        "等级或金额较上夜有变化": moved,
        "在告知期限内，不涉及过错": row["within_notice_period"],
        "多领两个月以上": row["two_month_flag"],
        "超过六个月或一万元": row["severe_flag"],
        str(row["changed"]): bool(row["changed"]),
    }
    return "；".join(hint for hint, holds in hints.items() if holds)
