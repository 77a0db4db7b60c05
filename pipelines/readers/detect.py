"""识别 — the encoding, delimiter and header of a delimited file: the header decides, nothing is guessed.

An encoding is the right one if the first header, read in it, names the required columns. Where headings are
plain ASCII codes, the encoding in which fewer lines fail to decode is taken; UTF-8 before GB18030, since
Chinese text in GB18030 is hardly ever valid UTF-8.
"""

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from expectations.feed import Feed
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import layout as layouts
from pipelines.readers import lines, outside
from pipelines.readers.layout import Header, Layout
from pipelines.readers.lines import Dialect
from pipelines.readers.writings import DELIMITERS, ENCODINGS, SIGNS, written_otherwise

HEAD_BYTES = 1 << 20
EVIDENCE_LINES = 1_000
EVIDENCE_BYTES = 64 << 20
CODECS = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "ascii": "utf-8",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
}  # fmt: skip


class Delimited(NamedTuple):
    """A delimited file understood: ``start`` and ``line`` are the first byte and line behind the header.

    ``encoding`` is the name to record, with ``-sig`` for a byte-order mark. ``remarks``: Chinese sentences on
    what stands outside the table.
    """

    encoding: str
    layout: Layout
    dialect: Dialect
    start: int
    line: int
    remarks: tuple[str, ...]


def detect(path: Path, feed: Feed, file: str, encoding: str | None, delimiter: str | None) -> Delimited:
    """How the file is to be read; ``DeliveryRejected`` where its header cannot be found, or not as promised.

    ``encoding`` and ``delimiter``: what a manifest promises.
    """
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    first = head[mark:].split(b"\n")[: layouts.HEAD_ROWS]
    readable: list[tuple[Dialect, Header]] = []
    refusals: list[DeliveryRejected] = []
    for codec in _codecs(encoding, mark, file):
        for sign in _delimiters(delimiter, file):
            try:
                readable.append((Dialect(codec, sign), layouts.find(_split(first, codec, sign), feed, file)))
            except DeliveryRejected as error:
                refusals.append(error)
    if not readable:
        raise (
            _unlike_promised(path, feed, file, encoding, delimiter)
            or written_otherwise(head[mark:], feed, file)
            or layouts.most_telling(refusals)
        )
    topmost = min(header.first for _, header in readable)
    readable = [(dialect, header) for dialect, header in readable if header.first == topmost]
    if len(readable) > 1:
        readable.sort(key=lambda choice: _undecodable(path, choice[0].encoding))
    dialect, header = readable[0]
    above = first[: header.first]
    every = (enumerate(_split(above, dialect.encoding, sign)) for sign in DELIMITERS)
    outside.require_nothing_above((row for rows in every for row in rows), header, feed, file)
    start = mark + sum(len(line) + 1 for line in first[: header.last + 1])
    header = header._replace(layout=_with_end(header.layout, dialect, first[header.last + 1 :]))
    name = f"{dialect.encoding}-sig" if mark else dialect.encoding
    below = _split(first[header.last + 1 :], dialect.encoding, dialect.delimiter)
    remarks = (*outside.titles(header), *outside.beside(below, header.layout))
    return Delimited(name, header.layout, dialect, start, 1 + lines.ends_in(head, 0, start), remarks)


def _with_end(layout: Layout, dialect: Dialect, behind: list[bytes]) -> Layout:
    """The layout with one more column where all rows, unlike the header, end in a delimiter."""
    read = [lines.split(line.decode(dialect.encoding, "replace"), dialect.delimiter) for line in behind]
    rows = [cells for cells in read if cells and any(cells)]
    ended = all(len(cells) == layout.width + 1 and not cells[-1] for cells in rows)
    return layout.widened() if rows and ended else layout


def _split(content: Sequence[bytes], codec: str, sign: str) -> list[Sequence[str]]:
    """The fields of lines, none where a quote is left open."""
    return [lines.split(line[: lines.LONGEST].decode(codec, "replace"), sign) or () for line in content]


def unlike(file: str, promised: str, actual: str) -> DeliveryRejected:
    """The refusal of a file that is not what its manifest says."""
    return DeliveryRejected(f"{file}：manifest.json 写的是{promised}，文件却是{actual}；请改正后重新报送。")


def require_likely(path: Path, shape: Delimited, file: str) -> None:
    """Refuses a promised encoding where headings are plain codes and the rows read better in another."""
    if not "".join(shape.layout.headings.values()).isascii() or next(_telling(path), None) is None:
        return
    likely = min(ENCODINGS, key=lambda codec: _undecodable(path, codec))
    if likely != shape.dialect.encoding:
        raise unlike(file, shape.dialect.encoding, likely)


def _unlike_promised(
    path: Path, feed: Feed, file: str, encoding: str | None, delimiter: str | None
) -> DeliveryRejected | None:
    """What contradicts the manifest, where the file could be read without it."""
    if encoding is None and delimiter is None:
        return None
    try:
        actual = detect(path, feed, file, None, None)
    except DeliveryRejected:
        return None
    return unlike(
        file,
        "、".join(filter(None, (encoding, SIGNS.get(delimiter or "")))),
        f"{actual.encoding}、{SIGNS[actual.dialect.delimiter]}",
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
    count = 0
    with path.open("rb") as source:
        while count < EVIDENCE_LINES and source.tell() < EVIDENCE_BYTES:
            line = source.readline(lines.LONGEST)
            if not line:
                return
            if not line.isascii():
                count += 1
                yield line
