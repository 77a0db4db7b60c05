"""文本文件 — csv and txt, packed or not, in any of the encodings, to landed Parquet."""

from collections.abc import Callable
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path

from expectations.feed import Feed
from pipelines.base.errors import DeliveryRejected
from pipelines.base.workers import BySize
from pipelines.readers import multiline
from pipelines.readers.detect import Delimited, detect, require_likely, unlike
from pipelines.readers.layout import most_telling
from pipelines.readers.lines import LONGEST, Dialect, split
from pipelines.readers.mixed import has_utf8, without_utf8
from pipelines.readers.parts import Tally
from pipelines.readers.plain import BLOCK, RETURN, as_utf8, other_ends, plain, with_line_feeds
from pipelines.readers.ranges import land_all

UTF16 = "utf-16"
UNSAFE = Dialect("gb18030", "|")  # the bar is the second byte of many a character


def land(
    source: BufferedReader,
    path: Path,
    packed: bool,
    feed: Feed,
    folder: Path,
    part: str,
    encoding: str | None,
    delimiter: str | None,
    workers: BySize,
) -> tuple[Delimited, Tally]:
    """How the file was read, and its tally. ``encoding`` and ``delimiter``: what a manifest promises."""
    with ExitStack() as stack:
        content, marked = stack.enter_context(plain(source, path, packed, folder))
        if encoding is not None and (encoding == UTF16) != (marked == UTF16):
            raise unlike(path.name, encoding, marked or "没有 UTF-16 的字节序标记")
        promised = "utf-8" if marked else encoding
        content, shape = _lined(
            stack, content, folder, lambda at: detect(at, feed, path.name, promised, delimiter)
        )
        if encoding is not None and not marked:
            require_likely(content, shape, path.name)
        if shape.encoding == "gb18030" and has_utf8(content, shape.start):
            content = stack.enter_context(without_utf8(content, shape.start, folder))
        name = marked or shape.encoding
        if shape.dialect == UNSAFE:
            content = stack.enter_context(as_utf8(content, folder))
            shape = detect(content, feed, path.name, "utf-8", UNSAFE.delimiter)
        if feed.multiline:
            tally = multiline.land(content, shape, feed, folder, part, path.name)
        else:
            tally = land_all(content, shape, feed, folder, part, path.name, workers)
        return shape._replace(encoding=name), tally


def _lined(
    stack: ExitStack, path: Path, folder: Path, understood: Callable[[Path], Delimited]
) -> tuple[Path, Delimited]:
    """The content with line feeds, a copy where other signs end its lines, and how it is read."""
    ends = other_ends(path)
    if not ends:
        return path, understood(path)
    shape, refusals = None, list[DeliveryRejected]()
    try:
        shape = understood(path)
    except DeliveryRejected as refusal:
        refusals.append(refusal)
    if shape and _has_rows(path, shape):
        return path, shape
    for end in ends:
        copy = stack.enter_context(with_line_feeds(path, end, folder))
        try:
            other = understood(copy)
        except DeliveryRejected as refusal:
            refusals.append(refusal)
            continue
        if end == RETURN or _has_rows(copy, other):
            return copy, other
    if shape:
        return path, shape
    raise most_telling(refusals)


def _has_rows(path: Path, shape: Delimited) -> bool:
    """Whether a row of the header's width stands behind it, between line feeds."""
    with path.open("rb") as source:
        source.seek(shape.start)
        behind = source.read(BLOCK).split(b"\n")
    texts = [line[:LONGEST].decode(shape.dialect.encoding, "replace") for line in behind]
    rows = [split(text, shape.dialect.delimiter) or () for text in texts]
    return max(map(len, behind)) <= LONGEST and any(len(row) == shape.layout.width for row in rows)
