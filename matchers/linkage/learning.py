"""学习 — the parameters of a night from its own rows: nobody labels pairs by hand.

m comes from the rows that are linked by their number, u from pairs drawn at random with the rare levels
worked out from frequencies, the share of rows that are recipients' from the rows with a usable number. Errors
of numbers cannot be seen there: they come from residue rows that are certain without their number, and how
often a stranger's damaged number comes near a recipient's is counted. Feeds with few links lean on all feeds
together, and these on ``PRIOR_M``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.linkage.chance import chances
from matchers.linkage.classify import Floats
from matchers.linkage.entries import comparable
from matchers.linkage.field_levels import BirthLevel
from matchers.linkage.fields import FIELDS, SIZES
from matchers.linkage.linking import Linkage
from matchers.linkage.number_levels import REPAIRABLE, NumberLevel
from matchers.linkage.parameters import PRIOR_SHARE, FeedModel, Model, prior_m
from matchers.schemas import ComparedRows, NumberLinked

SAMPLE = 50_000  # linked rows, and residue rows, looked at in each feed
FEED_WEIGHT = 200.0  # pseudo-counts with which all feeds together speak in each feed
PRIOR_WEIGHT = 100.0  # pseudo-counts with which ``PRIOR_M`` speaks in all feeds together
TRUSTED = 2_000.0  # rows with a number are cleaner than the residue: more of them say no more than this
COINCIDENCES = 5.0  # near numbers of strangers with which the worked-out chance speaks beside the counted
CERTAIN_BITS = 10.0  # bits beyond even odds that make a residue pair certain without its number


@dataclass(frozen=True, slots=True)
class FeedRows:
    """What one feed shows on a night.

    ``linked``: person_id and the columns of ``ROW`` of rows linked by their number, whatever the name says.
    ``residue``: its rows without a usable number. ``usable``: how many rows have a usable number; ``hits``:
    how many of these are recipients'.
    """

    linked: NumberLinked
    residue: ComparedRows
    usable: int
    hits: int


def learn(linkage: Linkage, feeds: Mapping[str, FeedRows]) -> Model:
    """The model of the night. Without any linked row it is ``PRIOR_M``, u and the prior share."""
    residues = {name: _thinned(comparable(rows.residue)) for name, rows in feeds.items()}
    by_number = _from_links(linkage, feeds, residues)
    counts = {name: _residue_counts(linkage, residues[name], by_number.feed(name)) for name in feeds}
    everywhere, pooled = _Counts.together(counts.values()), by_number.pooled
    pooled = replace(
        pooled,
        m=_leaning(everywhere.same, pooled.m, PRIOR_WEIGHT),
        u=_with_coincidences(pooled.u, everywhere, pooled.u),
    )
    return Model({name: _updated(by_number.feed(name), counts[name], pooled) for name in feeds}, pooled)


def _from_links(
    linkage: Linkage, feeds: Mapping[str, FeedRows], residues: Mapping[str, pd.DataFrame]
) -> Model:
    """The model as the rows linked by number teach it; of errors of numbers it has what is assumed."""
    samples = {name: _thinned(comparable(rows.linked)).assign(id_number=None) for name, rows in feeds.items()}
    people = {name: _thinned(rows.linked["person_id"]) for name, rows in feeds.items()}
    counts = {name: _counted(linkage, people[name], samples[name]) for name in feeds}
    pooled_m = _leaning(_summed(counts.values()), prior_m(), PRIOR_WEIGHT)
    share = _share(sum(f.hits for f in feeds.values()), sum(f.usable for f in feeds.values()), PRIOR_SHARE)
    everything = pd.concat([*residues.values(), *samples.values()] or [_no_rows()], ignore_index=True)
    pooled_u = chances(linkage, _thinned(everything))
    models = {}
    for name, of_feed in feeds.items():
        rows = pd.concat([residues[name], samples[name]], ignore_index=True)
        trust = len(rows) / (len(rows) + FEED_WEIGHT)
        own_u = chances(linkage, rows) if len(rows) and len(feeds) > 1 else pooled_u
        models[name] = FeedModel(
            m=_leaning(counts[name], pooled_m, FEED_WEIGHT),
            u={field: trust * own_u[field] + (1 - trust) * pooled_u[field] for field in FIELDS},
            share=_share(of_feed.hits, of_feed.usable, share),
            links=len(of_feed.linked),
        )
    return Model(models, FeedModel(pooled_m, pooled_u, share, sum(len(f.linked) for f in feeds.values())))


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the residue shows: ``same`` counts levels of one person by field, ``others`` the number's levels
    of two persons, among ``pairs`` of a row with a number and a recipient, compared or not.
    """

    same: dict[str, Floats]
    others: Floats
    pairs: float

    @classmethod
    def together(cls, counts: "Collection[_Counts]") -> "_Counts":
        others = sum((one.others for one in counts), start=np.zeros(SIZES["id_number"]))
        return cls(_summed(one.same for one in counts), others, sum(one.pairs for one in counts))


def _updated(feed: FeedModel, counts: _Counts, pooled: FeedModel) -> FeedModel:
    start = {**feed.m, "id_number": pooled.m["id_number"]}
    return replace(
        feed,
        m=_leaning(counts.same, start, FEED_WEIGHT),
        u=_with_coincidences(feed.u, counts, pooled.u),
    )


def _with_coincidences(
    u: Mapping[str, Floats], counts: _Counts, expected: Mapping[str, Floats]
) -> dict[str, Floats]:
    """U with the number's near levels as counted: every pair of such a level shares a key and is compared."""
    number = u["id_number"].copy()
    worked_out = expected["id_number"]
    shares = (counts.others + COINCIDENCES) / (counts.pairs + COINCIDENCES / worked_out)
    near = sorted(REPAIRABLE - {NumberLevel.EQUAL, NumberLevel.FLOAT6})
    number[near] = shares[near]
    return {**u, "id_number": number}


def _thinned(rows: Any) -> Any:
    """At most ``SAMPLE`` rows, evenly spread, so that the same night always takes the same."""
    step = -(-len(rows) // SAMPLE) or 1
    return rows.iloc[::step].reset_index(drop=True)


def _no_rows() -> pd.DataFrame:
    return comparable(pd.DataFrame(columns=["delivery_id"]))


def _share(hits: int, usable: int, otherwise: float) -> float:
    """The share of recipients' rows, leaning on ``otherwise`` with the weight of a hundred rows."""
    return float(np.clip((hits + 100 * otherwise) / (usable + 100), 1e-6, 1 - 1e-3))


def _counted(linkage: Linkage, people: "pd.Series[str]", rows: pd.DataFrame) -> dict[str, Floats]:
    """How often each level occurs between linked rows and their recipients; never for the number."""
    entries = linkage.entries[~linkage.entries["former"].astype(bool)]
    entry = pd.Index(entries["person_id"]).get_indexer(people)
    linked = np.flatnonzero(entry >= 0)
    levels = linkage.levels(rows, entry[linked], linked)
    counts = _level_counts(levels, np.ones(len(linked), bool))
    counts["id_number"][:] = 0
    return counts


def _level_counts(
    levels: Mapping[str, npt.NDArray[np.int8]], where: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    return {
        field: np.bincount(levels[field][where], minlength=SIZES[field]).astype(np.float64)
        for field in FIELDS
    }


def _summed(counts: Any) -> dict[str, Floats]:
    empty = {field: np.zeros(SIZES[field]) for field in FIELDS}
    return {field: sum((count[field] for count in counts), start=empty[field]) for field in FIELDS}


def _leaning(counts: Mapping[str, Floats], on: Mapping[str, Floats], weight: float) -> dict[str, Floats]:
    """Shares of the counted levels, missing left out, with ``weight`` pseudo-counts of ``on``."""
    shares = {}
    for field in FIELDS:
        levels = counts[field][:-1] * min(1.0, TRUSTED / max(counts[field][:-1].sum(), 1.0))
        shares[field] = np.append((levels + weight * on[field][:-1]) / (levels.sum() + weight), 1.0)
    return shares


def _residue_counts(linkage: Linkage, rows: pd.DataFrame, feed: FeedModel) -> _Counts:
    """Levels of one person: of numbers, where the rest is certain; of the rest, where the number is.

    Birth dates are left out: they help to decide what is certain.
    """
    enough = np.log2(max(linkage.size, 1) / feed.share) + CERTAIN_BITS
    total = _summed([])
    others = np.zeros(SIZES["id_number"])
    for chunk in linkage.scored(rows, feed):
        levels = chunk.levels
        leads = chunk.posterior >= 0.5
        by_number = np.isin(levels["id_number"], list(REPAIRABLE - {NumberLevel.FLOAT6}))
        by_number &= ~np.isin(levels["birth_date"], [BirthLevel.DIFFERENT, BirthLevel.YEAR_ONLY])
        counts = _level_counts(levels, leads & by_number)
        counts["birth_date"][:] = 0
        others += np.bincount(levels["id_number"], weights=1 - chunk.posterior, minlength=len(others))
        counts["id_number"] = _level_counts(levels, chunk.without_number > enough)["id_number"]
        total = {field: total[field] + counts[field] for field in FIELDS}
    return _Counts(total, others, float(rows["id_number"].notna().sum()) * linkage.size)
