"""坏数 — numbers that a spreadsheet has spoilt, in single texts and in whole columns.

A spreadsheet keeps 15 digits of a number: the rest becomes zeros, or an exponent. One rounded identity number
in eleven passes its own check and is somebody else's, and a number of 16 digits may well end in a zero, so
these are judged by the column as a whole.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, lgamma, log

import numpy as np
import pyarrow as pa

from matchers.text import Positions, buffers

KEPT = 15  # digits of a number
IDENTITY = 18
BEYOND_DOUBT = 1e-5  # as much as chance may do in a column of identity numbers that is taken for damaged
LIKELY = 1e-2  # in another one, where what is lost is an identifier beside a name
MOST = 10_000  # numbers that are kept apart in a file

_WHOLE = re.compile(r"(\d{1,15})\.0+", re.A)
_SPOILT = re.compile(
    r"\d{1,3}([.,]\d+ ?E ?[+-]?|([.,]\d+)? ?[ED] ?\+)\d{1,3}|\d{15,}0{3}(\.0+)?|\d{16,}\.0+|[^*]*\*.*|=.*"
    r"|\d+([.,]\d+)? ?([×✕✖·⋅•∙] ?10 ?\^?|x ?10 ?\^|\^)[+-]?\d{1,3}",
    re.A | re.I,
)
_GROUPED = re.compile(r"\d{1,3}(,\d{3}){2,}(\.0+)?", re.A)
_ZERO = ord("0")


@dataclass(frozen=True, slots=True)
class Rounded:
    """Of a column's numbers of one length: how many; how many end in zeros behind 15 digits, and which.

    Identity numbers are counted by rows, others by their distinct values in each block.
    """

    digits: int
    count: int = 0
    ending: int = 0
    numbers: frozenset[str] = frozenset()

    def __add__(self, other: "Rounded") -> "Rounded":
        numbers = self.numbers if len(self.numbers) > MOST else self.numbers | other.numbers
        return Rounded(self.digits, self.count + other.count, self.ending + other.ending, numbers)

    @property
    def beyond_chance(self) -> bool:
        """Whether a spreadsheet must have rounded the column."""
        chance, ended = 10.0 ** (KEPT - self.digits), len(self.numbers)
        least, doubt = (2, BEYOND_DOUBT) if self.digits == IDENTITY else (1, LIKELY)
        if ended < least or self.ending < min(10 * chance, 1 / 2) * self.count:
            return False
        return _at_least(ended, max(ended, round(ended * self.count / self.ending)), chance) <= doubt * 1.001


@dataclass(frozen=True, slots=True)
class Damage:
    """By column: rows whose number in a text is spoilt; and by column and digits how long numbers end."""

    spoilt: Mapping[str, int] = field(default_factory=dict)
    rounded: Mapping[tuple[str, int], Rounded] = field(default_factory=dict)

    def __add__(self, other: "Damage") -> "Damage":
        spoilt = Counter(self.spoilt) + Counter(other.spoilt)
        rounded = dict(self.rounded)
        for key, more in other.rounded.items():
            rounded[key] = rounded[key] + more if key in rounded else more
        return Damage({name: spoilt[name] for name in sorted(spoilt)}, rounded)


def mended(number: str) -> str | None:
    """A folded number as it was before a spreadsheet, ``None`` where nobody can know."""
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
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
    text = content.tobytes()
    if any(sign in text for sign in _ANYWHERE):
        signs = np.flatnonzero(np.isin(content, np.frombuffer(b"".join(_ANYWHERE), np.uint8)))
        near = np.union1d(near, np.searchsorted(ends, signs, "right"))
    numbers = values.take(pa.array(near)).to_pylist()
    after = [mended(number) for number in numbers]
    changed = [i for i, (a, b) in enumerate(zip(after, numbers, strict=True)) if a != b]
    return near[changed], [after[i] for i in changed]


_SIGN = np.isin(np.arange(256), list(b"+Ee"))
_ANYWHERE = (b"*", b",", b"=", b"^", b"\xc2", b"\xc3", b"\xe2")  # the last begin signs of multiplication


def rounded_identities(texts: pa.StringArray) -> dict[int, Rounded]:
    """How the numbers of 18 digits among folded identity numbers end, under 18."""
    offsets, content = buffers(texts)
    long = np.flatnonzero(np.diff(offsets) == IDENTITY)
    if not len(long):
        return {}
    ends = (offsets[1:] - offsets[0]).take(long).astype(np.int64)
    near = ends[content.take(ends - 1) == _ZERO]
    near = near[(content[near - 2] == _ZERO) & (content[near - 3] == _ZERO)]
    near = near[content[near - IDENTITY] != _ZERO]
    places = np.searchsorted(offsets[1:] - offsets[0], near)
    numbers = texts.take(pa.array(places)).unique().to_pylist()
    sound = frozenset(number for number in numbers if number.isdigit())
    return {IDENTITY: Rounded(IDENTITY, len(ends), len(near), sound)}


def rounded_numbers(texts: pa.StringArray) -> dict[int, Rounded]:
    """How the distinct numbers of 16 and of 17 digits among folded texts end, under each."""
    lengths, endings = np.diff(buffers(texts)[0]), dict[int, Rounded]()
    for digits in range(KEPT + 1, IDENTITY):
        places = np.flatnonzero(lengths == digits)
        numbers = set(filter(str.isdigit, texts.take(pa.array(places)).to_pylist())) if len(places) else ()
        if numbers:
            ending = frozenset(number for number in numbers if not number[KEPT:].strip("0"))
            endings[digits] = Rounded(digits, len(numbers), len(ending), ending)
    return endings


def _at_least(count: int, among: int, chance: float) -> float:
    """The chance that ``count`` or more of ``among`` numbers end in zeros, at most."""
    ways = lgamma(among + 1) - lgamma(count + 1) - lgamma(among - count + 1)
    return exp(min(0.0, ways + count * log(chance)))
