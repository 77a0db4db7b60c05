"""比较 — how far counts stand above what is ordinary, with small numbers held back.

Ratios are shrunk towards one by a gamma–Poisson model (empirical Bayes), shares of one person are compared
with the larger of two ordinary shares and held to a false-discovery rate: measured against audit habit, which
is wrong four times of five.
"""

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control, gamma

from matchers.risk.ground import Ground
from matchers.schemas import EmployerCounts, OfficeCounts, OfficeShares

LEAST_EXPECTED = 0.3
LEAST_SPREAD = 0.5
OUTLIERS = 0.98


def lower_bounds(seen: "pd.Series[float]", expected: "pd.Series[float]", bound: float) -> "pd.Series[float]":
    """The ratio seen ÷ expected that is exceeded with probability 1 − ``bound``, for each employer.

    The prior is Gamma(a, a) with a = 1/v; v is how much the ratios of the employers of whom something is
    expected differ by more than chance, outliers cut, and never below ``LEAST_SPREAD``.
    """
    enough = expected > LEAST_EXPECTED
    y, e = seen[enough].to_numpy(float), expected[enough].to_numpy(float)
    spread = LEAST_SPREAD
    if len(e):
        ratio = np.minimum(y / e, np.quantile(y / e, OUTLIERS))
        spread = max(spread, float((e * (ratio - 1) ** 2).sum() / e.sum() - e.sum() / (e**2).sum()))
    a = 1 / spread
    return pd.Series(gamma.ppf(bound, a + seen, scale=1 / (a + expected)), index=seen.index)


def expected_by_kind(
    seen: "pd.Series[float]", of: "pd.Series[float]", kind: "pd.Series[str]"
) -> "pd.Series[float]":
    """What each employer would have at the rate of its kind: of × Σ seen ÷ Σ of over the kind."""
    total = of.groupby(kind).transform("sum")
    rate = seen.groupby(kind).transform("sum") / total.where(total > 0)
    return (of * rate).fillna(0.0)


def by_kind(ground: Ground, seen: "pd.Series[float]", leavers: "pd.Series[float]") -> EmployerCounts:
    """``seen`` and ``leavers`` by employer, what is expected of its kind, lower bound of the ratio."""
    assert ground.kinds is not None
    kind = leavers.index.to_series().map(ground.kinds).fillna("")
    expected = expected_by_kind(seen, leavers, kind)
    bound = lower_bounds(seen, expected, ground.ratio("bound"))
    return pd.DataFrame({"leavers": leavers, "seen": seen, "expected": expected, "bound": bound})


def above_office(counts: OfficeCounts) -> OfficeShares:
    """``counts`` (who, office, k, n) with ``ordinary`` and ``q``.

    ``ordinary`` is the larger of two shares: that of the office without oneself and that of everybody; ``q``
    the one-sided binomial probability of so many, after Benjamini and Hochberg.
    """
    counts = counts.dropna(subset="office")
    if counts.empty:
        return counts.assign(ordinary=0.0, q=1.0)
    office = counts.groupby("office")[["k", "n"]].transform("sum") - counts[["k", "n"]]
    own = (office["k"] / office["n"].where(office["n"] > 0)).fillna(0.0)
    everybody = counts["k"].sum() / max(int(counts["n"].sum()), 1)
    ordinary = own.clip(lower=everybody)
    p = binom.sf(counts["k"] - 1, counts["n"], ordinary)
    return counts.assign(ordinary=ordinary, q=false_discovery_control(p))
