"""空值 — texts that say that there is nothing."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matchers.text import Positions, buffers

ENCLOSING = "()[]{}<>【】〔〕《》〈〉「」\"'`“”‘’"
FEW = 40  # bytes; no word for nothing is longer


def is_nothing(text: str, words: tuple[str, ...]) -> bool:
    """Whether a folded text is one of ``words``, enclosed or not, or a single one of them repeated."""
    bare = text.strip(ENCLOSING + " ").upper().replace(" ", "")
    return (bare[:1] if len(set(bare)) == 1 else bare) in _set(words)


def nothing_among(values: pa.StringArray, words: tuple[str, ...], *, zeros: bool = False) -> Positions:
    """The ascending positions of folded values that say nothing; with ``zeros``, also of zeros alone.

    Only values whose first two bytes allow it are looked at.
    """
    offsets, content = buffers(values)
    starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
    if not len(content):
        return np.empty(0, np.int64)
    first = content.take(starts, mode="clip").astype(np.uint16)
    second = content.take(starts + 1, mode="clip")
    likely = _beginnings(words, zeros).take((first << 8) | second) | (lengths == 1)
    near = np.flatnonzero(likely)
    near = near[(lengths[near] > 0) & (lengths[near] <= FEW)]
    texts = values.take(pa.array(near)).to_pylist()
    alike = [is_nothing(text, words) or (zeros and not text.strip("0")) for text in texts]
    positions: Positions = near[np.array(alike, bool)]
    return positions


@lru_cache
def _set(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.upper().replace(" ", "").strip(ENCLOSING) for word in words)


@lru_cache
def _beginnings(words: tuple[str, ...], zeros: bool) -> npt.NDArray[np.bool_]:
    """By first and second byte whether a longer text may say nothing."""
    table = np.zeros((256, 256), bool)
    for byte in range(0x21, 0x7F):
        table[byte] = not chr(byte).isalnum()
    table[0xC2] = table[0xE2] = table[0xE3, 0x80] = True  # signs that are not ASCII, enclosing ones too
    for word in _set(words):
        for case in {word, word.lower(), word.capitalize(), word.swapcase()}:
            coded = case.encode() + b"\0"
            table[coded[0], coded[1]] = True
    if zeros:
        table[ord("0"), [0, ord("0")]] = True
    return table.reshape(-1)
