"""收回的清单 — a filled-in workbook as rows of text, read by a child process under limits.

Columns are looked up by their heading, in any order; whatever else the file holds is named and left alone.
Which columns must be there depends on the export that the cover names: each list has those it was made with.
"""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import pyarrow as pa

from pipelines.base.errors import DeliveryRejected
from pipelines.readers import guard, workbook
from pipelines.readers import sheets as reader
from pipelines.reports.exceptions import SHEET, WORK
from pipelines.reports.format import Format

MEMORY = 1 << 30
SECONDS = 120
NOTHING_MERGED = b"{}"
LARGEST = 64 << 20
INFLATED = 1 << 30
MOST_SHEETS = 64
COLUMNS = 200
SEAL = "校验码"
COVER, EXPORT = "封面", "导出编号"


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
        """The cell of a column, as ``办理!N12``."""
        return f"{self.sheet}!{self.letters.get(heading, '')}{self.line}"


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned workbook: the export it says it is of, and the cells of its list's sheets by their name.

    ``left_alone``: the names of its other sheets, which nobody reads an answer from.
    """

    file: str
    export_id: str
    sheets: Mapping[str, list[list[str]]]
    left_alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a returned list, and the headings that it was not sent out with."""

    rows: tuple[ReturnedRow, ...]
    unknown: tuple[str, ...]


def read(path: Path, *names: str) -> Returned:
    """The workbook at ``path``; ``DeliveryRejected`` where it is not a list of ours or cannot be read.

    ``names``: what the sheet of its rows may be called; without any, as in lists of candidates.
    """
    tables = dict(_tables(path))
    sheet, *_ = called = names or (WORK, SHEET)
    row_sheet = re.compile(rf"({'|'.join(map(re.escape, called))})(（\d+）)?")
    sheets = {name: rows for name, rows in tables.items() if row_sheet.fullmatch(name)}
    if COVER not in tables or not sheets:
        raise DeliveryRejected(
            f"{guard.shown(path.name)}：没有“{COVER}”或“{sheet}”工作表；请交回本系统导出的清单原文件"
        )
    export_id = next((row[1] for row in tables[COVER] if len(row) > 1 and row[0] == EXPORT), "")
    others = tuple(name for name in tables if name not in sheets)
    return Returned(guard.shown(path.name), export_id, sheets, others)


def listed(returned: Returned, columns: Format) -> Listed:
    """The rows of a list that was made with ``columns``; ``DeliveryRejected`` where one lacks or is twice."""
    rows: list[ReturnedRow] = []
    unknown: list[str] = []
    for name, lines in returned.sheets.items():
        header = _header(returned.file, name, lines, columns)
        unknown += [h for h in lines[0] if h and h not in header]
        rows += _rows(name, header, lines[1:])
    return Listed(tuple(rows), tuple(dict.fromkeys(unknown)))


def _header(file: str, sheet: str, rows: Sequence[Sequence[str]], columns: Format) -> dict[str, int]:
    """Where each heading stands; all that were sent out must be there, once."""
    names = list(rows[0]) if rows else []
    wanted = (*columns.headings, SEAL)
    missing = [h for h in wanted if h not in names]
    twice = sorted({h for h in names if h and names.count(h) > 1})
    if missing or twice:
        faults = [f"缺少栏目：{'、'.join(missing)}"] * bool(missing) + [
            f"栏目重复：{'、'.join(twice)}"
        ] * bool(twice)
        raise DeliveryRejected(f"{file}（{sheet}）：{'；'.join(faults)}；请交回导出的清单原文件")
    return {h: names.index(h) for h in wanted}


def _rows(sheet: str, header: dict[str, int], rows: Sequence[Sequence[str]]) -> Iterator[ReturnedRow]:
    letters = {heading: _letter(n) for heading, n in header.items()}
    for line, row in enumerate(rows, 2):
        cells = {heading: row[n] for heading, n in header.items() if row[n]}
        if cells:
            yield ReturnedRow(sheet, line, cells, letters)


def _tables(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Every sheet's name and rows of text, its first row first."""
    name = guard.shown(path.name)
    with guard.opened(path) as source:
        if not path.name.lower().endswith(".xlsx") or source.seek(0, io.SEEK_END) > LARGEST:
            raise DeliveryRejected(f"{name}：不是 .xlsx 工作簿，或超过 {LARGEST >> 20} MB")
        _require_bounds(source, name)
        command = [sys.executable, "-m", reader.__name__, str(path), "xlsx", str(MEMORY)]
        try:
            child = subprocess.run(
                command, input=NOTHING_MERGED, capture_output=True, timeout=SECONDS, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise DeliveryRejected(f"{name}：文件损坏、加密或超出读取限度；请用原软件另存一份再交") from None
    stream = io.BytesIO(child.stdout)
    while stream.tell() < len(child.stdout):
        sheet = pa.ipc.open_stream(stream)
        title = (sheet.schema.metadata or {})[b"name"].decode()
        table = sheet.read_all()
        columns = [[cell or "" for cell in column.to_pylist()] for column in table.columns]
        yield title, [list(row) for row in zip(*columns, strict=True)]


def _require_bounds(source: BufferedReader, file: str) -> None:
    """``DeliveryRejected`` where the archive holds more than a list of ours can; no reader has opened it."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        raise DeliveryRejected(
            f"{file}：文件损坏（不是完整的 .xlsx 工作簿）或已加密；请用原软件另存一份再交"
        ) from None
    sheets = sum(member.filename.lower().startswith("xl/worksheets/sheet") for member in members)
    if sheets > MOST_SHEETS:
        raise DeliveryRejected(f"{file}：工作表超过 {MOST_SHEETS} 张；请交回本系统导出的清单原文件")
    if sum(member.file_size for member in members) > INFLATED:
        raise DeliveryRejected(f"{file}：解压后超过 {INFLATED >> 20} MB；请交回本系统导出的清单原文件")
    try:
        workbook.check(source, COLUMNS, file)
    except DeliveryRejected as refused:  # what it advises is for deliveries, which may come as CSV
        why = str(refused).rpartition("；")[0]
        raise DeliveryRejected(f"{why}；请交回本系统导出的清单原文件") from None


def _letter(number: int) -> str:
    letters = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        letters, number = chr(ord("A") + rest) + letters, number - 1
    return letters
