"""识别 — the encoding, delimiter and header of a delimited file: the header decides, nothing is guessed.

An encoding is the right one if the header, read in it, names the required columns. Where headings are
plain ASCII codes, the encoding in which fewer lines fail to decode is taken; UTF-8 before GB18030, since
Chinese text in GB18030 is hardly ever valid UTF-8.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from expectations.feed import Feed
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import layout as layouts
from pipelines.readers import lines
from pipelines.readers.layout import Layout
from pipelines.readers.lines import Dialect

HEAD_BYTES = 1 << 20
HEAD_LINES = 100
EVIDENCE_LINES = 1_000
EVIDENCE_BYTES = 64 << 20
SIGNS = {",": "逗号分隔", "\t": "制表符分隔", "|": "竖线分隔", ";": "分号分隔"}
DELIMITERS = tuple(SIGNS)
ENCODINGS = ("utf-8", "gb18030")
CODECS = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "ascii": "utf-8",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
}  # fmt: skip


class Delimited(NamedTuple):
    """A delimited file understood: ``start`` and ``line`` are the first byte and line behind the header.

    ``encoding`` is the name to record, with ``-sig`` for a byte-order mark.
    """

    encoding: str
    layout: Layout
    dialect: Dialect
    start: int
    line: int


def detect(path: Path, feed: Feed, file: str, encoding: str | None, delimiter: str | None) -> Delimited:
    """How the file is to be read; ``DeliveryRejected`` where its header cannot be found, or not as promised.

    ``encoding`` and ``delimiter``: what a manifest promises.
    """
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    first = head[mark:].split(b"\n")[:HEAD_LINES]
    readable: list[tuple[Dialect, int, Layout]] = []
    refusal: list[DeliveryRejected] = []
    for codec in _codecs(encoding, mark, file):
        for sign in _delimiters(delimiter, file):
            rows = (lines.split(line[: lines.LONGEST].decode(codec, "replace"), sign) or () for line in first)
            try:
                readable.append((Dialect(codec, sign), *layouts.find(rows, feed, file)))
            except DeliveryRejected as error:
                refusal.append(error)
    if not readable:
        raise _unlike_promised(path, feed, file, encoding, delimiter) or layouts.most_telling(refusal)
    if len(readable) > 1:
        readable.sort(key=lambda found: _undecodable(path, found[0].encoding))
    dialect, number, layout = readable[0]
    layout = _with_end(layout, dialect, first[number + 1 :])
    start = mark + sum(len(line) + 1 for line in first[: number + 1])
    name = f"{dialect.encoding}-sig" if mark else dialect.encoding
    return Delimited(name, layout, dialect, start, number + 2)


def _with_end(layout: Layout, dialect: Dialect, behind: list[bytes]) -> Layout:
    """The layout with one more column where all rows, unlike the header, end in a delimiter."""
    read = [lines.split(line.decode(dialect.encoding, "replace"), dialect.delimiter) for line in behind]
    rows = [cells for cells in read if cells and any(cells)]
    ended = all(len(cells) == layout.width + 1 and not cells[-1] for cells in rows)
    return layout.widened() if rows and ended else layout


def unlike(file: str, promised: str, found: str) -> DeliveryRejected:
    """The refusal of a file that is not what its manifest says."""
    return DeliveryRejected(f"{file}：manifest.json 写的是{promised}，文件却是{found}；请改正后重新报送。")


def require_likely(path: Path, found: Delimited, file: str) -> None:
    """Refuses a promised encoding where headings are plain codes and the rows read better in another."""
    if not "".join(found.layout.headings.values()).isascii() or next(_telling(path), None) is None:
        return
    likely = min(ENCODINGS, key=lambda codec: _undecodable(path, codec))
    if likely != found.dialect.encoding:
        raise unlike(file, found.dialect.encoding, likely)


def _unlike_promised(
    path: Path, feed: Feed, file: str, encoding: str | None, delimiter: str | None
) -> DeliveryRejected | None:
    """What contradicts the manifest, where the file could be read without it."""
    if encoding is None and delimiter is None:
        return None
    try:
        found = detect(path, feed, file, None, None)
    except DeliveryRejected:
        return None
    return unlike(
        file,
        "、".join(filter(None, (encoding, SIGNS.get(delimiter or "")))),
        f"{found.encoding}、{SIGNS[found.dialect.delimiter]}",
    )


def _codecs(given: str | None, mark: int, file: str) -> tuple[str, ...]:
    if given is None:
        return ("utf-8",) if mark else ENCODINGS
    codec = CODECS.get(given.lower().replace("_", "-").replace("utf8", "utf-8"))
    if codec is None:
        raise DeliveryRejected(f"{file}：不支持的编码 {given}；请用 GB18030、UTF-8 或带 BOM 的 UTF-16。")
    return (codec,)


def _delimiters(given: str | None, file: str) -> tuple[str, ...]:
    sign = {"\\t": "\t", "tab": "\t"}.get(given, given) if given else given
    if sign is not None and sign not in DELIMITERS:
        raise DeliveryRejected(f"{file}：不支持的分隔符；请用逗号、制表符、竖线或分号。")
    return DELIMITERS if sign is None else (sign,)


def _undecodable(path: Path, encoding: str) -> int:
    """How many of the first lines that are not plain ASCII do not decode."""
    bad = 0
    for line in _telling(path):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            bad += 1
    return bad


def _telling(path: Path) -> Iterator[bytes]:
    seen = 0
    with path.open("rb") as source:
        while seen < EVIDENCE_LINES and source.tell() < EVIDENCE_BYTES:
            line = source.readline(lines.LONGEST)
            if not line:
                return
            if not line.isascii():
                seen += 1
                yield line
