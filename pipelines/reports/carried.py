"""带入 — what a district has answered already stands in its next list, so that only what is new is asked.

Signatures are not carried: whoever adds something signs for it anew.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from matchers.lifecycle import CONFIRMING, PROVEN, TWO_PEOPLE, Status, Step
from matchers.schemas import AnyRows, CandidateParts, Reviews
from pipelines.decisions import reviews as decisions
from pipelines.reports.answers import ANSWERED, ANSWERS, CONCLUSIONS

Row = Mapping[str, Any]
BEGUN = (Status.VERIFYING, Status.NOTIFIED)
RECOVERY = ("recovered_fen", "recovery_way")
PROGRESS = ("verified_how", "verified_on", "notice_on", "document_no")
COLUMNS = tuple(column for column in ANSWERS if column.name)
NOTHING = "{}"
WORDS: Mapping[str, str] = {code: word for word, code in CONCLUSIONS.items()}


def concluded(rows: Sequence[Row], status: str) -> tuple[Row, ...]:
    """The conclusion that stands or waits for its second signature and all that came after it.

    ``rows``: the reviews of one candidate with their detail, oldest first. What people have decided since
    takes the place of a conclusion that waited; empty where there is none.
    """
    newest = max((row["decided_at"] for row in rows if row["decision"] != Step.DISPATCHED), default=None)
    if status in PROVEN:
        last = [n for n, row in enumerate(rows) if row["decision"] in CONFIRMING and row["second_by"]]
    else:
        last = [
            n
            for n, row in enumerate(rows)
            if row["decision"] in TWO_PEOPLE and not row["second_by"] and row["decided_at"] == newest
        ]
    return tuple(rows[last[-1] :]) if last else ()


def answers(reviews: Reviews, candidates: CandidateParts) -> AnyRows:
    """The columns of ``ANSWERS`` but the signatures, in the rows of ``candidates``: what stands on record."""
    by_candidate: dict[str, list[Row]] = {}
    for row in reviews.to_dict("records"):
        by_candidate.setdefault(row["candidate_id"], []).append({str(n): _filled(v) for n, v in row.items()})
    given = [
        _answer(by_candidate.get(number, ()), status)
        for number, status in zip(candidates["candidate_id"], candidates["status"], strict=True)
    ]
    names = [column.name for column in COLUMNS]
    rows = [[answer.get(name.removeprefix(ANSWERED)) for name in names] for answer in given]
    return pd.DataFrame(rows, columns=names, index=candidates.index, dtype=object)


def texts(answered: AnyRows) -> list[str]:
    """Of each row the carried cells by heading, as JSON: what a returned list is held against."""
    return [
        json.dumps(
            {c.heading: _text(row[c.name], c.kind) for c in COLUMNS if row[c.name] is not None},
            ensure_ascii=False,
        )
        for row in answered.to_dict("records")
    ]


def _answer(rows: Sequence[Row], status: str) -> dict[str, Any]:
    if status in (*BEGUN, Status.CONFIRMED, Status.RECOVERING) and (standing := concluded(rows, status)):
        first = standing[0]
        values = {name: value for name, value in first.items() if value is not None}
        for row in standing:
            values |= {name: row[name] for name in RECOVERY if row[name] is not None}
        reason = decisions.REASONS.get(first["reason_code"] or "")
        return values | {"conclusion": WORDS[first["decision"]], "reason": reason}
    if status not in BEGUN:
        return {}
    final = [n for n, row in enumerate(rows) if row["decision"] in TWO_PEOPLE and row["second_by"]]
    values = {"conclusion": WORDS[Step.VERIFYING]}
    for row in rows[final[-1] + 1 if final else 0 :]:
        values |= {name: row[name] for name in PROGRESS if row[name] is not None}
        values |= {"note": row["note"]} if row["note"] else {}
    return values


def _filled(value: Any) -> Any:
    """The value, or None where a frame has nothing."""
    return None if value is None or value == "" or value != value else value


def _text(value: Any, kind: str) -> str:
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return f"{value / 100:.2f}" if kind == "money" else str(value)
