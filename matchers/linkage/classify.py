"""分类 — Fellegi–Sunter over levels, in recordlinkage's classes: supervised, and by ECM on patterns.

Field by field, m is the chance of a level among pairs of one person, u among pairs of two; the weight of a
level is log2 m/u bits. Equal comparison patterns are counted once, so that fitting costs little however many
pairs there are. A level that a field declares missing has the weight nought.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from recordlinkage.base import BaseClassifier

from matchers.linkage.encoding import Ints

Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.integer[Any]]


class FellegiSunterClassifier(BaseClassifier):  # type: ignore[misc]
    """Supervised: m from the given matches, u from all other pairs; ``prob`` treats pairs one by one.

    ``sizes``: how many levels each column has, by default as many as are seen. ``missing``: the level of each
    column that says nothing, or -1. ``smoothing``: pseudo-counts per level.
    """

    def __init__(
        self, sizes: Sequence[int] | None = None, missing: Sequence[int] | None = None, smoothing: float = 0.5
    ):
        self.sizes = None if sizes is None else list(sizes)
        self.missing = None if missing is None else list(missing)
        self.smoothing = smoothing
        self.m_probs: list[Floats] = []
        self.u_probs: list[Floats] = []
        self.p = 0.5

    @classmethod
    def of(
        cls, m: Sequence[Floats], u: Sequence[Floats], p: float, missing: Sequence[int]
    ) -> "FellegiSunterClassifier":
        """A classifier with these parameters."""
        classifier = cls([len(levels) for levels in m], missing)
        classifier.m_probs, classifier.u_probs, classifier.p = list(m), list(u), p
        return classifier

    @property
    def weights(self) -> list[Floats]:
        """Bits for each level of each column."""
        bits = [np.log2(m) - np.log2(u) for m, u in zip(self.m_probs, self.u_probs, strict=True)]
        for column, level in zip(bits, self.missing or [-1] * len(bits), strict=True):
            if level >= 0:
                column[level] = 0.0
        return bits

    def bits(self, levels: Table) -> Floats:
        """The bits of each pair and column."""
        return np.column_stack([table[levels[:, n]] for n, table in enumerate(self.weights)])

    def _fit(self, comparison_vectors: Table, y: npt.NDArray[np.int_]) -> None:
        self.sizes = self.sizes or _sizes(comparison_vectors)
        patterns, count, back = compressed(comparison_vectors, self.sizes)
        matches = np.bincount(back, weights=y, minlength=len(patterns))
        self.m_probs = self._shares(patterns, matches)
        self.u_probs = self._shares(patterns, count - matches)
        self.p = float(np.clip(y.mean(), 1e-12, 1 - 1e-12))

    def _shares(self, patterns: Table, weight: npt.NDArray[Any]) -> list[Floats]:
        return [
            smoothed(np.bincount(patterns[:, n], weights=weight, minlength=size), self.smoothing)
            for n, size in enumerate(self.sizes or [])
        ]

    def _prob_match(self, comparison_vectors: Table) -> Floats:
        patterns, _, back = compressed(comparison_vectors, self.sizes or _sizes(comparison_vectors))
        score = self.bits(patterns).sum(axis=1) + np.log2(self.p) - np.log2(1 - self.p)
        return np.asarray(1.0 / (1.0 + np.exp2(np.clip(-score, -1000, 1000)))[back])

    def _predict(self, comparison_vectors: Table) -> npt.NDArray[np.int_]:
        return (self._prob_match(comparison_vectors) >= 0.5).astype(int)


class PatternECM(FellegiSunterClassifier):
    """Unsupervised: expectation and conditional maximisation over distinct patterns, from Jaro's start.

    On binary features it takes the steps of ``recordlinkage.ECMClassifier`` and stops where that stops.
    """

    def __init__(self, max_iter: int = 100, atol: float = 1e-4, missing: Sequence[int] | None = None):
        super().__init__(missing=missing, smoothing=0.0)
        self.max_iter, self.atol = max_iter, atol

    def _fit(self, comparison_vectors: Table, y: npt.NDArray[np.int_] | None = None) -> None:
        gone = self.missing or [-1] * comparison_vectors.shape[1]
        self.sizes = [max(size, n + 1) for size, n in zip(_sizes(comparison_vectors), gone, strict=True)]
        patterns, count, _ = compressed(comparison_vectors, self.sizes)
        self.p = 0.1
        self.m_probs = [np.linspace(0.1, 0.9, size) for size in self.sizes]
        self.u_probs = [np.linspace(0.9, 0.1, size) for size in self.sizes]
        for _ in range(self.max_iter):
            before = [np.array([self.p]), *self.m_probs, *self.u_probs]
            matches = self._prob_match(patterns) * count
            self.p = float(matches.sum() / count.sum())
            self.m_probs = self._shares(patterns, matches)
            self.u_probs = self._shares(patterns, count - matches)
            now = [np.array([self.p]), *self.m_probs, *self.u_probs]
            if all(np.allclose(a, b, atol=self.atol) for a, b in zip(now, before, strict=True)):
                break


def _sizes(levels: Table) -> list[int]:
    return [int(column.max(initial=0)) + 1 for column in levels.T]


def smoothed(count: npt.NDArray[Any], pseudo: float) -> Floats:
    """Shares of counts with ``pseudo`` more of each; never exactly nought."""
    total = count.sum() + pseudo * len(count)
    return np.asarray(np.maximum((count + pseudo) / max(total, 1e-300), 1e-300))


def compressed(levels: Table, sizes: Sequence[int]) -> tuple[Table, Ints, Ints]:
    """The distinct patterns of the pairs, how often each occurs, and the pattern of each pair."""
    code = np.zeros(len(levels), np.int64)
    for n, size in enumerate(sizes):
        code = code * size + levels[:, n]
    room = int(np.prod(sizes))
    if room <= 1 << 22:
        every = np.bincount(code, minlength=room)
        seen = np.flatnonzero(every)
        place = np.zeros(room, np.int64)
        place[seen] = np.arange(len(seen))
        count, back = every[seen], place[code]
    else:
        seen, back, count = np.unique(code, return_inverse=True, return_counts=True)
    patterns = np.empty((len(seen), len(sizes)), np.int64)
    rest = seen.copy()
    for n in range(len(sizes) - 1, -1, -1):
        patterns[:, n] = rest % sizes[n]
        rest //= sizes[n]
    return patterns, count, back
