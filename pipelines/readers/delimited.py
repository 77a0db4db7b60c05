"""文本文件 — csv and txt, packed or not, in any of the encodings, to landed Parquet."""

from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path

from expectations.feed import Feed
from pipelines.readers import multiline
from pipelines.readers.detect import Delimited, detect, require_likely, unlike
from pipelines.readers.lines import Dialect
from pipelines.readers.parts import Tally
from pipelines.readers.plain import as_utf8, plain
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
    processes: int,
) -> tuple[Delimited, Tally]:
    """How the file was read, and its tally. ``encoding`` and ``delimiter``: what a manifest promises."""
    with ExitStack() as stack:
        content, marked = stack.enter_context(plain(source, path, packed, folder))
        if encoding is not None and (encoding == UTF16) != (marked == UTF16):
            raise unlike(path.name, encoding, marked or "没有 UTF-16 的字节序标记")
        shape = detect(content, feed, path.name, "utf-8" if marked else encoding, delimiter)
        if encoding is not None and not marked:
            require_likely(content, shape, path.name)
        name = marked or shape.encoding
        if shape.dialect == UNSAFE:
            content = stack.enter_context(as_utf8(content, folder))
            shape = detect(content, feed, path.name, "utf-8", UNSAFE.delimiter)
        if feed.multiline:
            tally = multiline.land(content, shape, feed, folder, part, path.name)
        else:
            tally = land_all(content, shape, feed, folder, part, path.name, processes)
        return shape._replace(encoding=name), tally
