"""号码比较 — how a damaged resident ID number differs from a sound one: by one edit, a mask, a spreadsheet.

Two sound numbers are never one substitution or one swap of neighbours apart (ISO 7064 MOD 11-2), so one edit
is strong evidence. Distance alone is not: within one region and birthday every eighteenth pair is two apart.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matchers.linkage.compare import LevelFeature
from matchers.linkage.encoding import Ints, Levels, Mask, code_points, text
from matchers.text import replace

REGION, BIRTH, SERIAL = slice(0, 6), slice(6, 14), slice(14, 18)
MASK = 11
_X, _OTHER, _END = 10, 12, 13


class NumberLevel(IntEnum):
    """How a row's number differs from a recipient's. The last is also a number that says nothing."""

    EQUAL = 0
    REGION_DIGIT = 1
    BIRTH_DIGIT = 2
    SERIAL_DIGIT = 3
    SWAPPED = 4
    DROPPED = 5
    INSERTED = 6
    MASKED_BIRTH = 7
    MASKED_SERIAL = 8
    FLOAT15 = 9
    FLOAT6 = 10
    TWO_DIGITS = 11
    BIRTH_SERIAL = 12
    REGION_SERIAL = 13
    REGION_BIRTH = 14
    BIRTH_ONLY = 15
    REGION_ONLY = 16
    DIFFERENT = 17
    MISSING = 18


REPAIRABLE = frozenset(range(NumberLevel.EQUAL, NumberLevel.FLOAT6 + 1))
HOLDS_BIRTH = frozenset(
    {
        NumberLevel.EQUAL, NumberLevel.REGION_DIGIT, NumberLevel.BIRTH_DIGIT, NumberLevel.SERIAL_DIGIT,
        NumberLevel.SWAPPED, NumberLevel.DROPPED, NumberLevel.INSERTED, NumberLevel.MASKED_SERIAL,
        NumberLevel.FLOAT15, NumberLevel.TWO_DIGITS, NumberLevel.BIRTH_SERIAL, NumberLevel.REGION_BIRTH,
        NumberLevel.BIRTH_ONLY,
    }
)  # fmt: skip
# Serials that agree, but for one digit or one edit; and those of which little or nothing is left to see.
HIDES_SERIAL = frozenset({NumberLevel.MASKED_SERIAL, NumberLevel.FLOAT15, NumberLevel.FLOAT6})
HOLDS_SERIAL = (REPAIRABLE - HIDES_SERIAL) | {
    NumberLevel.TWO_DIGITS, NumberLevel.BIRTH_SERIAL, NumberLevel.REGION_SERIAL
}  # fmt: skip
HOLDS_REGION = frozenset(range(NumberLevel.REGION_ONLY + 1)) - {
    NumberLevel.BIRTH_SERIAL,
    NumberLevel.BIRTH_ONLY,
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Encoded numbers: nineteen characters (X 10, ``*`` 11, other 12, 13 behind the end) and the length.

    ``floats``: where the text is scientific notation, its digits stand in front and stars behind.
    """

    characters: npt.NDArray[np.uint8]
    length: npt.NDArray[np.int16]
    floats: Mask
    region: Ints = field(init=False)
    birth: Ints = field(init=False)
    serial: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Reads the three segments, the serial from the right end."""
        object.__setattr__(self, "region", self.part(REGION))
        object.__setattr__(self, "birth", self.part(BIRTH))
        tail = np.clip(self.length - 18, -2, 1)
        object.__setattr__(self, "serial", np.where(self.length >= 16, self.part(SERIAL, shift=tail), -1))

    def part(self, where: slice, *, shift: npt.NDArray[np.int16] | int = 0) -> Ints:
        """A segment as a number, X as 10; missing where it cannot be read. ``shift`` moves it per number."""
        value = _number(self.characters[:, where], 11)
        for step in np.unique(shift):
            if step and where.start + step >= 0:
                moved = np.flatnonzero(shift == step)
                cut = slice(where.start + step, where.stop + step)
                value[moved] = _number(self.characters[moved, cut], 11)
        return value

    def birth_date(self) -> Ints:
        """The birth date in each number as yyyymmdd; missing where it cannot be read."""
        return np.where(self.length >= 17, _number(self.characters[:, BIRTH], 10), -1)


def _number(digits: npt.NDArray[np.uint8], base: int) -> Ints:
    value = np.zeros(len(digits), np.int64)
    for column in np.ascontiguousarray(digits.T):
        value *= base
        value += column
    return np.where((digits < base).all(axis=1), value, -1)


def encode(values: "pd.Series[str]") -> Numbers:
    """The numbers of one column; shortened masks are stretched to eighteen characters."""
    column = pc.fill_null(text(values), "")
    odd = np.flatnonzero(pc.match_substring_regex(column, r"[*Ee.+]").to_numpy(zero_copy_only=False))
    floats = np.zeros(len(column), bool)
    if len(odd):
        stretched, floats[odd] = zip(*map(_stretched, column.take(pa.array(odd)).to_pylist()), strict=True)
        column = replace(column, odd, stretched)
    length = pc.utf8_length(column).to_numpy(zero_copy_only=False).astype(np.int16)
    points = np.minimum(code_points(column, 19), 255)
    return Numbers(_CHARACTER[points], length, floats)


def _characters() -> npt.NDArray[np.uint8]:
    table = np.full(256, _OTHER, np.uint8)
    table[48:58] = np.arange(10)
    table[[88, 42, 0]] = _X, MASK, _END
    return table


_CHARACTER = _characters()


def _stretched(value: str) -> tuple[str, bool]:
    mantissa, e, exponent = value.upper().partition("E")
    if e:
        digits = mantissa.replace(".", "")
        sound = digits.isdigit() and exponent.lstrip("+") == "17" and len(digits) >= 4
        return (digits[:18].ljust(18, "*"), True) if sound else (value, False)
    if "*" in value and len(value) != 18:
        head, tail = value.partition("*")[0], value.rpartition("*")[2]
        return head + "*" * max(18 - len(head) - len(tail), 0) + tail, False
    return value, False


class NumberFeature(LevelFeature):
    """``NumberLevel`` of a recipient's number key and a row's number as folded."""

    levels = NumberLevel

    def encode(self, *columns: "pd.Series[str]") -> Numbers:
        """The characters of each number."""
        return encode(columns[0])

    def compare(self, left: Numbers, right: Numbers, i: Ints, j: Ints) -> Levels:
        """Segments first; characters only where a segment agrees that strangers seldom share."""
        length, floats = right.length[j], right.floats[j]
        levels, near = _segments(left, right, i, j)
        sound = left.length[i] == 18
        for size, edits in ((18, _full), (17, _dropped), (19, _inserted)):
            at = np.flatnonzero(near & sound & (length == size) & ~floats)
            levels[at] = edits(left.characters[i[at], :18], right.characters[j[at]], levels[at])
        at = np.flatnonzero(sound & floats)
        levels[at] = _scientific(left.characters[i[at], :18], right.characters[j[at], :18])
        other = np.flatnonzero(~sound & (left.length[i] > 0) & (left.length[i] == length))
        levels[~sound | (length < 14)] = NumberLevel.MISSING
        same = (left.characters[i[other]] == right.characters[j[other]]).all(axis=1)
        levels[other[same]] = NumberLevel.EQUAL
        return levels


def _segments(left: Numbers, right: Numbers, i: Ints, j: Ints) -> tuple[Levels, Mask]:
    """Which of region, birth date and serial agree, and whether an edit is worth looking for.

    One edit leaves the region or the serial whole.
    """
    region, birth, serial = (
        (getattr(left, part)[i] == getattr(right, part)[j]) & (getattr(right, part)[j] >= 0)
        for part in ("region", "birth", "serial")
    )
    levels = np.select(
        [birth & serial, region & serial, region & birth, birth, region],
        [np.int8(level) for level in (
            NumberLevel.BIRTH_SERIAL, NumberLevel.REGION_SERIAL, NumberLevel.REGION_BIRTH,
            NumberLevel.BIRTH_ONLY, NumberLevel.REGION_ONLY)],
        np.int8(NumberLevel.DIFFERENT),
    )  # fmt: skip
    return levels, region | serial


def _full(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], levels: Levels) -> Levels:
    """Eighteen characters against eighteen: substitution, swap, mask or a spreadsheet's rounding."""
    y = y[:, :18]
    hidden = y == MASK
    differs = (x != y) & ~hidden
    count = differs.sum(axis=1)
    first = differs.argmax(axis=1)
    at = np.arange(len(x))
    levels[(count == 2) & ~_inside_serial(differs)] = NumberLevel.TWO_DIGITS
    second = np.minimum(first + 1, 17)
    swapped = (count == 2) & (x[at, first] == y[at, second]) & (x[at, second] == y[at, first])
    levels[swapped & differs[at, second]] = NumberLevel.SWAPPED
    one = count == 1
    levels[one & (first < 6)] = NumberLevel.REGION_DIGIT
    levels[one & (first >= 6) & (first < 14)] = NumberLevel.BIRTH_DIGIT
    levels[one & (first >= 14)] = NumberLevel.SERIAL_DIGIT
    rounded = np.flatnonzero((count > 0) & ~differs[:, :10].any(axis=1))
    levels[rounded[_is_float(x[rounded], y[rounded])]] = NumberLevel.FLOAT15
    levels[count == 0] = NumberLevel.EQUAL
    masked = hidden.any(axis=1)
    legible = masked & (count == 0) & (hidden.sum(axis=1) <= 10)
    levels[masked & (count > 0) & (levels <= NumberLevel.FLOAT15)] = NumberLevel.DIFFERENT
    levels[masked & ~legible & (count == 0)] = NumberLevel.MISSING
    levels[legible] = np.where(
        hidden[legible, BIRTH].any(axis=1), NumberLevel.MASKED_BIRTH, NumberLevel.MASKED_SERIAL
    )
    return levels


def _inside_serial(differs: Mask) -> Mask:
    return np.asarray(~differs[:, :14].any(axis=1))


def _is_float(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> Mask:
    """Whether ``y`` is what a spreadsheet makes of ``x``: fifteen digits and zeros, or the nearest double."""
    zeros = (y[:, 15:] == 0).all(axis=1) & (x[:, :15] == y[:, :15]).all(axis=1)
    digits = 10 ** np.arange(17, -1, -1, dtype=np.int64)
    numeric = (x[:, 17] < _X) & (y <= 9).all(axis=1)
    value = np.where(numeric[:, None], x, 0).astype(np.int64) @ digits
    seen = np.where(numeric[:, None], y, 0).astype(np.int64) @ digits
    return np.asarray(zeros | (numeric & (value.astype(np.float64).astype(np.int64) == seen)))


def _dropped(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], levels: Levels) -> Levels:
    return np.where(_one_less(x, y[:, :17]), np.int8(NumberLevel.DROPPED), levels)


def _inserted(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], levels: Levels) -> Levels:
    return np.where(_one_less(y, x), np.int8(NumberLevel.INSERTED), levels)


def _one_less(long: npt.NDArray[np.uint8], short: npt.NDArray[np.uint8]) -> Mask:
    """Whether ``long`` without one character is ``short``: equal heads and tails meet."""
    size = short.shape[1]
    head = np.cumprod(long[:, :size] == short, axis=1).sum(axis=1)
    tail = np.cumprod((long[:, 1:] == short)[:, ::-1], axis=1).sum(axis=1)
    return np.asarray(head + tail >= size)


def _scientific(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> Levels:
    """Scientific notation: the leading digits agree when rounded. Fifteen digits are a ``FLOAT15``."""
    count = (y != MASK).sum(axis=1)
    shown = np.arange(18) < count[:, None]
    scale = 10.0 ** np.clip(count[:, None] - 1 - np.arange(18), -17, 17)
    distance = ((x.astype(np.float64) - np.where(shown, y, 0)) * scale).sum(axis=1)
    agrees = (distance > -0.54) & (distance < 1.0)  # rounded from the nearest double, or cut off
    level = np.where(count >= 14, NumberLevel.FLOAT15, NumberLevel.FLOAT6)
    return np.where(agrees, level, NumberLevel.DIFFERENT).astype(np.int8)
