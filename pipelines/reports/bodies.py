"""涉及单位 — which employer or company the facts of a candidate name, else which agency reported them."""

import json
from collections.abc import Iterable

import pandas as pd

from expectations.feed import feeds
from matchers.schemas import ReportedEvidence
from pipelines.reports import words

SUFFIX = "_name"
NAMED = 3


def of_candidates(evidence: ReportedEvidence) -> "pd.Series[str]":
    """By candidate_id: the bodies that its supporting facts name, each once; none without."""
    support = evidence[evidence["weight"] == "supports"]
    each = [
        (_named(fact) or _reported(feed)) for feed, fact in zip(support["feed"], support["fact"], strict=True)
    ]
    bodies = pd.Series(each, support.index, dtype=object).groupby(support["candidate_id"]).agg(_listed)
    return bodies[bodies != ""]


def sentence(summary: str, bodies: str, name: str, *, masked: bool) -> str:
    """The fact of a candidate with the bodies; ``masked``: what bears the person's ``name`` is covered."""
    if not bodies:
        return summary
    shown = words.without_numbers(bodies) if masked else bodies
    if masked and name:
        shown = shown.replace(name, words.covered("name", name))
    return f"{summary}涉及：{shown}。"


def _named(stored: str) -> tuple[str, ...]:
    """The bodies in a stored fact, in the order of its columns."""
    fact = json.loads(stored)
    names = (n for n in fact if n.endswith(SUFFIX) and n not in words.PERSONAL)
    return tuple(str(fact[n]) for n in names if fact[n])


def _reported(feed: str) -> tuple[str, ...]:
    """Who reported a row of the feed; nobody where it is a record of the agency's own."""
    return (feeds()[feed].agency,) if feed in feeds() else ()


def _listed(parts: Iterable[tuple[str, ...]]) -> str:
    names = sorted({name for part in parts for name in part})
    rest = f"等{len(names)}家" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + rest
