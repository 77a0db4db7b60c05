"""分块 — which pairs of a recipient and a row are worth comparing: those that share one key of nine.

A damaged number keeps two of its three segments, so region with birth date, birth date with serial and
region with serial find every error inside one segment. Birth date, telephone and the sound of the name
find the rest. A key that more recipients share than ``limit`` is split by the sound of the surname, or
skipped; both are counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from matchers.linkage.compare import PositionCompare, paired
from matchers.linkage.encoding import Ints, mixed
from matchers.linkage.fields import FIELDS, comparison
from matchers.linkage.number_levels import BIRTH, Numbers
from matchers.schemas import ComparedRecipients, ComparedRows

KEYS = {
    "region_birth": "号码的地区与生日段",
    "birth_serial": "号码的生日与顺序段",
    "region_serial": "号码的地区与顺序段",
    "boundary_swap": "号码段界处相邻两位互换",
    "birth": "出生日期",
    "phone": "电话",
    "sound_year": "姓名读音与出生年",
    "sound_district": "姓名读音与区划",
}
_BIT = {name: np.uint8(1 << n) for n, name in enumerate(KEYS)}
CHUNK = 500_000


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of positions, sorted by row, and the keys by which each met, as bits in the order of ``KEYS``."""

    recipient: Ints
    row: Ints
    keys: npt.NDArray[np.uint8]


@dataclass(slots=True)
class Oversized:
    """Rows on keys that too many recipients share: ``split`` by surname sound, or ``skipped``."""

    split: int = 0
    skipped: int = 0


class Blocks(BaseIndexAlgorithm):  # type: ignore[misc]
    """The index algorithm: use it in a ``recordlinkage.Index``, or take ``candidates`` in bounded chunks."""

    name = "blocks"

    def __init__(self, compare: PositionCompare | None = None, *, limit: int = 500, dense: int = 300_000):
        super().__init__(verify_integrity=False)
        self._compare = compare or comparison()
        self._limit, self._dense = limit, dense
        self._sorted: tuple[pd.DataFrame, dict[str, _Sorted]] | None = None
        self.oversized = Oversized()

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        chunks = list(self.candidates(df_a, df_b))
        i, j = (
            np.concatenate([getattr(chunk, side) for chunk in chunks] or [np.empty(0, np.int64)])
            for side in ("recipient", "row")
        )
        return paired(df_a, df_b, i, j)

    def candidates(
        self, recipients: ComparedRecipients, rows: ComparedRows, chunk: int = CHUNK
    ) -> Iterator[Candidates]:
        """All candidate pairs, no more than about ``chunk`` at a time; the pairs of one row stay together."""
        self.oversized = Oversized()
        left = self._left(recipients)
        dense = len(recipients) > self._dense
        joins = [
            join
            for name, key in _right_keys(self._encodings(rows, "right"), dense=dense)
            for join in self._joins(name, left, key, self._sounds(rows, "right"))
        ]
        total = sum((join.count for join in joins), start=np.zeros(len(rows), np.int64))
        for start, stop in _cuts(total, chunk):
            yield _united([join.pairs(start, stop) for join in joins], start, len(recipients))

    def _joins(self, name: str, left: "dict[str, _Sorted]", key: Ints, sounds: Ints) -> "Iterator[_Join]":
        block = left[name]
        low, count = block.range(key)
        large = count > self._limit
        yield _Join(_BIT[name.partition("+")[0]], block.order, low, np.where(large, 0, count))
        if not large.any():
            return
        finer = block.split(self._limit)
        low, count = finer.range(np.where(large, mixed(key, sounds), -1))
        too_large = count > self._limit
        self.oversized.split += int((large & ~too_large).sum())
        self.oversized.skipped += int(too_large.sum())
        yield _Join(_BIT[name.partition("+")[0]], finer.order, low, np.where(too_large, 0, count))

    def _left(self, recipients: pd.DataFrame) -> "dict[str, _Sorted]":
        if self._sorted is None or self._sorted[0] is not recipients:
            encoded = self._encodings(recipients, "left")
            sounds = self._sounds(recipients, "left")
            dense = len(recipients) > self._dense
            keys = dict(_left_keys(encoded, dense=dense))
            self._sorted = recipients, {name: _Sorted.of(key, sounds) for name, key in keys.items()}
        return self._sorted[1]

    def _encodings(self, frame: pd.DataFrame, side: Any) -> dict[str, Any]:
        return {field: self._compare.encoded(n, frame, side) for n, field in enumerate(FIELDS)}

    def _sounds(self, frame: pd.DataFrame, side: Any) -> Ints:
        return np.asarray(self._encodings(frame, side)["name"].opening_sound, np.int64)


def _number_keys(numbers: Numbers) -> Iterator[tuple[str, Ints]]:
    right_birth = numbers.part(BIRTH, shift=np.clip(numbers.length - 18, -2, 1))
    yield "region_birth", mixed(numbers.region, numbers.birth)
    yield "birth_serial", mixed(right_birth, numbers.serial)
    yield "region_serial", mixed(numbers.region, numbers.serial)


def _left_keys(left: dict[str, Any], *, dense: bool) -> Iterator[tuple[str, Ints]]:
    numbers, names = left["id_number"], left["name"]
    yield from _number_keys(numbers)
    yield "boundary_swap", numbers.part(slice(0, 18))
    yield from _birth_keys(left["birth_date"], names, dense=dense)
    yield "phone", left["phone"]
    yield "sound_year", mixed(names.sound, left["birth_date"] // 10_000)
    yield "sound_district", mixed(names.sound, left["district"])


def _right_keys(right: dict[str, Any], *, dense: bool) -> Iterator[tuple[str, Ints]]:
    numbers, names, birth = right["id_number"], right["name"], right["birth_date"]
    yield from _number_keys(numbers)
    for first in (5, 13):
        swapped = np.arange(19)
        swapped[[first, first + 1]] = first + 1, first
        turned = Numbers(numbers.characters[:, swapped], numbers.length, numbers.floats)
        yield "boundary_swap", np.where(numbers.length == 18, turned.part(slice(0, 18)), -1)
    in_number = numbers.birth_date()
    yield from _birth_keys(birth, names, dense=dense)
    yield from _birth_keys(np.where(in_number == birth, -1, in_number), names, dense=dense)
    yield "phone", right["phone"]
    yield "sound_year", mixed(names.sound, np.where(birth > 0, birth, in_number) // 10_000)
    yield "sound_district", mixed(names.sound, right["district"])


def _birth_keys(birth: Ints, names: Any, *, dense: bool) -> Iterator[tuple[str, Ints]]:
    """The birth date; where many recipients share each, with the sound of the first or second character."""
    if not dense:
        yield "birth", birth
        return
    yield "birth+surname", mixed(birth, names.opening_sound)
    yield "birth+given", mixed(birth, names.given_sound)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The recipients in the order of one key."""

    key: Ints
    order: npt.NDArray[np.int32]
    sounds: Ints

    @classmethod
    def of(cls, key: Ints, sounds: Ints) -> "_Sorted":
        order = np.argsort(key, kind="stable")
        filled = order[np.searchsorted(key[order], 0) :].astype(np.int32)
        return cls(key[filled], filled, sounds)

    def range(self, key: Ints) -> tuple[Ints, Ints]:
        """Where each key begins, and how many recipients have it."""
        distinct, back = np.unique(key, return_inverse=True)
        low = np.searchsorted(self.key, distinct, "left")
        count = np.where(distinct < 0, 0, np.searchsorted(self.key, distinct, "right") - low)
        return low[back], count[back]

    def split(self, limit: int) -> "_Sorted":
        """The keys with more than ``limit`` recipients, each divided by the sound of the surname."""
        _, back, counts = np.unique(self.key, return_inverse=True, return_counts=True)
        crowded = counts[back] > limit
        who = self.order[crowded]
        finer = _Sorted.of(mixed(self.key[crowded], self.sounds[who]), self.sounds)
        return _Sorted(finer.key, who[finer.order], self.sounds)


@dataclass(frozen=True, slots=True)
class _Join:
    """One key's pairs, not yet written out: for each row a range of recipients."""

    bit: np.uint8
    order: npt.NDArray[np.int32]
    low: Ints
    count: Ints

    def pairs(self, start: int, stop: int) -> tuple[Ints, Ints, np.uint8]:
        count = self.count[start:stop]
        row = np.repeat(np.arange(len(count)), count)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return self.order[self.low[start:stop][row] + offset].astype(np.int64), row, self.bit


def _cuts(total: Ints, chunk: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about ``chunk`` pairs each."""
    running = np.cumsum(total)
    start = 0
    while start < len(total):
        before = running[start - 1] if start else 0
        stop = max(int(np.searchsorted(running, before + chunk, "right")), start + 1)
        yield start, stop
        start = stop


def _united(parts: list[tuple[Ints, Ints, np.uint8]], start: int, recipients: int) -> Candidates:
    """The pairs of all keys once each, with the bits of all keys by which they met."""
    code = np.concatenate([row * recipients + recipient for recipient, row, _ in parts])
    bits = np.concatenate([np.full(len(row), bit) for _, row, bit in parts])
    order = np.argsort(code, kind="stable")
    code, bits = code[order], bits[order]
    first = np.flatnonzero(np.diff(code, prepend=-1))
    keys = np.bitwise_or.reduceat(bits, first) if len(first) else bits
    return Candidates(code[first] % recipients, code[first] // recipients + start, keys)
