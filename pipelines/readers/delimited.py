"""文本文件 — csv and txt, packed or not, in any of the encodings, to landed Parquet."""

from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path

from expectations.feed import Feed
from pipelines.readers import multiline
from pipelines.readers.detect import Delimited, detect
from pipelines.readers.lines import Dialect
from pipelines.readers.parts import Tally
from pipelines.readers.plain import as_utf8, plain
from pipelines.readers.ranges import land_all

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
        found = detect(content, feed, path.name, "utf-8" if marked else encoding, delimiter)
        name = marked or found.encoding
        if found.dialect == UNSAFE:
            content = stack.enter_context(as_utf8(content, folder))
            found = detect(content, feed, path.name, "utf-8", UNSAFE.delimiter)
        if feed.multiline:
            tally = multiline.land(content, found, feed, folder, part, path.name)
        else:
            tally = land_all(content, found, feed, folder, part, path.name, processes)
        return found._replace(encoding=name), tally
