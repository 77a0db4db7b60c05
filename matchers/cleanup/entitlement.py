"""待遇期限复算 — the months due to each claim from the months on record (社会保险法 arts 45, 46; the city's
own).

Months count from after the last claim of which something was drawn to the separation; what that claim left
undrawn is carried over. Where the policy only sets a maximum nothing is ever too little.
"""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from matchers import law, months
from matchers.cleanup.keys import ROOM, Ints, keys
from matchers.cleanup.ledger import Ledger, covered, gaps
from matchers.schemas import (
    ClaimEnds,
    ClaimWindows,
    DrawnMonths,
    EntitlementChecks,
    Grants,
    JudgedTerms,
    Marked,
    PersonMonths,
    shown,
)

LONGEST = 24
YEAR = 12
BEGAN = date(1986, 10, 1)  # of the insurance: a day before it can only be a slip
EVIDENCE = ("counted", "deemed", "left", "expected", "recorded")
SHORT = ("months_short", "short_fen")
CHECK = [
    "claim_id", "person_no", "counted", "owed", "double", "gaps", "deemed", "carried_over", "expected",
    "recorded", "exact", "direction", "months_short", "short_fen", "expected_if",
]  # fmt: skip


@shown("cleanup_drawn", "cleanup_grants")
@dataclass(frozen=True, slots=True)
class Benefits:
    """What was drawn. ``months``: person_no, claim_id, month. ``grants``: person_no, claim_id,
    separated_month,
    entitled, lump (months granted at once, 0 where nothing), alone (known from history only), one for each
    claim.
    """

    months: DrawnMonths
    grants: Grants


def windows(claims: ClaimEnds, benefits: Benefits) -> ClaimWindows:
    """``claims`` with ``window_from`` (the first month that counts) and ``carried_over``.

    ``claims``: claim_id, person_no, separated_month.
    """
    drawn = (
        benefits.months.drop_duplicates(["claim_id", "person_no", "month"])
        .groupby(["person_no", "claim_id"])
        .size()
    )
    keys = pd.MultiIndex.from_frame(benefits.grants[["person_no", "claim_id"]])
    taken = drawn.reindex(keys, fill_value=0).to_numpy()
    lump = benefits.grants["lump"].fillna(0).to_numpy()
    left = np.maximum(benefits.grants["entitled"].fillna(0).to_numpy() - taken - lump, 0)
    begun = benefits.grants.assign(
        left=np.where(benefits.grants["alone"] & benefits.grants["at_once"], 0, left).astype("int64")
    )
    begun = begun[(taken > 0) | benefits.grants["at_once"].to_numpy()]
    begun = begun[["person_no", "separated_month", "left"]].rename(columns={"separated_month": "since"})
    begun = begun.sort_values(["since", "left"]).drop_duplicates(["person_no", "since"], keep="last")
    ordered = claims.sort_values("separated_month").astype({"separated_month": "int64"})
    since_last = pd.merge_asof(
        ordered,
        begun.astype({"since": "int64"}),
        left_on="separated_month",
        right_on="since",
        by="person_no",
        allow_exact_matches=False,
    )
    return since_last.assign(
        window_from=since_last["since"].fillna(-1).astype("int64") + 1,
        carried_over=since_last.pop("left").fillna(0).astype("int64"),
    ).drop(columns="since")


def checked(claims: ClaimWindows, book: Ledger, benefits: Benefits, policy: law.Policy) -> EntitlementChecks:
    """``CHECK``: one row for each claim.

    ``claims``: windows, and registered_on, separated_on, entitled_months, deemed_months, monthly_fen,
    benefited (paid or scheduled).
    """
    within = _Within(claims)
    table = book.months
    counted = within.count(table[table["placed"]]) + _unplaced(claims, book)
    months_credited = counted + claims["deemed_months"].to_numpy()
    terms = [_term(policy, day) for day in claims["separated_on"].fillna(claims["registered_on"])]
    term = np.array(
        [_months_due(t["steps"], n) for t, n in zip(terms, months_credited, strict=True)], np.int64
    )
    exact = np.array([t["exact"] for t in terms], bool)
    carried, recorded = claims["carried_over"].to_numpy(), claims["entitled_months"].to_numpy()
    expected = np.minimum(LONGEST, term + carried)
    direction = np.select(
        [
            ~claims["benefited"].to_numpy(bool),
            (months_credited < YEAR) & (recorded > carried),
            recorded > expected,
            exact & (recorded < expected),
        ],
        ["none", "no_year", "over", "under"],
        "equal",
    )
    short = np.where(direction == "under", expected - recorded, 0)
    return claims[["claim_id", "person_no"]].assign(
        counted=counted,
        owed=within.count(table[table["owed"]]),
        double=within.count(table[table["rows"] > 1]),
        gaps=within.between(covered(book)).count(gaps(book, benefits.months)),
        deemed=claims["deemed_months"],
        carried_over=carried,
        expected=expected,
        recorded=recorded,
        exact=exact,
        direction=direction,
        months_short=short,
        short_fen=short * claims["monthly_fen"].to_numpy(),
        expected_if="",
    )[CHECK]


def expected_if(checks: EntitlementChecks, merged: Mapping[str, EntitlementChecks]) -> "pd.Series[str]":
    """For each row of ``checks`` JSON: members of an open merge → months due if they are one; empty if none.

    ``merged``: members → ``CHECK`` of their claims as if they were one person.
    """
    by_claim: dict[str, dict[str, int]] = {}
    for members, rows in merged.items():
        for claim_id, expected in zip(rows["claim_id"], rows["expected"], strict=True):
            by_claim.setdefault(claim_id, {})[members] = int(expected)
    return checks["claim_id"].map(lambda claim: json.dumps(by_claim[claim]) if claim in by_claim else "")


def judged(claims: JudgedTerms, direction: str, complete: Mapping[str, int]) -> Marked:
    """record_key, district, value and evidence of the claims whose recorded months differ in that
    direction.

    ``complete``: by district the month from which contributions are on record without a gap; where months may
    be missing, the evidence of a term that seems too long says so.
    """
    rows = claims[claims["direction"] == direction]
    columns = [*EVIDENCE, *(SHORT if direction == "under" else ())]
    figures: list[dict[str, int | str]] = [
        {str(k): int(v) for k, v in row.items()} for row in rows[columns].to_dict("records")
    ]
    if direction != "under":
        since = rows["district"].map(complete)
        words = [_history(month, first) for month, first in zip(since, rows["window_from"], strict=True)]
        figures = [row | {"history": text} for row, text in zip(figures, words, strict=True)]
    return pd.DataFrame(
        {
            "record_key": rows["claim_id"],
            "district": rows["district"],
            "value": rows["expected"].astype(str),
            "evidence": [json.dumps(row, ensure_ascii=False) for row in figures],
        }
    )


def _history(complete: float, first: int) -> str:
    """What the records prove of the months from ``first`` on."""
    if np.isnan(complete):
        return "未证明完整，可能缺少月份"
    since = f"{months.text(int(complete))} 起完整"
    return since if first >= complete else f"{since}，此前可能缺少月份"


class _Within:
    """Counts months inside the window of each claim."""

    def __init__(self, claims: ClaimEnds) -> None:
        self._people = pd.Index(claims["person_no"].unique())
        person = self._people.get_indexer(pd.Index(claims["person_no"])).astype(np.int64) * ROOM
        self._low = person + claims["window_from"].to_numpy(np.int64)
        self._high = person + claims["separated_month"].to_numpy(np.int64)

    def between(self, rows: PersonMonths) -> "_Within":
        """The same windows from the first to the last of the rows inside each; empty where there is none."""
        inside = self._keys(rows)
        inner = copy(self)
        ends = np.append(inside, 0)
        first = ends[np.searchsorted(inside, self._low, "left")]
        last = ends[np.searchsorted(inside, self._high, "right") - 1]
        some = (first >= self._low) & (first <= self._high)
        inner._low, inner._high = np.where(some, first, 1), np.where(some, last, 0)
        return inner

    def _keys(self, rows: PersonMonths) -> Ints:
        every = keys(rows, self._people)
        return np.sort(every[every >= 0])

    def count(self, rows: PersonMonths) -> Ints:
        """How many of person_no, month lie in each window."""
        every = self._keys(rows)
        inside = np.searchsorted(every, self._high, "right") - np.searchsorted(every, self._low, "left")
        return np.asarray(np.maximum(inside, 0), np.int64)


def _unplaced(claims: ClaimWindows, book: Ledger) -> Ints:
    """Months of spans that do not say which, wholly inside the window, less what is counted there already."""
    met = claims[["claim_id", "person_no", "window_from", "separated_month"]].merge(
        book.partial, on="person_no"
    )
    met = met[(met["first"] >= met["window_from"]) & (met["last"] <= met["separated_month"])].reset_index(
        drop=True
    )
    placed = book.months[book.months["placed"]]
    inside = _Within(met.assign(window_from=met["first"], separated_month=met["last"])).count(placed)
    room = met["last"] - met["first"] + 1 - inside
    counted = met.assign(n=np.clip(met["count"], 0, room)).groupby("claim_id")["n"].sum()
    return np.asarray(claims["claim_id"].map(counted).fillna(0), np.int64)


def _term(policy: law.Policy, day: pd.Timestamp) -> Mapping[str, object]:
    on = max(date(day.year, day.month, day.day), BEGAN)
    term: Mapping[str, object] = policy.value("entitlement_term", on)
    return term


def _months_due(steps: object, counted: int) -> int:
    due = 0
    for least, term in steps:  # type: ignore[attr-defined]
        if counted >= least:
            due = term
    return due


def separated_month(separated_on: "pd.Series[pd.Timestamp]", start: "pd.Series[float]") -> "pd.Series[float]":
    """The month in which a claim's insurance ended: of the separation, else the one before the benefit
    began.
    """
    return months.of_dates(separated_on).fillna(start - 1)
