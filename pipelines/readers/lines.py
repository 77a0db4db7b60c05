"""逐行 — one physical line of delimited text, read by the letter.

This is the definition of what a line says. The block kernel gives it every line that is out of the
ordinary and gets the same answer for the others by faster means.
"""

import csv
import re
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from matchers.text import standard
from pipelines.readers.layout import Layout

NEWLINE: Final = 10
RETURN: Final = 13
LONGEST = 65_536
SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
SHOWN = 1_000
TELLING = 1_000  # so many parts of a line tell what the others are


class Dialect(NamedTuple):
    """How a delimited file is written. ``encoding`` is a codec that keeps ASCII: gb18030, utf-8."""

    encoding: str
    delimiter: str


class Fault(NamedTuple):
    """Why a line is no row, and its text as far as it can be shown and kept."""

    reason: str
    raw: str


def decode(content: bytes, encoding: str) -> str:
    """The text of ``content`` in the alphabet of GB18030-2022; ``UnicodeDecodeError`` where there is none.

    Characters that some databases write as two surrogates of three bytes each (CESU-8) are read.
    """
    if encoding == "gb18030":
        return standard(content.decode(encoding))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if not SURROGATES.search(content):
            raise
        pairs = content.decode(encoding, "surrogatepass").encode("utf-16-le", "surrogatepass")
        return pairs.decode("utf-16-le")


def ends_in(content: bytes, start: int = 0, stop: int | None = None) -> int:
    """How many lines end between two places, as an editor counts: at CR LF, at LF, at CR alone."""
    signs = np.frombuffer(content, np.uint8)[start:stop]
    feeds, returns = signs == NEWLINE, signs == RETURN
    alone = np.count_nonzero(returns[:-1] > feeds[1:]) + np.count_nonzero(returns[-1:])
    return int(np.count_nonzero(feeds) + alone)


def cut(line: bytes, layout: Layout, dialect: Dialect) -> list[bytes]:
    """The lines that a line without its line feed is: several where carriage returns alone end whole rows.

    One row in several lines has not two parts of a row's width, so where most have it they are rows.
    """
    parts = _parts(line.removesuffix(b"\r"))
    texts = [part.decode(dialect.encoding, "replace") for part in parts[:TELLING] if part]
    whole = sum(len(split(text, dialect.delimiter) or ()) == layout.width for text in texts)
    return parts if 2 * whole > len(texts) > 1 else [line]


def _parts(line: bytes) -> list[bytes]:
    """The line cut at its carriage returns outside quotes; at all of them where a quote is left open."""
    pieces, parts, is_open = line.split(b"\r"), list[list[bytes]](), False
    for piece in pieces:
        if is_open:
            parts[-1].append(piece)
        else:
            parts.append([piece])
        is_open ^= piece.count(b'"') % 2 == 1
    return pieces if is_open else [b"\r".join(part) for part in parts]


def split(text: str, delimiter: str) -> list[str] | None:
    """The fields of a line, carriage returns inside as spaces; ``None`` where a quote is left open."""
    text = text.removesuffix("\r").replace("\r", " ")
    if '"' not in text:
        return text.split(delimiter)
    if text.count('"') % 2:
        return None
    if "=" in text:
        text = _formulas(delimiter).sub(lambda match: '"' + match[0].replace('"', '""') + '"', text)
    *cells, rest = next(csv.reader([text + delimiter], delimiter=delimiter))
    return None if rest else cells


def read(line: bytes, layout: Layout, dialect: Dialect) -> list[str] | Fault | None:
    """The fields of a physical line without its line feed; a ``Fault``; ``None`` if left out by name."""
    encoding, delimiter = dialect
    if len(line) > LONGEST:
        return Fault("too_long", _hide(line[:SHOWN], layout, encoding))
    if 0 in line and 0 in (line := _padding(delimiter.encode()).sub(b"", line)):
        return Fault("nul", _hide(line, layout, encoding))
    try:
        text = decode(line, encoding)
    except UnicodeDecodeError:
        return Fault("undecodable", _hide(line, layout, encoding))
    cells = split(text, delimiter)
    if cells is None:
        return Fault("unbalanced_quote", _hide(line, layout, encoding))
    if layout.drops(cells):
        return None
    if len(cells) != layout.width:
        of_headings = layout.is_other_header(cells)
        return Fault("column_count", text if of_headings else _hide(line, layout, encoding))
    return cells


@cache
def _formulas(delimiter: str) -> re.Pattern[str]:
    """Fields that are formulas, such as ``="…"`` or ``=T("…")``, in whose texts and calls the delimiter may
    stand.
    """
    sign, text = re.escape(delimiter), r'"(?:[^"]|"")*+"'
    term = rf"\s*+(?:{text}|[A-Za-z]*+\(([^()\"]|{text})*+\))\s*+"
    return re.compile(rf"(?<![^{sign}])=\s*+\+?{term}(?:&{term})*+(?![^{sign}])")


@cache
def _padding(delimiter: bytes) -> re.Pattern[bytes]:
    """Several NULs that fill up a field of fixed length behind its text; any other NUL is a broken line."""
    sign = re.escape(delimiter)
    return re.compile(rb'(?<=[^\0\r"%b])\0{2,}(?=["\r]*(?:%b|$))' % (sign, sign))


def raw(line: bytes, layout: Layout, dialect: Dialect) -> str:
    """A readable line as it is kept with its reject: as it came, less what must not be stored."""
    text = decode(line, dialect.encoding).removesuffix("\r").replace("\0", "\\x00")
    if not layout.hidden:
        return text
    cells = split(text, dialect.delimiter)
    return dialect.delimiter.join(layout.shown(cells or ()))


def _hide(line: bytes, layout: Layout, encoding: str) -> str:
    """The text of a broken line; nothing of it where a column that must not be stored may be anywhere."""
    if layout.hidden:
        return ""
    return line.decode(encoding, "backslashreplace").removesuffix("\r").replace("\0", "\\x00")
