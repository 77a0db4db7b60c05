"""岗位 — which posts one person holds at once, from the first day that no exception covers."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pandas as pd

from matchers.risk.ground import Ground, period

POST_OF = {
    "accept": "accept", "change_account": "accept", "change_identity": "accept", "change_reason": "accept",
    "review": "review", "approve": "approve", "reject": "approve", "override": "approve", "manual": "payroll",
    "payroll_make": "payroll", "payroll_check": "payroll",
}  # fmt: skip
Span = tuple[pd.Timestamp, pd.Timestamp]
DAY = pd.Timedelta(days=1)


def pair(one: str, other: str) -> str:
    """Two posts or acts as one word, in whatever order they were written."""
    return "-".join(sorted((one, other)))


def held_at_once(ground: Ground, pairs: list[list[str]]) -> Iterator[tuple[Any, ...]]:
    """(who, period, pair, None, None) for each stretch of the twelve months that is not excepted."""
    assert ground.operators is not None
    assert ground.exceptions is not None
    several = ground.operators.groupby("who").filter(lambda rows: rows["post"].nunique() > 1)
    for who, own in several.groupby("who"):
        spans = {
            post: [_span(ground, r) for r in rows.to_dict("records")] for post, rows in own.groupby("post")
        }
        for one, other in pairs:
            for a, b in product(spans.get(one, ()), spans.get(other, ())):
                span = max(a[0], b[0]), min(a[1], b[1])
                for since, until in _less(span, _excepted(ground, str(who), pair(one, other))):
                    if until >= ground.first:
                        yield who, period(since), pair(one, other), None, None


def _span(ground: Ground, row: dict[Any, Any]) -> Span:
    return row["since"], ground.last if pd.isna(row["until"]) else min(row["until"], ground.last)


def _excepted(ground: Ground, who: str, both: str) -> list[Span]:
    assert ground.exceptions is not None
    rows = ground.exceptions
    rows = rows[(rows["who"] == who) & (rows["pair"] == both) & (rows["by"] != who)].sort_values("since")
    return [_span(ground, row) for row in rows.to_dict("records")]


def _less(span: Span, excepted: list[Span]) -> Iterator[Span]:
    """What is left of a span without the excepted ones, which come in the order in which they begin."""
    since, until = span
    for begins, ends in excepted:
        if since < begins <= until:
            yield since, begins - DAY
        if begins <= until:
            since = max(since, ends + DAY)
    if since <= until:
        yield since, until
