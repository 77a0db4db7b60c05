"""收回的清单 — a filled-in workbook as rows of text, read by a child process under limits.

Columns are found by their heading, in any order; whatever else the file holds is named and left alone.
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.base.errors import DeliveryRejected
from pipelines.readers import guard, sheets
from pipelines.reports.answers import ANSWERS
from pipelines.reports.exceptions import LOCKED, SHEET

MEMORY = 1 << 30
SECONDS = 120
LARGEST = 64 << 20
SEAL = "校验码"
COVER, EXPORT = "封面", "导出编号"
HEADINGS = (*(c.heading for c in LOCKED), *(c.heading for c in ANSWERS))
LIST = re.compile(rf"{SHEET}(（\d+）)?")


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row of a returned list: where it stands and its cells by heading, empty cells left out."""

    sheet: str
    line: int
    cells: dict[str, str]
    letters: dict[str, str]

    @property
    def at(self) -> tuple[str, int]:
        """Its sheet and line, which no other row has."""
        return self.sheet, self.line

    def place(self, heading: str) -> str:
        """The cell of a column, as ``疑点清单!N12``."""
        return f"{self.sheet}!{self.letters.get(heading, '')}{self.line}"


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned workbook: the export it says it is of, its rows, and headings nobody knows."""

    file: str
    export_id: str
    rows: tuple[ReturnedRow, ...]
    unknown: tuple[str, ...]


def read(path: Path) -> Returned:
    """The workbook at ``path``; ``DeliveryRejected`` where it is not a list of ours or cannot be read."""
    tables = dict(_tables(path))
    lists = {name: rows for name, rows in tables.items() if LIST.fullmatch(name)}
    if COVER not in tables or not lists:
        raise DeliveryRejected(
            f"{guard.shown(path.name)}：没有“{COVER}”或“{SHEET}”工作表；请交回本系统导出的清单原文件"
        )
    export_id = next((row[1] for row in tables[COVER] if len(row) > 1 and row[0] == EXPORT), "")
    found: list[ReturnedRow] = []
    unknown: list[str] = []
    for name, rows in lists.items():
        header = _header(path, name, rows)
        unknown += [h for h in rows[0] if h and h not in header]
        found += _rows(name, header, rows[1:])
    return Returned(guard.shown(path.name), export_id, tuple(found), tuple(dict.fromkeys(unknown)))


def _header(path: Path, sheet: str, rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where each known heading stands; all that were sent out must be there, once."""
    names = list(rows[0]) if rows else []
    missing = [h for h in (*HEADINGS, SEAL) if h not in names]
    twice = sorted({h for h in names if h and names.count(h) > 1})
    if missing or twice:
        faults = [f"缺少栏目：{'、'.join(missing)}"] * bool(missing) + [
            f"栏目重复：{'、'.join(twice)}"
        ] * bool(twice)
        raise DeliveryRejected(
            f"{guard.shown(path.name)}（{sheet}）：{'；'.join(faults)}；请交回导出的清单原文件"
        )
    return {h: names.index(h) for h in (*HEADINGS, SEAL)}


def _rows(sheet: str, header: dict[str, int], rows: Sequence[Sequence[str]]) -> Iterator[ReturnedRow]:
    letters = {heading: _letter(n) for heading, n in header.items()}
    for line, row in enumerate(rows, 2):
        cells = {heading: row[n] for heading, n in header.items() if row[n]}
        if cells:
            yield ReturnedRow(sheet, line, cells, letters)


def _tables(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Every sheet's name and rows of text, its first row first."""
    with guard.opened(path) as source:
        if not path.name.lower().endswith(".xlsx") or source.seek(0, io.SEEK_END) > LARGEST:
            raise DeliveryRejected(f"{guard.shown(path.name)}：不是 .xlsx 工作簿，或超过 {LARGEST >> 20} MB")
        command = [sys.executable, "-m", sheets.__name__, str(path), "xlsx", str(MEMORY)]
        try:
            child = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise DeliveryRejected(
                f"{guard.shown(path.name)}：文件损坏、加密或超出读取限度；请用原软件另存一份再交"
            ) from None
    stream = io.BytesIO(child.stdout)
    while stream.tell() < len(child.stdout):
        reader = pa.ipc.open_stream(stream)
        name = (reader.schema.metadata or {})[b"name"].decode()
        table = reader.read_all()
        columns = [[cell or "" for cell in column.to_pylist()] for column in table.columns]
        yield name, [list(row) for row in zip(*columns, strict=True)]


def _letter(number: int) -> str:
    letters = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        letters, number = chr(ord("A") + rest) + letters, number - 1
    return letters
