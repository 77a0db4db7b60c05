"""比较 — comparisons in recordlinkage's own classes that work on positions instead of labels.

Every feature here also works inside a stock ``recordlinkage.Compare``, and ``PositionCompare`` takes stock
features too: parts can be exchanged one by one. A column is encoded once and gathered by position, where the
stock class looks up two labels and calls Python for every pair.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage
from recordlinkage.base import BaseCompareFeature

from matchers.linkage.encoding import Ints, Levels
from matchers.schemas import AnyRows

LONG = 16  # characters from which two values are taken to share some


class PositionFeature(BaseCompareFeature):  # type: ignore[misc]
    """A feature of two steps: ``encode`` one side's columns, ``compare`` two encodings at positions."""

    def encode(self, *columns: "pd.Series[Any]") -> Any:
        """One side's columns in the form that ``compare`` gathers from."""
        raise NotImplementedError

    def compare(self, left: Any, right: Any, i: Ints, j: Ints) -> npt.NDArray[Any]:
        """The feature of the pairs ``left[i]``, ``right[j]``."""
        raise NotImplementedError

    def _compute_vectorized(self, *columns: "pd.Series[Any]") -> npt.NDArray[Any]:
        half = len(columns) // 2
        here = np.arange(len(columns[0]))
        return self.compare(self.encode(*columns[:half]), self.encode(*columns[half:]), here, here)


class LevelFeature(PositionFeature):
    """A feature whose values are agreement levels, int8, as named in ``levels``; the last one is missing."""

    levels: type[IntEnum]

    def compare(self, left: Any, right: Any, i: Ints, j: Ints) -> Levels:
        """The level of each pair."""
        raise NotImplementedError


class PositionCompare(recordlinkage.Compare):  # type: ignore[misc]
    """A ``Compare`` that gathers by position; the encodings of two frames are kept while they come again."""

    def __init__(self, features: Sequence[BaseCompareFeature] = ()):
        super().__init__(list(features))
        self._kept: dict[str, tuple[pd.DataFrame, dict[int, Any]]] = {}

    def _compute(
        self, pairs: pd.MultiIndex, x: pd.DataFrame, x_link: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        right = x if x_link is None else x_link
        i, j = positions(pairs, 0, x), positions(pairs, 1, right)
        columns = {
            n if feature.label is None else feature.label: self._feature(n, feature, x, right, i, j)
            for n, feature in enumerate(self.features)
        }
        return pd.DataFrame(columns, index=pairs, copy=False)

    def _feature(
        self, n: int, feature: BaseCompareFeature, x: pd.DataFrame, right: pd.DataFrame, i: Ints, j: Ints
    ) -> npt.NDArray[Any]:
        on_left = [x[c] for c in _listed(feature.labels_left)]
        on_right = [right[c] for c in _listed(feature.labels_right)]
        if isinstance(feature, PositionFeature):
            return feature.compare(self.encoded(n, x, "left"), self.encoded(n, right, "right"), i, j)
        gathered = [tuple(c.take(at).reset_index(drop=True) for c in side)
                    for side, at in ((on_left, i), (on_right, j))]  # fmt: skip
        return np.asarray(feature._compute(*gathered))

    def encoded(self, n: int, frame: AnyRows, side: Literal["left", "right"]) -> Any:
        """The columns of feature ``n`` in a frame, encoded; kept until another frame comes on that side."""
        if side not in self._kept or self._kept[side][0] is not frame:
            self._kept[side] = (frame, {})
        kept = self._kept[side][1]
        if n not in kept:
            feature = self.features[n]
            labels = feature.labels_left if side == "left" else feature.labels_right
            kept[n] = feature.encode(*(frame[c] for c in _listed(labels)))
        return kept[n]


def _listed(labels: Any) -> list[Any]:
    return list(labels) if isinstance(labels, list | tuple) else [labels]


def paired(left: AnyRows, right: AnyRows, i: Ints, j: Ints) -> pd.MultiIndex:
    """The pairs of two row positions, sharing the labels of the frames."""
    return pd.MultiIndex(
        levels=[left.index, right.index],  # type: ignore[list-item]
        codes=[i, j],  # type: ignore[list-item]
        verify_integrity=False,
    )


def positions(pairs: pd.MultiIndex, level: int, frame: AnyRows) -> Ints:
    """The row positions of one side of the pairs; labels are looked up once each, not once a pair."""
    labels = pairs.levels[level]
    if labels is frame.index or labels.equals(frame.index):
        return np.asarray(pairs.codes[level], np.int64)
    return np.asarray(frame.index.get_indexer(labels)[pairs.codes[level]], np.int64)


class Same(PositionFeature):
    """1 where both values are equal, 0 where they differ or one is missing."""

    def encode(self, *columns: "pd.Series[Any]") -> npt.NDArray[Any]:
        """The values as they are."""
        return columns[0].to_numpy()

    def compare(self, left: npt.NDArray[Any], right: npt.NDArray[Any], i: Ints, j: Ints) -> Levels:
        """Equality on codes of the distinct values of both sides."""
        a, b, _ = _coded(left, right)
        return np.asarray((a[i] == b[j]) & (a[i] >= 0), np.int8)


class Similarity(PositionFeature):
    """A normalised similarity of rapidfuzz; 0 where one is missing or the two share no letter.

    ``symmetric``: both orders of two values give the same, so that one of them is enough.
    """

    def __init__(
        self,
        left_on: str,
        right_on: str,
        scorer: Callable[..., float],
        label: str | None = None,
        *,
        symmetric: bool = False,
    ):
        super().__init__(left_on, right_on, label=label)
        self.scorer, self.symmetric = scorer, symmetric

    def encode(self, *columns: "pd.Series[Any]") -> npt.NDArray[Any]:
        """The values as they are."""
        return columns[0].to_numpy()

    def compare(
        self, left: npt.NDArray[Any], right: npt.NDArray[Any], i: Ints, j: Ints
    ) -> npt.NDArray[np.float32]:
        """The similarity of each pair, equal values without a computation."""
        from rapidfuzz.process import cpdist

        a, b, values = _coded(left, right)
        x, y = a[i], b[j]
        similarity: npt.NDArray[np.float32] = np.asarray((x == y) & (x >= 0), np.float32)
        open_pairs = np.flatnonzero((x != y) & (x >= 0) & (y >= 0))
        open_pairs = open_pairs[_share_a_letter(values, x[open_pairs], y[open_pairs])]
        a, b = x[open_pairs], y[open_pairs]
        back: Ints | slice = slice(None)
        if len(values) <= len(a) // 4:
            if self.symmetric:
                a, b = np.minimum(a, b), np.maximum(a, b)
            back, distinct = pd.factorize(a.astype(np.int64) * len(values) + b)
            a, b = np.divmod(distinct, max(len(values), 1))
        scores = cpdist(values[a], values[b], scorer=self.scorer, dtype=np.float32, workers=-1)
        similarity[open_pairs] = scores[back]
        return similarity


def _share_a_letter(
    values: npt.NDArray[Any], x: npt.NDArray[np.int32], y: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Whether two values may have a letter in common, by sixty-four bits for all letters of a value.

    Long values are not tested: they nearly always have.
    """
    texts = values.astype(str)
    width = texts.itemsize // 4
    if width > LONG:
        return np.ones(len(x), bool)
    points = texts.view(np.uint32).reshape(len(texts), width)
    bits = np.where(points > 0, np.uint64(1) << (points & np.uint32(63)).astype(np.uint64), np.uint64(0))
    letters = np.bitwise_or.reduce(bits, axis=1)
    return np.asarray((letters[x] & letters[y]) != 0)


def _coded(
    left: npt.NDArray[Any], right: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[Any]]:
    codes, values = pd.factorize(np.concatenate([left, right]))
    narrow = np.asarray(codes, np.int32)
    return narrow[: len(left)], narrow[len(left) :], np.asarray(values)
