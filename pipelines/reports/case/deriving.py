"""推算一件疑点 — the case that follows from its rows: words, places, covered particulars, what is missing.

Rows in, values out: no database, no clock.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

import pandas as pd

from matchers.linkage.picture import FIELD_WORDS, RIVALS
from pipelines.decisions import referral
from pipelines.decisions.reviews import WORDS as DECISIONS
from pipelines.reports import bodies, laws, words
from pipelines.reports.case.reading import Row, Rows
from pipelines.reports.case.values import (
    Case,
    Claim,
    Decided,
    Excluded,
    Fact,
    Link,
    Overpayment,
    Person,
    Preventable,
    Sibling,
)

PRIOR = "先验"
Made = TypeVar("Made", Claim, Decided, Excluded, Fact, Link, Overpayment, Preventable, Sibling)


def case(rows: Rows, *, masked: bool) -> Case:
    """The case; with ``masked`` it names nobody in full."""
    candidate = rows.candidate
    rules = candidate["policy_version"].partition("-")[0]
    repaying = (laws.REPAYING,) if rows.overpayments else ()
    overpayments = (_made(Overpayment, row) for row in rows.overpayments)
    return Case(
        candidate=candidate,
        sentence=_sentence(rows, masked=masked),
        person=_person(candidate["person_id"], rows.recipient, masked=masked),
        articles=laws.articles(rules, [candidate["cause"]], *repaying),
        evidence=tuple(_fact(row, masked=masked) for row in rows.evidence),
        links=tuple(_link(row, masked=masked) for row in rows.links),
        overpayments=tuple(
            sorted(overpayments, key=lambda p: (p.benefit_month, p.benefit_kind, p.payment_id))
        ),
        preventable=tuple(_made(Preventable, row) for row in rows.preventable),
        excluded=tuple(map(_excluded, rows.excluded)),
        claims=tuple(_made(Claim, row) for row in rows.claims),
        siblings=tuple(_made(Sibling, row) for row in rows.siblings),
        reviews=tuple(_made(Decided, row, words=DECISIONS[row["decision"]]) for row in rows.reviews),
        lacking=tuple(referral.before_it_stands(candidate)),
        missing=tuple(referral.missing({**candidate, **_on_record(rows.reviews)})),
    )


def _sentence(rows: Rows, *, masked: bool) -> str:
    number, named = rows.candidate["candidate_id"], rows.recipient or {}
    facts = pd.DataFrame(rows.evidence, columns=["candidate_id", "weight", "feed", "fact"])
    involved = bodies.of_candidates(facts, {number: rows.candidate["district"]}).get(number, "")
    row = {**rows.candidate, "bodies": involved, "name": named.get("name")}
    return bodies.of_row(row, masked=masked)


def _made(kind: type[Made], row: Row, **further: Any) -> Made:
    """A ``kind`` of the row's columns of its names; what is empty in a text column is an empty text."""
    of_row = {**row, **further}
    values: dict[str, Any] = {f.name: of_row[f.name] for f in fields(kind)}
    empty = {f.name: "" for f in fields(kind) if f.type is str and values[f.name] is None}
    return kind(**{**values, **empty})


def _person(person_id: str, recipient: Row | None, *, masked: bool) -> Person:
    shown = {
        column: words.covered(column, value) if masked and value else value
        for column in ("name", "id_number", "phone")
        for value in [recipient[column] or "" if recipient else ""]
    }
    return Person(person_id=person_id, **shown)


def _fact(row: Row, *, masked: bool) -> Fact:
    fact = words.covered_fact(row["fact"]) if masked else row["fact"]
    return _made(
        Fact,
        row,
        note=words.without_letters(row["note"]) if masked else row["note"],
        fact=fact,
        content=words.fact(row["feed"], fact, masked=False),
        place=_place(row),
    )


def _link(row: Row, *, masked: bool) -> Link:
    explanation = words.without_letters(row["explanation"]) if masked else row["explanation"]
    why = json.loads(explanation)
    of_fields = [(FIELD_WORDS[field["field"]], field["bits"]) for field in why["fields"]]
    bits = ((PRIOR, why["prior_bits"]), *of_fields, (RIVALS, why["rivals_bits"]))
    return _made(Link, row, sentence=why["sentence"], bits=bits, explanation=explanation)


def _excluded(row: Row) -> Excluded:
    return _made(Excluded, row, words=words.reason(row["cause"], row["reason"]), place=_place(row))


def _place(row: Row) -> str:
    return words.place(row["feed"], f"{row['delivery_id']} {row['file']}", row["line"])


def _on_record(reviews: Iterable[Row]) -> dict[str, Any]:
    """The last notice and order that reviews of the candidate have put on record."""
    recorded: dict[str, Any] = {"notice_on": None, "document_no": None}
    for row in reviews:
        recorded |= {name: row[name] for name in recorded if row[name] is not None}
    return recorded
