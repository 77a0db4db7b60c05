"""漏斗图 — how far employers and offices stand from what is ordinary, for their size; never a league table.

Small ones differ much by chance alone: the limits (95 % and 99.8 %) say how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.stats import binom, poisson

from matchers.risk import reasons, shares, tenure
from matchers.risk.evidence.counter_hours import counter_acts
from matchers.risk.ground import Ground

LIMITS = (0.95, 0.998)


@dataclass(frozen=True, slots=True)
class Funnel:
    """``points``: size, value; ``limits``: for some sizes (size, low95, high95, low998, high998).

    ``ordinary``: the value of all of them. Nobody's name is in it.
    """

    points: Sequence[tuple[float, float]]
    limits: Sequence[tuple[float, float, float, float, float]]
    ordinary: float


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
    return Funnel(points, [_poisson(e) for e in _sizes(points)], 1.0) if points else None


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
    return Funnel(points, [_binomial(n, p) for n in _sizes(points)], p)


def outside(funnel: Funnel) -> int:
    """How many points lie above the wider limit."""
    wide = [(size, high) for size, _, _, _, high in funnel.limits]
    return sum(value > _between(wide, size) for size, value in funnel.points)


def _between(limit: Sequence[tuple[float, float]], size: float) -> float:
    below = [high for at, high in limit if at <= size]
    return below[-1] if below else limit[0][1]


def _sizes(points: Sequence[tuple[float, float]], steps: int = 40) -> list[float]:
    low, high = min(s for s, _ in points), max(s for s, _ in points)
    return [low * (high / low) ** (n / steps) for n in range(steps + 1)] if high > low else [low]


def _poisson(expected: float) -> tuple[float, float, float, float, float]:
    ends = [poisson.ppf(q, expected) / expected for q in _quantiles()]
    return (expected, *map(float, ends))  # type: ignore[return-value]


def _binomial(n: float, p: float) -> tuple[float, float, float, float, float]:
    ends = [binom.ppf(q, round(n), p) / n for q in _quantiles()]
    return (n, *map(float, ends))  # type: ignore[return-value]


def _quantiles() -> list[float]:
    return [q for level in LIMITS for q in ((1 - level) / 2, (1 + level) / 2)]
