"""版本 — what a person saw of a candidate, as a short text by which a later change is noticed and named."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from pipelines.base.errors import Outdated
from sql import tables as t

AT_ONCE = 5000
LENGTH = 8
COLUMNS = {
    "状态": ("status",),
    "疑点级别": ("tier", "link_tier", "within_notice_period"),
    "年月": ("event_month", "stop_month", "first_conflict_month", "last_conflict_month"),
    "金额": ("overpaid_months", "overpaid_fen", "preventable_fen", "at_risk_fen"),
    "移送标志": ("two_month_flag", "severe_flag"),
    "口径": ("policy_version", "legal_basis"),
}
FACTS, REVIEWS = "事实与证据", "核查决定"
PARTS = (*COLUMNS, FACTS, REVIEWS)


def of(connection: Connection, candidate_ids: Sequence[str]) -> dict[str, str]:
    """The version of each candidate by its number: one short hash for each of ``PARTS``, run together."""
    versions: dict[str, str] = {}
    for start in range(0, len(candidate_ids), AT_ONCE):
        versions |= _versions(connection, candidate_ids[start : start + AT_ONCE])
    return versions


def require(connection: Connection, candidate_id: str, expected: str) -> None:
    """Nothing where the candidate is as it was shown; ``Outdated`` names the parts that have changed."""
    require_same(candidate_id, expected, of(connection, [candidate_id]).get(candidate_id, ""))


def require_same(candidate_id: str, expected: str, actual: str) -> None:
    """The same of two versions that have been read."""
    at = {part: slice(n * LENGTH, (n + 1) * LENGTH) for n, part in enumerate(PARTS)}
    if changes := tuple(part for part, where in at.items() if expected[where] != actual[where]):
        raise Outdated(candidate_id, changes)


def _versions(connection: Connection, numbers: Sequence[str]) -> dict[str, str]:
    c, e, r = t.suspension_candidate.c, t.evidence.c, t.review.c
    rows = connection.execute(select(t.suspension_candidate).where(c.candidate_id.in_(numbers)))
    candidates = {row["candidate_id"]: row for row in rows.mappings()}
    facts = _groups(connection, numbers, e.candidate_id, e.fact_key, e.months, e.weight, e.reason_code)
    reviews = _groups(connection, numbers, r.candidate_id, r.review_id, r.second_by)
    return {
        number: "".join(
            [
                *(_hash([row[column] for column in columns]) for columns in COLUMNS.values()),
                _hash(facts[number]),
                _hash(reviews[number]),
            ]
        )
        for number, row in candidates.items()
    }


def _groups(connection: Connection, numbers: Sequence[str], key: Any, *columns: Any) -> dict[str, list[Any]]:
    """The rows of each candidate, in an order that is theirs and not the database's."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for number, *row in connection.execute(select(key, *columns).where(key.in_(numbers)).distinct()):
        groups[number].append([value or "" for value in row])
    return defaultdict(list, {number: sorted(rows) for number, rows in groups.items()})


def _hash(values: Sequence[Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
