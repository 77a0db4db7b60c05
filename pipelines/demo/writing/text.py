"""文本 — csv and txt files, gzip-compressed or not, written chunk by chunk."""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.writing.rendering import Rendering

MARKS: Final = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}


def write(path: Path, rendering: Rendering, chunks: Iterable[pa.Table], between: Mapping[int, bytes]) -> int:
    """Writes a header and the rows, and counts these. ``between``: lines before the row of that number."""
    newline = rendering.encoded(rendering.dialect.newline)
    header = rendering.encoded(rendering.line(rendering.headings))
    with _opened(path) as out:
        out.write(MARKS.get(rendering.dialect.encoding, b"") + header)
        start = 0
        for chunk in chunks:
            lines = rendering.lines(chunk)
            for piece in _pieces(lines, rendering, {at - start: line for at, line in between.items()}):
                out.write(newline + piece)
            start += len(lines)
        if rendering.dialect.ends:
            out.write(newline)
    return start


def _pieces(lines: pa.Array, rendering: Rendering, between: Mapping[int, bytes]) -> Iterator[bytes]:
    since = 0
    for at in sorted(at for at in between if 0 <= at < len(lines)):
        if at > since:
            yield rendering.encoded(_joined(lines[since:at], rendering.dialect.newline))
        yield between[at]
        since = at
    yield rendering.encoded(_joined(lines[since:], rendering.dialect.newline))


def _joined(lines: pa.Array, newline: str) -> str:
    whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    joined: str = pc.binary_join(whole, newline)[0].as_py()
    return joined


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", 1, file, 0) as packed:
            yield packed  # type: ignore[misc]
