"""抽样与估计 — a random draw that anybody can repeat, and what its checks say, with intervals.

Clopper–Pearson within a stratum; over several strata Korn and Graubard's, which widens it by the design. No
figure of recall is shown before a year of checks holds ``CHECKS_FOR_RECALL``.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.stats import beta, binomtest, t

LEVEL = 0.95
CHECKS_FOR_RECALL = 1000


@dataclass(frozen=True, slots=True)
class Stratum:
    """``population`` subjects, of which ``checked`` were looked at and ``wrong`` were wrong."""

    population: int
    checked: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval; ``None`` where nothing was checked."""

    share: float | None
    low: float = 0.0
    high: float = 1.0


def draw(subjects: Iterable[str], size: int, seed: str) -> list[str]:
    """``size`` of the subjects, each set of them equally likely, the same for the same seed; in order."""
    ranked = sorted(set(subjects), key=lambda s: hashlib.sha256(f"{seed}|{s}".encode()).digest())
    return sorted(ranked[:size])


def share(stratum: Stratum) -> Estimate:
    """The error rate of one stratum."""
    if not stratum.checked:
        return Estimate(None)
    bounds = binomtest(stratum.wrong, stratum.checked).proportion_ci(LEVEL, method="exact")
    return Estimate(stratum.wrong / stratum.checked, float(bounds.low), float(bounds.high))


def overall(strata: Sequence[Stratum]) -> Estimate:
    """The error rate of all strata together, each by its population; unknown where one was not checked."""
    strata = [s for s in strata if s.population]
    if not strata or any(not s.checked for s in strata):
        return Estimate(None)
    everybody, checked = sum(s.population for s in strata), sum(s.checked for s in strata)
    weights = [s.population / everybody for s in strata]
    p = sum(w * s.wrong / s.checked for w, s in zip(weights, strata, strict=True))
    n = _effective(strata, weights, p, checked)
    return Estimate(p, _beta(n * p, n, upper=False), _beta(n * p, n, upper=True))


def _effective(strata: Sequence[Stratum], weights: Sequence[float], p: float, checked: int) -> float:
    """How many checks of a simple sample say as much, held back by the degrees of freedom."""
    variance = sum(
        w * w * (s.wrong / s.checked) * (1 - s.wrong / s.checked) / max(s.checked - 1, 1)
        for w, s in zip(weights, strata, strict=True)
    )
    n = (
        min(p * (1 - p) / variance, checked)
        if variance
        else checked / max(_design(strata, weights, checked), 1)
    )
    freedom = max(checked - len(strata), 1)
    simple, ours = (t.ppf((1 + LEVEL) / 2, f) for f in (max(checked - 1, 1), freedom))
    return float(n * (simple / ours) ** 2)


def _design(strata: Sequence[Stratum], weights: Sequence[float], checked: int) -> float:
    """How much unequal weights cost, where no error was seen to tell."""
    return sum(w * w / s.checked for w, s in zip(weights, strata, strict=True)) * checked


def _beta(x: float, n: float, *, upper: bool) -> float:
    if upper:
        return 1.0 if x >= n else float(beta.ppf((1 + LEVEL) / 2, x + 1, n - x))
    return 0.0 if x <= 0 else float(beta.ppf((1 - LEVEL) / 2, x, n - x + 1))


def recall(raised: int, strata: Sequence[Stratum]) -> Estimate:
    """``raised`` ÷ (``raised`` + what the strata say was missed); unknown before a thousand checks."""
    missed = overall(strata)
    everybody = sum(s.population for s in strata)
    if missed.share is None or sum(s.checked for s in strata) < CHECKS_FOR_RECALL or not raised:
        return Estimate(None)
    of = [raised / (raised + everybody * m) for m in (missed.share, missed.high, missed.low)]
    return Estimate(*of)
