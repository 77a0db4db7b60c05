"""页面清单 — the lists of the night page: what is doubtful, missing, owed to people, to be sent back."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from expectations.feed import feeds
from matchers.law import policy
from matchers.lifecycle import PROVEN
from matchers.linkage.picture import waterfall
from pipelines.decisions.precision import RULE, fallen
from pipelines.decisions.referral import ITEMS
from pipelines.reports import bodies, overpaid, shown, words
from pipelines.reports.contents import Contents, records
from pipelines.reports.rejects import recent_of

SHOWN = 20


def stoppable(contents: Contents) -> dict[str, Any]:
    """The candidates whose scheduled payment can still be stopped, the most money first, leads apart.

    What two people have confirmed is not among them: it needs no check before money goes out.
    """
    active = contents.active[contents.active["preventable_fen"] > 0]
    active = active[~active["status"].isin(PROVEN)]
    order = active.sort_values(
        ["preventable_fen", "strength", "candidate_id"], ascending=[False, False, True]
    )
    sure = order[order["tier"].isin(words.SUMMED)]
    rows = [
        {
            "candidate": row["candidate_id"],
            "claim": row["claim_id"],
            "district": words.district(row["district"]),
            "cause": words.cause(row["cause"]),
            "tier": row["tier"],
            "fen": row["preventable_fen"],
            "summary": bodies.of_row(row, masked=True),
        }
        for row in records(sure.head(SHOWN))
    ]
    leads = order[~order["tier"].isin(words.SUMMED)]
    return {"rows": rows, "more": max(len(sure) - SHOWN, 0), "leads": len(leads), "lead_fen": _sum(leads)}


def questions(contents: Contents) -> dict[str, Any]:
    """Identity questions: how many of each kind, and the first few with their explanation."""
    rows = [
        {**row, **explained(row["explanation"])} for row in records(shown.questions(contents, masked=True))
    ]
    kinds = Counter(row["kind"] for row in rows)
    return {"kinds": kinds.most_common(), "rows": rows[:SHOWN], "more": max(len(rows) - SHOWN, 0)}


def explained(explanation: str) -> dict[str, Any]:
    """The sentence of a stored explanation, and its waterfall where levels were compared."""
    unlettered = words.without_letters(explanation)
    reasons = json.loads(unlettered)
    picture = Markup(waterfall(unlettered)) if "fields" in reasons else ""
    return {"sentence": reasons["sentence"], "picture": picture}


def links(contents: Contents) -> dict[str, Any]:
    """Rows taken for a recipient without a usable number: how many, and the surest pairs explained."""
    surest = contents.links.sort_values(["probability", "pair_id"], ascending=[False, True])
    rows = [
        {
            "number": row["pair_id"],
            "place": words.place(row["feed"], row["file"], row["line"]),
            **explained(row["explanation"]),
        }
        for row in records(surest.drop_duplicates("pair_id").head(SHOWN))
    ]
    return {"all": len(contents.links), "rows": rows}


def rejects(contents: Contents) -> list[dict[str, Any]]:
    """One row per feed with rows to send back: how many, of which deliveries, and the file they are in."""
    rows = []
    for name, feed in feeds().items():
        recent = [d for d in recent_of(contents.deliveries, name, contents.as_of) if d.rows("rows_rejected")]
        if recent:
            rows.append(
                {
                    "feed": feed.title,
                    "agency": feed.agency,
                    "rows": sum(d.rows("rows_rejected") for d in recent),
                    "of": sum(d.rows("rows_read") for d in recent),
                    "days": "、".join(str(d.delivered_on) for d in recent),
                    "file": f"rejects/{name}.csv",
                }
            )
    return sorted(rows, key=lambda row: -row["rows"])


def flags(contents: Contents) -> dict[str, Any]:
    """How many claims reach a threshold, and for how many each item is still missing."""
    asked = overpaid.referral(contents)
    missing = [(item, int(asked[item].str.startswith("缺").sum())) for item in ITEMS]
    return {
        "two_months": asked.loc[asked["two_month_flag"].astype(bool), "claim_id"].nunique(),
        "severe": asked.loc[asked["severe_flag"].astype(bool), "claim_id"].nunique(),
        "missing": [(item, n) for item, n in missing if n],
        "ready": int((~asked[list(ITEMS)].apply(lambda c: c.str.startswith("缺")).any(axis=1)).sum()),
    }


def owed_to_people(contents: Contents) -> list[dict[str, Any]]:
    """Rights that nobody has claimed: the number of claims by kind and district."""
    owed = overpaid.notices(contents)
    counts = owed.groupby(["kind", "district", "basis"])["claim_id"].nunique().reset_index(name="claims")
    return [{**row, "district": words.district(row["district"])} for row in records(counts)]


def requests(contents: Contents) -> list[dict[str, Any]]:
    """Open requests for what only the person can prove, by reason and district, with the first due day."""
    asked = overpaid.requests(contents)
    counts = asked.groupby(["reason", "asked_for", "district"]).agg(
        claims=("claim_id", "nunique"), due_on=("due_on", "min")
    )
    return [{**row, "district": words.district(row["district"])} for row in records(counts.reset_index())]


def precision(contents: Contents) -> dict[str, Any]:
    """The precision of each rule that people have judged, the least first, and which are demoted to leads."""
    rules = contents.rules
    laws = policy(contents.run.policy) if contents.run else policy("national")
    judged = rules.assign(demoted=fallen(rules, laws, contents.as_of)).sort_values(["precision", *RULE])
    return {
        "rows": [_rule(row) for row in records(judged)],
        "floor": float(laws.value("precision_floor", contents.as_of)),
        "least": int(laws.value("precision_reviews", contents.as_of)),
    }


def _rule(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "title": words.cause(row["cause"]), "tier_word": words.tier(row["tier"])}


def _sum(candidates: pd.DataFrame) -> int:
    return int(candidates["counted_preventable_fen"].sum())


def labels(rules: Sequence[dict[str, Any]]) -> list[tuple[str, float, float, float]]:
    """The rules as rows of the interval picture."""
    return [(f"{r['title']}（{r['tier_word'][:2]}）", r["precision"], r["low"], r["high"]) for r in rules]
