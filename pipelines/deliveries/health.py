"""报送质量 — is the feed whole? Measures of each delivery, judged against the deliveries before it.

History is counted by arrival date, never by the time of judging, so the order in which nights are run
does not matter.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

import sql
from expectations.feed import Feed
from matchers import months
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries.ledger import Delivery, superseded
from pipelines.engine.seam import match_engine

EXACT_ROWS = 1_000_000
Measures = dict[str, Any]
JUDGED = (
    "rows_landed",
    "rows_factor",
    "rejected_share",
    "unusable_id_share",
    "persons_factor",
    "months_ahead",
    "months_gained",
)


def judged(
    settings: Settings, feed: Feed, fresh: Sequence[Delivery], others: Iterable[Delivery]
) -> list[Delivery]:
    """``fresh`` with measures, ``held`` where these are out of bounds; what is refused stays as it is.

    ``fresh``: oldest first. ``others``: everything else on record of the feed.
    """
    whole = [d for d in fresh if d.health != "refused" and not d.only_resent]
    pending = measured(settings, feed, whole)
    settled = [d for d in others if d.counts]
    done: dict[date, Delivery] = {}
    while pending:
        verdicts = _verdicts(feed, pending, settled)
        certain = next((n for n, d in enumerate(verdicts, 1) if d.health == "held"), len(verdicts))
        done |= {d.delivered_on: d for d in verdicts[:certain]}
        settled += verdicts[:certain]
        pending = pending[certain:]
    return [done.get(d.delivered_on, d) for d in fresh]


def measured(settings: Settings, feed: Feed, landed: Sequence[Delivery]) -> list[Delivery]:
    """``landed`` with what one pass over their extracts tells of each.

    From a million rows on, persons are estimated, to about two in a hundred of fifty thousand: counting
    them exactly would cost ten times the rest of the pass, and they only warn.
    """
    store = Store(settings.store)
    extracts = [path for d in landed for path in d.landed_files(store, "extract")]
    figures: dict[date, Mapping[str, Any]] = {}
    if extracts:
        with match_engine(settings, extracts) as engine:
            engine.register("extract", extracts)
            rows = max(d.rows("rows_landed") for d in landed)
            figures = {row["delivered_on"]: row for row in engine.rows(_statement(feed, rows))}
    return [replace(d, measures=_measures(feed, d, figures.get(d.delivered_on, {}))) for d in landed]


def _verdicts(feed: Feed, pending: Sequence[Delivery], settled: Sequence[Delivery]) -> list[Delivery]:
    """The judgement on ``pending``, supposing that all of them pass: right up to the first that does not.

    One call for many deliveries, because a call costs as much as a thousand rows in it.
    """
    from pandas import DataFrame

    from expectations.suite import judge_measures

    compared = [{**d.measures, **_beside_history(feed, d, (*settled, *pending))} for d in pending]
    scalars = [{k: v for k, v in m.items() if not isinstance(v, dict)} for m in compared]
    verdicts = judge_measures(feed, DataFrame(scalars).astype(dict.fromkeys(JUDGED, "float64")))
    return [
        replace(
            d,
            health="held" if v.critical or _unread(d) else "accepted",
            reason="；".join(
                filter(None, (*v.critical, *_unread(d), *v.warnings, *_missed(feed, m), d.reason))
            ),
            measures=m,
        )
        for d, m, v in zip(pending, compared, verdicts, strict=True)
    ]


def _missed(feed: Feed, measures: Measures) -> list[str]:
    """The columns whose absence is worth saying, because rules judge more mildly without them."""
    lacking = [c for c in feed.columns.values() if c.missed and measures["missing"].get(c.name) == 1]
    return [f"没有一行有「{column.headings[0]}」" for column in lacking]


def _unread(delivery: Delivery) -> list[str]:
    """What holds a delivery however few rows it concerns: a part of it that could not be read."""
    rows = sum(f.rows_unread for f in delivery.files)
    return [f"{rows} 行所在的工作表没有表头，未能读取"] if rows else []


def _statement(feed: Feed, rows: int) -> str:
    timed = [c for kind in ("date", "month") for c in feed.columns.values() if c.type == kind]
    covered = [c.name for c in timed if c.required] or [c.name for c in timed]
    return sql.match("measures").format(
        persons="count(DISTINCT id_key)" if rows <= EXACT_ROWS else sql.match("persons_sampled"),
        covered=covered[-1] if covered else "CAST(NULL AS integer)",
    )


def _measures(feed: Feed, landed: Delivery, figures: Mapping[str, Any]) -> Measures:
    rows_landed, rejected = landed.rows("rows_landed"), landed.rows("rows_rejected")
    rows, unusable = rows_landed + rejected, int(figures.get("unusable_ids") or 0)
    last = _month(figures.get("last_covered"))
    empty = sum((Counter(f.empty) for f in landed.files), Counter[str]())
    return {
        "rows": rows,
        "rows_landed": rows_landed,
        "rows_unread": sum(f.rows_unread for f in landed.files),
        "rejected_share": rejected / rows if rows >= feed.health.small_rows else None,
        "persons": int(figures.get("persons") or 0),
        "unusable_ids": unusable,
        "unusable_id_share": unusable / rows_landed if rows_landed >= feed.health.small_rows else None,
        "first_month": _text(_month(figures.get("first_covered"))),
        "last_month": _text(last),
        "months_ahead": None if last is None else last - months.of(landed.delivered_on),
        "missing": {c: empty[c] / rows_landed for c in feed.columns} if rows_landed else {},
    }


def _beside_history(feed: Feed, delivery: Delivery, others: Iterable[Delivery]) -> Measures:
    """The last accepted deliveries before this one, and how it compares; empty where that is not judged."""
    counted = sorted((d for d in others if d.counts), key=lambda d: d.delivered_on)
    gone = superseded(counted, delivery.delivered_on)
    history = [
        d.measures
        for d in counted
        if d.delivered_on < delivery.delivered_on and d.delivered_on not in gone and not d.only_resent
    ][-feed.health.history :]
    enough = len(history) >= feed.health.history_least
    rows = median(m["rows"] for m in history) if enough else None
    persons = median(m["persons"] for m in history) if enough else None
    large = rows is not None and rows >= feed.health.small_rows
    before, last = history[-1]["last_month"] if history else "", delivery.measures["last_month"]
    return {
        "history": len(history),
        "usual_rows": rows,
        "usual_persons": persons,
        "previous_last_month": before,
        "rows_factor": delivery.measures["rows"] / rows if large and rows else None,
        "persons_factor": delivery.measures["persons"] / persons if large and persons else None,
        "months_gained": months.number(last) - months.number(before) if large and before and last else None,
    }


def _month(covered: int | date | None) -> int | None:
    return months.of(covered) if isinstance(covered, date) else covered


def _text(month: int | None) -> str:
    return "" if month is None else months.text(month)
