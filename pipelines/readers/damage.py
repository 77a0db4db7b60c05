"""坏数 — numbers that a spreadsheet has spoilt, in texts and in whole columns of identity numbers.

A spreadsheet keeps 15 digits of a number: the rest becomes zeros, or an exponent. One rounded identity number
in eleven passes its own check and is somebody else's, so a column is judged as a whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, lgamma, log

import numpy as np
import pyarrow as pa

from matchers.text import Positions, buffers

CHANCE = 1 / 1000  # of a sound number to end in three zeros
SHARE = 10 * CHANCE
DOUBT = 1e-5  # as much as chance may do in a column that is taken for damaged
MOST = 10_000  # numbers that are kept apart in a file

_WHOLE = re.compile(r"(\d{1,15})\.0+", re.A)
_SPOILT = re.compile(r"\d(\.\d+E[+-]?|E\+)\d{1,3}|\d{15,}0{3}(\.0+)?|\d{16,}\.0+|[^*]*\*.*", re.A | re.I)
_ZERO = ord("0")


@dataclass(frozen=True, slots=True)
class Rounded:
    """Of a column of identity numbers: rows of 18 digits, those that end in three zeros, their numbers."""

    rows: int = 0
    ending: int = 0
    numbers: frozenset[str] = frozenset()

    def __add__(self, other: "Rounded") -> "Rounded":
        numbers = self.numbers if len(self.numbers) > MOST else self.numbers | other.numbers
        return Rounded(self.rows + other.rows, self.ending + other.ending, numbers)

    @property
    def beyond_chance(self) -> bool:
        """Whether a spreadsheet must have rounded the column."""
        count = len(self.numbers)
        if count < 2 or self.ending < SHARE * self.rows:
            return False
        return _at_least(count, max(count, round(count * self.rows / self.ending))) < DOUBT


@dataclass(frozen=True, slots=True)
class Damage:
    """By column: rows whose number in a text is spoilt, and how the identity numbers end."""

    spoilt: Mapping[str, int] = field(default_factory=dict)
    rounded: Mapping[str, Rounded] = field(default_factory=dict)

    def __add__(self, other: "Damage") -> "Damage":
        names = self.spoilt.keys() | other.spoilt.keys()
        ids = self.rounded.keys() | other.rounded.keys()
        return Damage(
            {n: self.spoilt.get(n, 0) + other.spoilt.get(n, 0) for n in sorted(names)},
            {n: self.rounded.get(n, Rounded()) + other.rounded.get(n, Rounded()) for n in sorted(ids)},
        )


def mended(number: str) -> str | None:
    """A folded number as it was before a spreadsheet, ``None`` where nobody can know."""
    if whole := _WHOLE.fullmatch(number):
        return whole[1]
    return None if _SPOILT.fullmatch(number) else number


def spoilt_among(values: pa.StringArray) -> tuple[Positions, list[str | None]]:
    """The ascending positions of folded numbers that a spreadsheet changed, and what is left of each."""
    offsets, content = buffers(values)
    ends, lengths = offsets[1:] - offsets[0], np.diff(offsets)
    if not len(content):
        return np.empty(0, np.int64), []
    ends = ends.astype(np.int64)  # with which bytes are taken faster
    last, second, third = (content.take(ends - back, mode="clip") for back in (1, 2, 3))
    zeros = (last == _ZERO) & ((second == ord(".")) | ((second == _ZERO) & (lengths >= 18)))
    near = np.flatnonzero((zeros | _SIGN.take(third) | _SIGN.take(second)) & (lengths > 2))
    if (stars := content == ord("*")).any():
        near = np.union1d(near, np.searchsorted(ends, np.flatnonzero(stars), "right"))
    numbers = values.take(pa.array(near)).to_pylist()
    after = [mended(number) for number in numbers]
    changed = [i for i, (a, b) in enumerate(zip(after, numbers, strict=True)) if a != b]
    return near[changed], [after[i] for i in changed]


_SIGN = np.isin(np.arange(256), list(b"+Ee"))


def rounded(texts: pa.StringArray) -> Rounded:
    """How the numbers of 18 digits among folded identity numbers end."""
    offsets, content = buffers(texts)
    long = np.flatnonzero(np.diff(offsets) == 18)
    if not len(long):
        return Rounded()
    ends = (offsets[1:] - offsets[0]).take(long).astype(np.int64)
    near = ends[content.take(ends - 1) == _ZERO]
    near = near[(content[near - 2] == _ZERO) & (content[near - 3] == _ZERO)]
    near = near[content[near - 18] != _ZERO]
    if not len(near):
        return Rounded(len(ends))
    places = np.searchsorted(offsets[1:] - offsets[0], near)
    numbers = texts.take(pa.array(places)).unique().to_pylist()
    return Rounded(len(ends), len(near), frozenset(n for n in numbers if n.isdigit()))


def _at_least(count: int, among: int) -> float:
    """The chance that ``count`` or more of ``among`` numbers end in three zeros, at most."""
    ways = lgamma(among + 1) - lgamma(count + 1) - lgamma(among - count + 1)
    return exp(min(0.0, ways + count * log(CHANCE)))
