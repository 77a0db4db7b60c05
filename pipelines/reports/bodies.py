"""涉及单位 — which employer or company the facts of a candidate name, else which agency reported them.

The sentence on a candidate, which names them, is the same in workbook, page, desk and ``explain``.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from expectations.feed import feeds
from matchers.schemas import ReportedEvidence
from pipelines.reports import words

NAME, CODES = "_name", ("_uscc", "employer_id")
NAMED = 3
PARTS = ("summary", "bodies", "moved", "name")
HANDLING = "失业保险经办机构"


def of_candidates(evidence: ReportedEvidence, districts: Mapping[str, str]) -> "pd.Series[str]":
    """By candidate_id: the bodies that its supporting facts name, each once; none without such a fact.

    ``districts``: the code of each candidate's, whose agency holds the records of its own.
    """
    support = evidence[evidence["weight"] == "supports"]
    facts = zip(support["candidate_id"], support["feed"], support["fact"], strict=True)
    each = [_named(feed, fact) or _reported(feed, districts.get(number, "")) for number, feed, fact in facts]
    return pd.Series(each, support.index, dtype=object).groupby(support["candidate_id"]).agg(_listed)


def of_row(row: Mapping[str, Any], *, masked: bool) -> str:
    """``sentence`` of a candidate from its columns ``PARTS``."""
    return sentence(*(row[part] for part in PARTS), masked=masked)


def sentence(summary: str, bodies: str, moved: str, name: str | None, *, masked: bool) -> str:
    """The fact of a candidate with the bodies and what differs from the night before; ``masked``: what bears
    the person's ``name`` is covered.
    """
    shown = words.without_numbers(bodies) if masked else bodies
    if masked and name:
        shown = shown.replace(name, words.covered("name", name))
    involved = f"涉及：{shown}。" if shown else ""
    return f"{summary}{involved}{moved}"


def _named(feed: str, stored: str) -> tuple[str, ...]:
    """The bodies in a stored fact, in the order of its columns; by their codes where it has no name."""
    fact = json.loads(stored)
    names = (n for n in fact if n.endswith(NAME) and n not in words.PERSONAL)
    codes = (n for n in fact if n.endswith(CODES))
    return tuple(str(fact[n]) for n in names if fact[n]) or tuple(
        f"{words.heading(feed, n)}{fact[n]}" for n in codes if fact[n]
    )


def _reported(feed: str, district: str) -> tuple[str]:
    """Who reported a row of the feed; the handling agency where it is a record of its own."""
    return (feeds()[feed].agency if feed in feeds() else f"{words.district(district)}{HANDLING}",)


def _listed(parts: Iterable[tuple[str, ...]]) -> str:
    names = sorted({name for part in parts for name in part})
    rest = f"等{len(names)}家" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + rest
