"""漏斗图 — how far employers and offices stand from what is ordinary, for their size; never a league table.

Small ones differ much by chance alone: the limits (95 % and 99.8 %) say how much. Counts jump, so the limits
are interpolated between two counts (Spiegelhalter 2005) and run smoothly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom, poisson

from matchers.risk import reasons, shares, tenure
from matchers.risk.evidence.counter_hours import counter_acts
from matchers.risk.ground import Ground

LIMITS = (0.95, 0.998)
QUANTILES = tuple(q for level in LIMITS for q in ((1 - level) / 2, (1 + level) / 2))
STEPS = 60


@dataclass(frozen=True, slots=True)
class Funnel:
    """``points``: size, value; ``limits``: for some sizes (size, low95, high95, low998, high998).

    ``ordinary``: the value of all of them; ``outside``: how many points lie above the widest limit. Nobody's
    name is in it.
    """

    points: Sequence[tuple[float, float]]
    limits: Sequence[tuple[float, ...]]
    ordinary: float
    outside: int


def employers(ground: Ground) -> Funnel | None:
    """Claims after short jobs ÷ what employers of the kind have, by the latter; ``None``: not provided."""
    if ground.contributions is None or ground.forms is None or ground.kinds is None:
        return None
    jobs = tenure.last_jobs(ground)
    claims = jobs.groupby("employer").size()
    leavers = pd.concat([reasons.leavers(ground), claims], axis=1).max(axis=1).astype(float)
    seen = jobs[jobs["short"]].groupby("employer").size().reindex(leavers.index).fillna(0.0).astype(float)
    kind = leavers.index.to_series().map(ground.kinds).fillna("")
    expected = shares.expected_by_kind(seen, leavers, kind)
    some = expected > shares.LEAST_EXPECTED
    points = [(float(e), float(y / e)) for y, e in zip(seen[some], expected[some], strict=True)]
    return of_points(points, 1.0, poisson) if points else None


def offices(ground: Ground) -> Funnel | None:
    """The share of acts at the counter outside its hours, by how many acts an office has."""
    if ground.events is None or ground.operators is None or ground.hours is None:
        return None
    done = counter_acts(ground)
    counts = done.groupby("office")["off"].agg(["sum", "size"])
    if counts.empty:
        return None
    p = float(counts["sum"].sum() / counts["size"].sum())
    points = [(float(n), float(k / n)) for k, n in counts.itertuples(index=False)]
    return of_points(points, p, lambda n: binom(np.round(n), p))


def of_points(points: Sequence[tuple[float, float]], ordinary: float, counts: Callable[[Any], Any]) -> Funnel:
    """The funnel of (size, value); ``counts``: sizes → the distribution of what chance alone would count."""
    size, value = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    sizes = np.geomspace(size.min(), size.max(), STEPS)
    limits = [_quantile(counts(sizes), q) / sizes for q in QUANTILES]
    above = value > _quantile(counts(size), QUANTILES[-1]) / size
    rows = zip(*(column.tolist() for column in (sizes, *limits)), strict=True)
    return Funnel(points, list(rows), ordinary, int(above.sum()))


def _quantile(of: Any, q: float) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """The count that is exceeded with probability 1 − q, interpolated; never below nothing."""
    count = of.ppf(q)
    between: np.ndarray[Any, np.dtype[np.float64]] = count - (of.cdf(count) - q) / of.pmf(count)
    return between.clip(0.0)
