"""混编 — lines in UTF-8 within a file in GB18030, in which most would be other characters and no error.

A line counts that is valid UTF-8 with two Chinese characters side by side and is not within GB 2312, as
nearly all text in GB18030 is.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from pipelines.readers.plain import BLOCK, new_copy

WINDOW = 7 << 14  # what stays in a processor's own memory while it is looked through
LINE = 1 << 12  # of a longer one that two windows share, nothing is asked
IN_NO_TEXT = b"\xff"  # a byte that GB18030 does not have


def has_utf8(path: Path, start: int) -> bool:
    """Whether such a line is anywhere behind byte ``start``."""
    with path.open("rb") as source:
        number, size = source.fileno(), path.stat().st_size
        windows = (os.pread(number, WINDOW, at) for at in range(start, size, WINDOW - LINE))
        return any(map(_has_line, windows))


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
    first = (content - np.uint8(0xE4)) <= 5
    places = np.flatnonzero(first[:-5] & first[3:-2])
    further = [content[places + at] & 0xC0 == 0x80 for at in (1, 2, 4, 5)]
    pairs: list[int] = places[np.logical_and.reduce(further)].tolist()
    return pairs


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
