"""工作簿的目录 — what a workbook says of its sheets, and a plain copy of one that is written oddly.

The archive has passed ``workbook.check``.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from pipelines.base.errors import DeliveryRejected

CONTENTS = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
FIXED = {name.lower(): name for name in ("[Content_Types].xml", "_rels/.rels", CONTENTS, RELATIONS)}
MOST_BYTES = 4 << 20
PIECE = 1 << 18
OVERLAP = 1 << 12

_SETTINGS = re.compile(rb"<([\w.\-]+:)?workbookPr\b[^>]*/>")
_ROOT = re.compile(rb"<([\w.\-]+:)?workbook\b")
_FILLED = re.compile(rb"<(?:\w+:)?c\b[^>]*\br\s*=\s*[\"']([A-Z]{1,3})\d+[\"'][^>]*(?<!/)>(?!\s*</)")

Merge = tuple[int, int, int]  # a column, the first and the last row of cells that are one


class Book(NamedTuple):
    """Whether the days of a workbook count from 1904, and the member that holds each of its sheets."""

    from_1904: bool
    members: tuple[str, ...]


def plain(name: str) -> str:
    """A member's name as it is compared, whatever its case and slashes."""
    return name.replace("\\", "/").lower()


def contents(source: BufferedReader, file: str) -> Book:
    """What the workbook says of itself; ``DeliveryRejected`` where it says nothing that can be read."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = {plain(name): name for name in archive.namelist()}
            root = _parsed(archive, names[CONTENTS])
            relations = _parsed(archive, names[RELATIONS]) if RELATIONS in names else ()
    except (ElementTree.ParseError, ValueError, KeyError):
        raise DeliveryRejected(
            f"{file}：工作簿的目录无法读取；请用原软件另存一份，或改用 csv 报送。"
        ) from None
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    space = root.tag.removesuffix("workbook")
    settings = root.find(f"{space}workbookPr")
    sheets = [sheet for group in root.findall(f"{space}sheets") for sheet in group]
    ids = [next((v for k, v in sheet.items() if k.endswith("}id")), None) for sheet in sheets]
    return Book(
        from_1904=settings is not None and settings.get("date1904", "").strip().lower() in ("1", "true"),
        members=tuple(_member(targets.get(one, "")) for one in ids),
    )


@contextmanager
def as_plain(source: BufferedReader, path: Path, folder: Path) -> Iterator[Path]:
    """The path of the workbook, or of a copy with the usual names and only its own settings."""
    with zipfile.ZipFile(source) as archive:
        names = {name: FIXED.get(plain(name), name.replace("\\", "/")) for name in archive.namelist()}
        text = archive.read(next(name for name, usual in names.items() if usual == CONTENTS))
        own = _own_settings(text)
        if own == text and all(name == usual for name, usual in names.items()):
            yield path
            return
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".plain-", suffix=".xlsx") as copy:
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
                for name, usual in names.items():
                    with archive.open(name) as member, made.open(usual, "w", force_zip64=True) as target:
                        if usual == CONTENTS:
                            target.write(own)
                            continue
                        while piece := member.read(PIECE):
                            target.write(piece)
            copy.flush()
            yield Path(copy.name)


def merges(
    source: BufferedReader, book: Book, spans: Mapping[str, frozenset[Merge]]
) -> dict[int, list[Merge]]:
    """For each sheet by its place its merged cells, columns counted from the first that holds anything.

    ``spans``: those of each member, columns counted from the first of all.
    """
    merged: dict[int, list[Merge]] = {}
    with zipfile.ZipFile(source) as archive:
        names = {plain(name): name for name in archive.namelist()}
        for place, member in enumerate(book.members):
            if spans.get(member):
                start = _first_column(archive, names[member])
                merged[place] = sorted((c - start, a, b) for c, a, b in spans[member] if c >= start)
    return merged


def column(letters: bytes) -> int:
    """The place of a column from 0, by its letters."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(name)
    return ElementTree.fromstring(archive.read(name))


def _member(target: str) -> str:
    target = plain(target)
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _own_settings(text: bytes) -> bytes:
    """The contents without the settings of later versions, which a reader would take for the workbook's."""
    root = _ROOT.search(text)
    prefix = root[1] if root else None
    return _SETTINGS.sub(lambda match: match[0] if match[1] == prefix else b"", text)


def _first_column(archive: zipfile.ZipFile, name: str) -> int:
    rest, columns = b"", set[bytes]()
    with archive.open(name) as content:
        while piece := content.read(PIECE):
            columns.update(_FILLED.findall(rest + piece))
            rest = piece[-OVERLAP:]
    return min(map(column, columns), default=0)
