"""转码 — GB18030 or UTF-8 bytes to UTF-8 text that is known to be sound, at the speed of the C library.

glibc's ``iconv(3)`` writes the code points of GB18030-2022, does not hold the interpreter and says where it
failed. Where there is no such function the Python codec gives the same text at half the speed.
"""

import ctypes
import errno
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.readers.lines import LONGEST, decode

Span = tuple[int, int]
Bytes = npt.NDArray[np.uint8]

GROWTH: Final = 4  # Hanzi grow to 3/2; a line of empty fields put in quotes grows to 3 bytes for each
LINE: Final = 2 * LONGEST
FAILED: Final = ctypes.c_size_t(-1).value

# The one character that iconv(3) gives a private-use code point: its four-byte form was swapped in 2005.
SWAPPED: Final = np.frombuffer("\ue7c7".encode(), np.uint8)
STANDARD: Final = np.frombuffer("\u1e3f".encode(), np.uint8)


class Transcoder:
    """Turns spans of a block into UTF-8 in a buffer that serves again for the next block."""

    def __init__(self, encoding: str, *, by_library: bool = True) -> None:
        self._encoding = encoding
        self._iconv = Iconv() if by_library and encoding == "gb18030" and native() else None
        self._text = np.empty(0, np.uint8)
        self._end = 0

    def __call__(self, block: bytes, pieces: Iterable[Span | bytes], broken: Callable[[int], bytes]) -> Bytes:
        """The text of the pieces, spans of whole lines and text put in as it is; valid until the next call.

        ``broken`` is given the offset of a line that does not decode and returns what shall stand for it.
        """
        if len(self._text) < GROWTH * len(block):
            self._text = np.empty(GROWTH * len(block), np.uint8)
        self._end = 0
        for piece in pieces:
            if isinstance(piece, bytes):
                self._append(piece)
                continue
            at, stop = piece
            while (reached := self._convert(block, at, stop)) < stop:
                start = block.rfind(b"\n", at, reached) + 1 or at
                self._back_to_line_start()
                self._append(broken(start))
                at = block.index(b"\n", reached) + 1
        text = self._text[: self._end]
        if self._iconv and (text == SWAPPED[0]).any():
            _unswap(text)
        return text

    def _convert(self, block: bytes, at: int, stop: int) -> int:
        """Append the text of a span; the offset that was reached."""
        if self._iconv:
            reached, self._end = self._iconv(block, at, stop, self._text, self._end)
            return reached
        try:
            self._append(decode(block[at:stop], self._encoding).encode())
        except UnicodeDecodeError as error:
            self._append(decode(block[at : at + error.start], self._encoding).encode())
            return at + error.start
        return stop

    def _append(self, text: bytes) -> None:
        self._text[self._end : self._end + len(text)] = np.frombuffer(text, np.uint8)
        self._end += len(text)

    def _back_to_line_start(self) -> None:
        window = self._text[max(self._end - LINE, 0) : self._end].tobytes()
        self._end -= len(window) - (window.rfind(b"\n") + 1)


def _unswap(text: Bytes) -> None:
    for at in np.flatnonzero(text == SWAPPED[0]):
        if (text[at : at + 3] == SWAPPED).all():
            text[at : at + 3] = STANDARD


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

    def __call__(self, block: bytes, at: int, stop: int, text: Bytes, end: int) -> tuple[int, int]:
        """Convert ``block[at:stop]`` to ``text[end:]``: where it came to in the block and in the text."""
        base = ctypes.cast(ctypes.c_char_p(block), ctypes.c_void_p).value or 0
        source, left = ctypes.c_void_p(base + at), ctypes.c_size_t(stop - at)
        target, room = ctypes.c_void_p(text.ctypes.data + end), ctypes.c_size_t(len(text) - end)
        self._iconv(self._conversion, None, None, None, None)
        done = self._iconv(self._conversion, *map(ctypes.byref, (source, left, target, room)))
        if done == FAILED and ctypes.get_errno() not in (errno.EILSEQ, errno.EINVAL):
            raise OSError(ctypes.get_errno(), "iconv")
        return stop - left.value, len(text) - room.value


@cache
def native() -> bool:
    """Whether the C library has a converter that knows the code points of 2022."""
    text = np.empty(16, np.uint8)
    try:
        _, end = Iconv()(b"\xfe\x51\xfe\x59", 0, 4, text, 0)
    except (AttributeError, OSError):
        return False
    return text[:end].tobytes().decode() == "\U00020087\u9fb4"
