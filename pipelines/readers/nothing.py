"""空值 — texts that say that there is nothing."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matchers.text import Positions, buffers

ENCLOSING = "()[]{}<>【】〔〕《》〈〉「」\"'`“”‘’"
FEW = 40  # bytes; no word for nothing is longer
WIDE = 0xE0  # with which or more a character of three or more bytes begins
ZERO = ord("0")
FORMULA = "="


class Words:
    """Words for nothing, in any case, enclosed or not; one of a single sign also any number of times."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._bare = frozenset(word.upper().replace(" ", "").strip(ENCLOSING) for word in words)
        cases = {case for word in self._bare for case in _in_either_case(word)}
        self.initials = frozenset(ENCLOSING).union(case[:1] for case in cases)
        coded = [case.encode() + b"\0\0" for case in cases]
        self._beginnings = _beginnings(coded)
        self._third = np.unique([int.from_bytes(text[:3]) for text in coded if text[0] >= WIDE])

    def __contains__(self, text: str) -> bool:
        """Whether a folded text that is not empty says nothing."""
        if text[0] not in self.initials:
            return False
        bare = text.strip(ENCLOSING + " ").upper().replace(" ", "")
        return (bare[:1] if len(set(bare)) == 1 else bare) in self._bare

    def among(self, values: pa.StringArray, *, zeros: bool = False, formulas: bool = False) -> Positions:
        """The ascending positions of folded values that say nothing.

        With ``zeros``, also of zeros alone; with ``formulas``, of those whose result is not there.
        """
        near = self._near(values, zeros)
        texts = values.take(pa.array(near)).to_pylist()
        alike = [
            text in self or (zeros and not text.strip("0")) or (formulas and text[0] == FORMULA)
            for text in texts
        ]
        positions: Positions = near[np.array(alike, bool)]
        return positions

    def _near(self, values: pa.StringArray, zeros: bool) -> Positions:
        """The positions of values whose length and first three bytes allow it."""
        offsets, content = buffers(values)
        if not len(content):
            return np.empty(0, np.int64)
        starts, lengths = (offsets[:-1] - offsets[0]).astype(np.int64), np.diff(offsets)
        first, second = (content.take(starts + at, mode="clip") for at in range(2))
        likely = self._beginnings.take((first.astype(np.uint16) << 8) | second)
        if zeros:
            likely |= (first == ZERO) & (second == ZERO)
        near = np.flatnonzero(likely | (lengths == 1))
        near = near[(lengths[near] > 0) & ((lengths[near] <= FEW) | (first[near] == ord(FORMULA)))]
        first, second, third = (content.take(starts[near] + at, mode="clip") for at in range(3))
        three = (first.astype(np.int64) << 16) | (second.astype(np.int64) << 8) | third
        signs = (first == 0xE3) & (second == 0x80)
        return np.asarray(near[(first < WIDE) | (first == 0xE2) | signs | np.isin(three, self._third)])


@lru_cache
def words_for_nothing(words: tuple[str, ...]) -> Words:
    """``words`` made ready to be compared."""
    return Words(words)


def _in_either_case(word: str) -> set[str]:
    """A word with its first two letters in either case; the others are compared in no case."""
    return {a + b + word[2:] for a in (word[:1], word[:1].lower()) for b in (word[1:2], word[1:2].lower())}


def _beginnings(coded: list[bytes]) -> npt.NDArray[np.bool_]:
    """By the first two bytes whether a text may say nothing."""
    table = np.zeros((256, 256), bool)
    for byte in range(0x21, 0x7F):
        table[byte] = not chr(byte).isalnum()
    table[0xC2] = table[0xE2] = table[0xE3, 0x80] = True  # signs that are not ASCII, enclosing ones too
    for text in coded:
        table[text[0], text[1]] = True
    return table.reshape(-1)
