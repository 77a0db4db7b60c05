"""其他比较 — birth date, sex, telephone, district and employer, each as a level of agreement."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matchers.linkage.compare import LevelFeature
from matchers.linkage.encoding import Ints, Levels, Mask, days, digits, phones, text


class BirthLevel(IntEnum):
    """How two birth dates agree."""

    EQUAL = 0
    SWAPPED = 1
    ONE_DIGIT = 2
    TEN_YEARS = 3
    TWO_PARTS = 4
    YEAR_ONLY = 5
    DIFFERENT = 6
    MISSING = 7


class SameLevel(IntEnum):
    """Equal, different or missing."""

    EQUAL = 0
    DIFFERENT = 1
    MISSING = 2


class PhoneLevel(IntEnum):
    """How two telephone numbers agree; the same digits but two neighbours swapped count as one digit."""

    EQUAL = 0
    ONE_DIGIT = 1
    DIFFERENT = 2
    MISSING = 3


class EmployerLevel(IntEnum):
    """How two employers agree; ``SAME_CORE`` without place and legal form."""

    EQUAL = 0
    SAME_CORE = 1
    SIMILAR = 2
    DIFFERENT = 3
    MISSING = 4


class BirthFeature(LevelFeature):
    """``BirthLevel`` of two dates."""

    levels = BirthLevel

    def encode(self, *columns: "pd.Series[Any]") -> Ints:
        """Dates as yyyymmdd."""
        return days(columns[0])

    def compare(self, left: Ints, right: Ints, i: Ints, j: Ints) -> Levels:
        """Year, month and day taken apart where the dates are not equal."""
        x, y = left[i], right[j]
        levels: Levels = np.where(x == y, np.int8(BirthLevel.EQUAL), np.int8(BirthLevel.DIFFERENT))
        levels[(x < 0) | (y < 0)] = BirthLevel.MISSING
        unequal = np.flatnonzero(levels == BirthLevel.DIFFERENT)
        levels[unequal] = _dates_apart(x[unequal], y[unequal])
        return levels


def _dates_apart(x: Ints, y: Ints) -> Levels:
    parts = [(x // 10_000, y // 10_000), (x // 100 % 100, y // 100 % 100), (x % 100, y % 100)]
    (year_x, year_y), (month_x, month_y), (day_x, day_y) = parts
    agreeing = sum((a == b).astype(np.int8) for a, b in parts)
    swapped = (year_x == year_y) & (month_x == day_y) & (day_x == month_y)
    ten_years = (np.abs(year_x - year_y) == 10) & (month_x == month_y) & (day_x == day_y)
    level = np.select(
        [swapped, ten_years, _digits_apart(x, y, 8) == 1, agreeing == 2, year_x == year_y],
        [BirthLevel.SWAPPED, BirthLevel.TEN_YEARS, BirthLevel.ONE_DIGIT, BirthLevel.TWO_PARTS,
         BirthLevel.YEAR_ONLY],
        BirthLevel.DIFFERENT,
    )  # fmt: skip
    return np.asarray(level, np.int8)


class SexFeature(LevelFeature):
    """``SameLevel`` of ``M`` and ``F``."""

    levels = SameLevel

    def encode(self, *columns: "pd.Series[str]") -> npt.NDArray[np.int8]:
        """1 for men, 0 for women."""
        place = pc.index_in(text(columns[0]), pa.array(["F", "M"]))
        return np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), np.int8)

    def compare(self, left: npt.NDArray[np.int8], right: npt.NDArray[np.int8], i: Ints, j: Ints) -> Levels:
        """Equal or not."""
        return _same(left[i], right[j])


class DistrictFeature(LevelFeature):
    """``SameLevel`` of six-digit district codes."""

    levels = SameLevel

    def encode(self, *columns: "pd.Series[str]") -> Ints:
        """The code as a number."""
        return digits(columns[0], longest=6)

    def compare(self, left: Ints, right: Ints, i: Ints, j: Ints) -> Levels:
        """Equal or not."""
        return _same(left[i], right[j])


class PhoneFeature(LevelFeature):
    """``PhoneLevel`` of two numbers, without country code and leading zeros."""

    levels = PhoneLevel

    def encode(self, *columns: "pd.Series[str]") -> Ints:
        """The digits as a number."""
        return phones(columns[0])

    def compare(self, left: Ints, right: Ints, i: Ints, j: Ints) -> Levels:
        """Equal, one edit of a digit apart, or different."""
        x, y = left[i], right[j]
        levels = np.where(x == y, np.int8(PhoneLevel.EQUAL), np.int8(PhoneLevel.DIFFERENT))
        levels[(x < 0) | (y < 0)] = PhoneLevel.MISSING
        near = np.flatnonzero(levels == PhoneLevel.DIFFERENT)
        near = near[_may_be_one_edit(x[near], y[near])]
        levels[near[_one_edit(x[near], y[near])]] = PhoneLevel.ONE_DIGIT
        return levels


def _same(x: npt.NDArray[np.integer], y: npt.NDArray[np.integer]) -> Levels:
    level = np.where(x == y, np.int8(SameLevel.EQUAL), np.int8(SameLevel.DIFFERENT))
    level[(x < 0) | (y < 0)] = SameLevel.MISSING
    return level


def _digits_apart(x: Ints, y: Ints, size: int) -> npt.NDArray[np.int8]:
    apart = np.zeros(len(x), np.int8)
    for place in range(size):
        apart += x // 10**place % 10 != y // 10**place % 10
    return apart


def _may_be_one_edit(x: Ints, y: Ints) -> Mask:
    """A cheap test that every pair one edit apart passes: the difference is d·10ᵏ, or 9d·10ᵏ for a swap."""
    apart = np.abs(x - y)
    return np.isin(apart, _STEPS)


_STEPS = np.unique([d * 10**k for d in (*range(1, 10), *(9 * m for m in range(1, 10))) for k in range(15)])


def _one_edit(x: Ints, y: Ints) -> Mask:
    apart = _digits_apart(x, y, 15)
    swapped = np.zeros(len(x), bool)
    for place in range(14):
        a, b = x // 10**place % 10, x // 10 ** (place + 1) % 10
        swapped |= (a != b) & (x + (a - b) * 10 ** (place + 1) + (b - a) * 10**place == y)
    return np.asarray((apart == 1) | swapped)


_PLACE = re.compile(r"^(?:[\u4e00-\u9fff]{1,7}?(?:省|自治区|市|自治县|区|县))+(?=[\u4e00-\u9fff]{4})")
_FORM = re.compile(
    r"(?:股份|有限|责任|公司|集团|分公司|总公司|支公司|分店|经营部|服务部|工作室|厂|店|中心|合作社|个体工商户)+$"
)
_BRACKETS = re.compile(r"[()（）\s·.,]")


def core(employer: str) -> str:
    """The employer's name without place and legal form; the name itself where nothing would be left."""
    bare = _BRACKETS.sub("", employer)
    short = _FORM.sub("", _PLACE.sub("", bare))
    return short if len(short) >= 2 else bare


@dataclass(frozen=True, slots=True)
class Employers:
    """Encoded employers: codes of names, of cores and of credit codes; ``cores`` holds the texts."""

    name: npt.NDArray[np.int32]
    core: npt.NDArray[np.int32]
    credit_code: npt.NDArray[np.int32]


class EmployerFeature(LevelFeature):
    """``EmployerLevel`` of (name, credit code) of both sides; an equal credit code is an equal employer."""

    levels = EmployerLevel

    def __init__(self, left_on: list[str], right_on: list[str], label: str | None = None):
        super().__init__(left_on, right_on, label=label)
        self._names: dict[str, int] = {}
        self._cores: dict[str, int] = {}
        self._codes: dict[str, int] = {}

    def encode(self, *columns: "pd.Series[str]") -> Employers:
        """Codes of the distinct values, the same on both sides."""
        name, values = _factorized(columns[0])
        own = _numbered(self._names, values)
        cores = _numbered(self._cores, [core(value) for value in values])
        code, codes = _factorized(columns[1])
        return Employers(own[name], cores[name], _numbered(self._codes, codes)[code])

    def compare(self, left: Employers, right: Employers, i: Ints, j: Ints) -> Levels:
        """Similarity only between distinct cores, once each."""
        levels = np.full(len(i), np.int8(EmployerLevel.DIFFERENT))
        a, b = left.core[i], right.core[j]
        named = (a >= 0) & (b >= 0)
        code_x, code_y = left.credit_code[i], right.credit_code[j]
        coded = (code_x >= 0) & (code_y >= 0)
        unlike = np.flatnonzero(named & (a != b))
        levels[unlike[self._alike(a[unlike], b[unlike])]] = EmployerLevel.SIMILAR
        levels[named & (a == b)] = EmployerLevel.SAME_CORE
        levels[named & (left.name[i] == right.name[j])] = EmployerLevel.EQUAL
        levels[coded & (code_x == code_y)] = EmployerLevel.EQUAL
        levels[~named & ~coded] = EmployerLevel.MISSING
        return levels

    def _alike(self, a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]) -> Mask:
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cpdist

        size = max(len(self._cores), 1)
        pairs, back = np.unique(a.astype(np.int64) * size + b, return_inverse=True)
        texts = np.array(list(self._cores) or [""], object)
        score = cpdist(
            texts[pairs // size], texts[pairs % size],
            scorer=Indel.normalized_similarity, score_cutoff=0.8, dtype=np.float32, workers=-1,
        )  # fmt: skip
        return np.asarray((score >= 0.8)[back], bool)


def _factorized(column: "pd.Series[str]") -> tuple[Ints, list[str]]:
    values = text(column).dictionary_encode()
    codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, values.dictionary.to_pylist()


def _numbered(numbers: dict[str, int], values: list[str]) -> npt.NDArray[np.int32]:
    """The number of each value, and -1 at the end for missing."""
    return np.array([*(numbers.setdefault(value, len(numbers)) for value in values), -1], np.int32)
