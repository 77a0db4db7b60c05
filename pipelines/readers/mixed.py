"""混编 — lines in UTF-8 within a file in GB18030, in which most would be other characters and no error.

A line counts that is valid UTF-8 with two Chinese characters side by side and is not within GB 2312, as
nearly all text in GB18030 is.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from pipelines.readers.plain import BLOCK, new_copy

WINDOW = 1 << 20
IN_NO_TEXT = b"\xff"  # a byte that GB18030 does not have


def has_utf8(path: Path, start: int) -> bool:
    """Whether such a line is among the first or the last ``WINDOW`` bytes behind byte ``start``."""
    last = max(path.stat().st_size - WINDOW, start)
    with path.open("rb") as source:
        for begin in sorted({start, last}):
            source.seek(begin)
            if _has_line(source.read(WINDOW)):
                return True
    return False


@contextmanager
def without_utf8(path: Path, start: int, folder: Path) -> Iterator[Path]:
    """The path of a copy in which no such line behind byte ``start`` decodes: each is then a reject."""
    with ExitStack() as stack, path.open("rb") as source:
        copy, copied = new_copy(stack, folder)
        copy.write(source.read(start))
        while line := source.readline(BLOCK):
            text = line.rstrip(b"\r\n")
            copy.write(text + IN_NO_TEXT + line[len(text) :] if _has_line(line) else line)
        copy.flush()
        yield copied


def _has_line(window: bytes) -> bool:
    for pair in _pairs(window):
        begin, end = window.rfind(b"\n", 0, pair) + 1, window.find(b"\n", pair)
        line = window[begin : end if end >= 0 else None]
        if _is(line, "utf-8") and not _is(line, "gb2312"):
            return True
    return False


def _pairs(window: bytes) -> list[int]:
    """Where two Chinese characters begin, were the bytes UTF-8: a first byte and two that go on, twice."""
    content = np.frombuffer(window, np.uint8)
    first, further = (content >= 0xE4) & (content <= 0xE9), content & 0xC0 == 0x80
    one = first[:-2] & further[1:-1] & further[2:]
    pairs: list[int] = np.flatnonzero(one[:-3] & one[3:]).tolist()
    return pairs


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
