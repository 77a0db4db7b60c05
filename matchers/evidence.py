"""证据 — the facts behind a candidate as they are stored, shown and remembered.

A fact is the same fact when its content is the same, whichever delivery repeats it; so a snapshot that
comes again raises nothing new, and what a person has judged is remembered by its content.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.schemas import AnyRows, CausedFacts, DescribedFacts

PLACE = (
    "person_id",
    "link_tier",
    "link_probability",
    "link_words",
    "differs",
    "delivery_id",
    "delivered_on",
    "file",
    "line",
)
PERSON = (
    "id_number",
    "id_key",
    "id_class",
    "name",
    "name_key",
    "sex",
    "birth_date",
    "phone",
    "district",
    "as_came",
)
SHOWN_IN_DOUBT = ("id_number", "name", "sex", "birth_date")
ADDED = (
    "delivery_id", "file", "line", "link_tier", "link_probability", "link_words",
    "fact", "fact_key", "months",
)  # fmt: skip
OWN_DETAIL = {"payment": ("state", "paid_on", "recovered_fen")}
BENEFIT: dict[str, tuple[str, ...]] = {
    "payment": ("payment_id", "claim_id", "benefit_month", "benefit_kind", "paid_fen", "state", "paid_on"),
    "recipient": ("sex", "birth_date"),
    "claim": ("claim_id", "registered_on", "commitment_signed_on", "start_month", "entitled_months"),
}


def rows_behind(docket: Docket, feed: str, positions: Iterable[int]) -> AnyRows:
    """The rows at ``positions`` of a feed's linked rows, or of our own benefit relations."""
    frames = {"payment": docket.payments, "recipient": docket.claims, "claim": docket.claims}
    frame = frames[feed] if feed in frames else docket.linked[feed]
    return frame.iloc[list(positions)]


def describe(docket: Docket, facts: CausedFacts) -> DescribedFacts:
    """``facts`` (claim_id, cause, feed, row, weight, reason_code, first, last …) as they are stored.

    Adds delivery_id, file, line, link_tier, link_probability, ``fact`` (JSON of the canonical columns;
    who the row names only where the link is in doubt), ``fact_key`` (of its content) and ``months``.
    """
    parts = [_described(docket, str(feed), part) for feed, part in facts.groupby("feed")]
    return pd.concat(parts) if parts else facts.assign(**{column: [] for column in ADDED})


def _described(docket: Docket, feed: str, facts: pd.DataFrame) -> pd.DataFrame:
    rows = rows_behind(docket, feed, facts["row"])
    columns = [c for c in rows.columns if c not in PLACE + PERSON and not c.endswith(("_key", "_class"))]
    if feed in BENEFIT:
        columns = list(BENEFIT[feed])
        rows = rows[columns].assign(
            delivery_id="", file=feed, line=0, link_tier="benefit", link_probability=float("nan")
        )
    contents = _contents(rows, columns, [*columns, *(c for c in SHOWN_IN_DOUBT if c in rows)])
    details = {**docket.details, **OWN_DETAIL}.get(feed, ())
    key_columns = [c for c in columns if c not in details]
    keys = [
        digest([feed, weight, reason, {c: content.get(c) for c in key_columns}])
        for content, weight, reason in zip(contents, facts["weight"], facts["reason_code"], strict=True)
    ]
    spans = [_span(a, b) for a, b in zip(facts["first"], facts["last"], strict=True)]
    words = rows["link_words"].to_numpy() if "link_words" in rows else None
    return facts.assign(
        link_words=words,
        fact=[json.dumps(content, ensure_ascii=False, sort_keys=True) for content in contents],
        fact_key=keys,
        months=spans,
        **{c: rows[c].to_numpy() for c in ("delivery_id", "file", "line", "link_tier", "link_probability")},
    )


def digest(content: object) -> str:
    """A short hash of JSON content, stable over runs and machines."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def candidate_id(claim_id: str, cause: str) -> str:
    """The stable number of the candidate of a claim and a cause."""
    return "YD" + digest([claim_id, cause]).upper()


def fingerprint(fact_keys: Iterable[str]) -> str:
    """The hash of a set of facts, in whatever order they come."""
    return digest(sorted(set(fact_keys)))


def _span(first: float, last: float) -> str:
    if first != first or last < first:
        return ""
    return months.text(first) if first == last else f"{months.text(first)}…{months.text(last)}"


def _contents(rows: pd.DataFrame, columns: list[str], in_doubt: list[str]) -> list[dict[str, object]]:
    """What each row says in ``columns``; where its link is not sure, in all columns shown ``in_doubt``.

    ``in_doubt`` begins with ``columns``.
    """
    sure = rows["link_tier"].isin(("exact", "benefit"))
    values = zip(*(_plain_values(rows[c]) for c in in_doubt), strict=True)
    return [
        {c: v for c, v in zip(columns if certain else in_doubt, row, strict=False) if v is not None}
        for certain, row in zip(sure, values, strict=True)
    ]


def _plain_values(column: "pd.Series[Any]") -> list[object]:
    """The values of a column as JSON holds them; a number or a day that comes again is spelt once."""
    name = str(column.name)
    if column.dtype == object:
        return [_plain(name, value) for value in column]
    places, distinct = pd.factorize(column, use_na_sentinel=False)
    spelt = [_plain(name, value) for value in pd.Series(distinct, dtype=column.dtype)]
    return [spelt[place] for place in places]


def _plain(column: str, value: object) -> object:
    if value is None or value is pd.NaT or value != value:
        return None
    if column.endswith("_month"):
        return months.text(float(str(value)))
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value if isinstance(value, int | float) else str(value)
