"""行校验码 — one short hash per locked cell, so that an edited cell of a returned row can be named.

The seals of what was sent out are kept in the database; the copy in the workbook's hidden column only helps
to recognise a row whose number was overwritten. Nobody can forge what the database holds.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

LENGTH = 6


def canonical(value: object) -> str:
    """A cell's value as it is sealed: dates ISO, amounts as plain numbers, text with one newline form; what a
    frame holds for nothing (None, NaN, NaT) is the empty text of an empty cell.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, int | float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value).replace("\r\n", "\n").strip()


def seal(export_id: str, key: str, cells: Mapping[str, object]) -> str:
    """The seal of one row: the hashes of its locked cells in their order, run together."""
    return of_texts(export_id, key, {heading: canonical(value) for heading, value in cells.items()})


def of_texts(export_id: str, key: str, cells: Mapping[str, str]) -> str:
    """The same of cells that are ``canonical`` already."""
    named = f"{export_id}\x1f{key}\x1f"
    sealed = (f"{named}{heading}\x1f{text}".encode() for heading, text in cells.items())
    return "".join(hashlib.sha256(cell).hexdigest()[:LENGTH] for cell in sealed)


def broken(expected: str, actual: str, headings: Sequence[str]) -> list[str]:
    """The headings whose hash differs between two seals of one row."""
    at = {heading: slice(n * LENGTH, (n + 1) * LENGTH) for n, heading in enumerate(headings)}
    return [heading for heading, part in at.items() if expected[part] != actual[part]]


def content_digest(rows: Sequence[str]) -> str:
    """The SHA-256 of a list's columns and rows in their order, as it stands on the cover."""
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
