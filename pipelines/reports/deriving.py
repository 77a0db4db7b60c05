"""报表推算 — what follows from the rows that were read: ages, sources, places, and what totals count once.

Frames in, frames out: no database, no clock.
"""

import json
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from matchers import months, overpayment
from matchers.findings import TIERS
from matchers.lifecycle import ACTIVE, Step
from matchers.schemas import (
    AnyRows,
    CandidateParts,
    CandidateRows,
    ReportedCandidates,
    ReportedEvidence,
    ReportedLines,
    ReportedLinks,
    Reviews,
)
from pipelines.reports import bodies, words
from pipelines.reports.since import Since, shanghai

STRENGTH = {name: strength for strength, name in TIERS.items()}


def aged(candidates: CandidateRows, as_of: date) -> ReportedCandidates:
    """With ``strength`` (of the tier, the larger the stronger), ``active``, ``new`` and ``age_days``."""
    return candidates.assign(
        strength=candidates["tier"].map(STRENGTH).astype("int64"),
        active=candidates["status"].isin(ACTIVE),
        new=candidates["first_seen_as_of"] == as_of,
        age_days=[(as_of - day).days for day in candidates["first_seen_as_of"]],
    )


def with_moves(candidates: ReportedCandidates, last_night: Since | None) -> ReportedCandidates:
    """With ``moved``: how each differs from the night before, in words; empty where nobody can tell."""
    words = [last_night.words(number) if last_night else "" for number in candidates["candidate_id"]]
    return candidates.assign(moved=words)


def with_evidence(
    candidates: ReportedCandidates, evidence: ReportedEvidence, links: ReportedLinks
) -> ReportedCandidates:
    """With ``facts``, ``sources``, ``against``, ``likeness`` and ``bodies`` as ``evidence`` carries them; a
    candidate without any there has no facts and empty texts.
    """
    carried = candidates.join(_carried(evidence, candidates), on="candidate_id")
    districts = dict(zip(candidates["candidate_id"], candidates["district"], strict=True))
    return carried.assign(
        likeness=carried["candidate_id"].map(_likeness(evidence, links)).fillna(""),
        bodies=carried["candidate_id"].map(bodies.of_candidates(evidence, districts)).fillna(""),
    )


def with_totals(
    candidates: ReportedCandidates, overpaid: ReportedLines, scheduled: ReportedLines
) -> ReportedCandidates:
    """``counted_fen`` and ``counted_preventable_fen``: sums over any candidates count nothing twice."""
    sums = {}
    for name, lines, amount in (
        ("counted_fen", overpaid, "due_fen"),
        ("counted_preventable_fen", scheduled, "scheduled_fen"),
    ):
        once = lines[lines["counted"] & lines["recoverable_from_person"]]
        total = once.groupby("candidate_id")[amount].sum()
        sums[name] = candidates["candidate_id"].map(total).fillna(0).astype("int64")
    return candidates.assign(**sums)


def with_hand_out(candidates: ReportedCandidates, reviews: Reviews, as_of: date) -> ReportedCandidates:
    """With ``handed_days``: days since it was last handed out, NaN where that is not on record."""
    handed = reviews[reviews["decision"] == Step.DISPATCHED]
    last = pd.Series(shanghai(handed["decided_at"])).groupby(handed["candidate_id"]).max()
    days = {number: (as_of - day).days for number, day in last.items()}
    return candidates.assign(handed_days=candidates["candidate_id"].map(days).astype("float64"))


def lines(
    payments: CandidateParts, candidates: ReportedCandidates, evidence: ReportedEvidence
) -> ReportedLines:
    """The payments of active candidates; ``counted`` anew among these, ``places`` of the month's facts.

    The stored ``counted`` looks at every candidate of the night; one that people have dismissed since must
    not hide a month from another that stands.
    """
    active = candidates[candidates["active"]]
    own = active[["candidate_id", "cause", "strength", "stop_month"]]
    due = payments.merge(own, on="candidate_id", validate="m:1")
    due = due.assign(counted=overpayment.counted(due.rename(columns={"strength": "tier"})))
    places = _places(evidence[evidence["weight"] == "supports"])
    due = due.merge(places, on=["candidate_id", "benefit_month"], how="left", validate="m:1")
    order = ["claim_id", "benefit_month", "benefit_kind", "candidate_id", "payment_id"]
    return due.fillna({"places": ""}).sort_values(order, ignore_index=True)


def _carried(evidence: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """By candidate_id: ``facts``, ``sources`` (feed and date of what supports it) and ``against``."""
    support = evidence[evidence["weight"] == "supports"]
    doubts = evidence[evidence["weight"] == "against"]
    parts = {
        "facts": lists(support, ["candidate_id"], "fact_key").map(lambda keys: sorted(set(keys))),
        "sources": _sources(support),
        "against": _listed(doubts, ["candidate_id"], "note"),
    }
    carried = pd.DataFrame(parts, index=candidates["candidate_id"])
    empty = carried["facts"].isna()
    return carried.assign(
        facts=carried["facts"].mask(empty, pd.Series([[]] * len(carried), index=carried.index)),
        sources=carried["sources"].fillna(""),
        against=carried["against"].fillna(""),
    )


def _likeness(evidence: pd.DataFrame, links: pd.DataFrame) -> "pd.Series[str]":
    """By candidate_id: why rows without a usable number were taken for the person, each reason once."""
    place = ["feed", "delivery_id", "file", "line"]
    explained = links.assign(why=[str(json.loads(e)["sentence"]) for e in links["explanation"]])
    rows = evidence[["candidate_id", *place]].drop_duplicates()
    alike = rows.merge(explained, on=place, validate="m:1")
    return _listed(alike, ["candidate_id"], "why")


def _sources(support: pd.DataFrame) -> "pd.Series[str]":
    """By candidate_id: each feed with the dates of its deliveries, as ``参保缴费 2026-09-10、2026-10-10``."""
    dated = support.assign(
        title=support["feed"].map(words.feed), day=[d[-10:] for d in support["delivery_id"]]
    )
    days = lists(dated, ["candidate_id", "title"], "day").map(lambda of_feed: "、".join(sorted(set(of_feed))))
    each = days.reset_index().assign(source=lambda f: (f["title"] + " " + f["day"]).str.strip())
    return lists(each, ["candidate_id"], "source").map("；".join)


def _places(support: pd.DataFrame) -> pd.DataFrame:
    """Where the facts of each candidate and month stand: ``缴费.csv 第12行；…``."""
    spans = [_months(span) for span in support["months"]]
    places = list(map(words.place, support["feed"], support["file"], support["line"]))
    each = support[["candidate_id"]].assign(benefit_month=pd.Series(spans, support.index), places=places)
    each = each.explode("benefit_month")
    return _listed(each, ["candidate_id", "benefit_month"], "places").reset_index()


def _months(span: str) -> list[str]:
    if not span:
        return []
    first, _, last = span.partition("…")
    return [months.text(month) for month in range(months.number(first), months.number(last or first) + 1)]


def _listed(rows: pd.DataFrame, key: list[str], column: str) -> "pd.Series[str]":
    """By ``key``: the texts of a column, each once and in order; without those that have only empty ones."""
    texts = rows.loc[rows[column] != "", [*key, column]].drop_duplicates().sort_values(column)
    return lists(texts, key, column).map("；".join)


def lists(rows: AnyRows, key: list[str], column: str) -> "pd.Series[Any]":
    """By ``key``, in its order: the values of a column as a list in the order of the rows.

    As a group-by would say it, which makes a Series for each of a hundred thousand groups. Rows that lack a
    part of the key are left out.
    """
    ordered = rows.dropna(subset=key).sort_values(key, kind="stable")
    first = np.flatnonzero(~ordered.duplicated(key).to_numpy())
    values = ordered[column].tolist()
    listed = [values[start:end] for start, end in pairwise([*first.tolist(), len(values)])]
    keys = ordered[key].iloc[first]
    index = pd.Index(keys[key[0]]) if len(key) == 1 else pd.MultiIndex.from_frame(keys)
    return pd.Series(listed, index=index, dtype=object, name=column)
