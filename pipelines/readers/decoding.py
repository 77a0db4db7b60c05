"""解码 — the cells of a column from GB18030 or UTF-8 bytes to text, all at once.

Only cells that are not plain ASCII are converted, and of repeated ones each once. glibc's ``iconv(3)``
is used where it is: twice as fast as the Python codec, which gives the same text.
"""

import ctypes
import errno
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matchers.text import Positions, buffers, replace
from pipelines.readers.lines import NEWLINE, decode

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]

FEW: Final = 16  # where fewer bytes than one in so many are not ASCII, cells are decoded one by one
NOWHERE: Final[Positions] = np.empty(0, np.int64)
FAILED: Final = ctypes.c_size_t(-1).value
SWAPPED: Final = b"\x81\x35\xf4\x37"  # the one four-byte form that iconv(3) gives a private-use code point


class Decoder:
    """Decodes columns of one encoding; a cell may hold anything but a line feed."""

    def __init__(self, encoding: str, *, native: bool = True) -> None:
        self._encoding = encoding
        self._iconv = Iconv() if native and encoding == "gb18030" and has_iconv() else None

    def __call__(self, cells: pa.Array) -> tuple[pa.Array, Positions]:
        """Binary or dictionary-encoded binary cells as text, and the rows that do not decode, emptied."""
        if pa.types.is_dictionary(cells.type):
            words, bad = self(cells.dictionary)
            rows = np.flatnonzero(np.isin(cells.indices.to_numpy(), bad)) if len(bad) else bad
            return pa.DictionaryArray.from_arrays(cells.indices, words), rows
        offsets, content = buffers(cells)
        if not len(content) or content.max() < 0x80:
            return cells.view(pa.string()), NOWHERE
        text, failed = self._convert(cells, offsets, content)
        read = [_decoded(cell, self._encoding) for cell in cells.take(pa.array(failed)).to_pylist()]
        bad = failed[[word is None for word in read]]
        return replace(text, failed, [word or "" for word in read]) if read else text, bad

    def _convert(self, cells: pa.Array, offsets: Offsets, content: Bytes) -> tuple[pa.Array, Positions]:
        """The text of the cells, and the ascending rows that are to be read by the letter instead."""
        wide = np.flatnonzero(content >= 0x80)
        if len(wide) * FEW < len(content):
            return cells.view(pa.string()), np.unique(
                np.searchsorted(offsets, wide + offsets[0], "right") - 1
            )
        if self._encoding == "utf-8":
            try:
                return cells.cast(pa.string()), NOWHERE
            except pa.ArrowInvalid:
                pass
        elif self._iconv and SWAPPED not in content.tobytes():
            return self._iconv.cells(offsets, content)
        return pa.array([""] * len(cells), pa.string()), np.arange(len(cells))


def _decoded(cell: bytes, encoding: str) -> str | None:
    try:
        return decode(cell, encoding)
    except UnicodeDecodeError:
        return None


class Iconv:
    """A conversion from GB18030 to UTF-8 by the C library."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        library.iconv_open.restype = ctypes.c_void_p
        library.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        library.iconv.restype = ctypes.c_size_t
        library.iconv.argtypes = [ctypes.c_void_p] * 5
        self._iconv = library.iconv
        self._conversion = library.iconv_open(b"UTF-8", b"GB18030")
        if self._conversion in (None, FAILED):
            raise OSError("iconv_open")

    def cells(self, offsets: Offsets, content: Bytes) -> tuple[pa.StringArray, Positions]:
        """The text of the cells that lie in ``content``, and the rows that it came to only in part."""
        count = len(offsets) - 1
        ends = offsets[1:] - offsets[0] + np.arange(count)
        lines = np.empty(len(content) + count, np.uint8)
        inside = np.ones(len(lines), bool)
        inside[ends] = False
        lines[inside], lines[ends] = content, NEWLINE
        text, failed = self.lines(lines, ends)
        feeds = np.flatnonzero(text == NEWLINE)
        starts = np.concatenate(([0], feeds - np.arange(count))).astype(np.int32)
        joined = pa.py_buffer(text[text != NEWLINE])
        return pa.StringArray.from_buffers(count, pa.py_buffer(starts), joined), failed

    def lines(self, lines: Bytes, ends: Positions) -> tuple[Bytes, Positions]:
        """The text of lines that end at ``ends``, and those that it came to only in part."""
        text = np.empty(2 * len(lines), np.uint8)
        at, end = 0, 0
        failed: list[int] = []
        while True:
            at, end = self._call(lines, at, text, end)
            if at == len(lines):
                return text[:end], np.array(failed, np.int64)
            failed.append(int(np.searchsorted(ends, at)))
            at = int(ends[failed[-1]])

    def _call(self, lines: Bytes, at: int, text: Bytes, end: int) -> tuple[int, int]:
        source, left = ctypes.c_void_p(lines.ctypes.data + at), ctypes.c_size_t(len(lines) - at)
        target, room = ctypes.c_void_p(text.ctypes.data + end), ctypes.c_size_t(len(text) - end)
        self._iconv(self._conversion, None, None, None, None)
        done = self._iconv(self._conversion, *map(ctypes.byref, (source, left, target, room)))
        if done == FAILED and ctypes.get_errno() not in (errno.EILSEQ, errno.EINVAL):
            raise OSError(ctypes.get_errno(), "iconv")
        return len(lines) - left.value, len(text) - room.value


@cache
def has_iconv() -> bool:
    """Whether the C library has a converter that knows the code points of 2022."""
    try:
        text, _ = Iconv().lines(np.frombuffer(b"\xfe\x51\xfe\x59\n", np.uint8), np.array([4]))
    except (AttributeError, OSError):
        return False
    return text.tobytes().decode() == "\U00020087\u9fb4\n"
