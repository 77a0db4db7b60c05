"""报表文件 — the files of each night that an account may take along, with their rows and SHA-256."""

import csv
import hashlib
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from pipelines.base.settings import Settings
from pipelines.desk.accounts import Account
from pipelines.desk.roles import CASES, SUPERVISOR
from pipelines.reports import PAGE
from pipelines.reports.exceptions import SHEET
from pipelines.reports.words import CITY

NIGHT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORKBOOK: Final = re.compile(rf".+-(?P<of>[0-9]{{6}}|{CITY})\.xlsx")
TITLE: Final = re.compile('<sheet name="([^"]*)"')
NO_TABLES: Final = ("封面", "字典")
ROW: Final = b"<row "
BLOCK: Final = 1 << 20
FILES: Final = 4096


@dataclass(frozen=True, slots=True)
class File:
    """One file by its name below the folder of its night. ``rows``: of its tables without their
    headings, the dictionary left out; None of a page.
    """

    name: str
    path: Path
    bytes: int
    rows: int | None
    sha256: str


def nights(settings: Settings) -> list[date]:
    """The nights that have files, newest first."""
    folder = settings.reports
    names = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return sorted((day for name in names if (day := night(name)) is not None), reverse=True)


def night(text: str) -> date | None:
    """The night that a folder or somebody names; None where it is none."""
    try:
        return date.fromisoformat(text) if NIGHT.fullmatch(text) else None
    except ValueError:
        return None


def of_night(settings: Settings, account: Account, day: date) -> list[File]:
    """The night's files within the account's bounds: workbooks of districts for those who work on cases in
    them, what concerns the whole city (its workbooks, the page, rejects) for those who see all of it.
    """
    folder = settings.reports / day.isoformat()
    written = sorted((*folder.glob("*.xlsx"), folder / PAGE, *folder.glob("rejects/*.csv")))
    own = [path for path in written if path.is_file() and not path.is_symlink() and _may(account, path)]
    return [_described(path, path.relative_to(folder).as_posix()) for path in own]


def lists(listed: Sequence[File], account: Account) -> frozenset[str]:
    """The names of those that are lists of one district, which the account may hand out."""
    names = [file.name for file in listed if file.name.startswith(f"{SHEET}-")]
    return frozenset(name for name in names if account.role in SUPERVISOR and CITY not in name)


def _may(account: Account, path: Path) -> bool:
    workbook = WORKBOOK.fullmatch(path.name)
    if workbook is None or workbook["of"] == CITY:
        return account.whole_city
    return account.role in CASES and account.sees(workbook["of"])


def _described(path: Path, name: str) -> File:
    state = path.stat()
    rows, digest = _measured(path, state.st_mtime_ns, state.st_size)
    return File(name, path, state.st_size, rows, digest)


@lru_cache(FILES)
def _measured(path: Path, changed: int, size: int) -> tuple[int | None, str]:
    """Rows and SHA-256 of a file as it is now; a file that is written again is measured again."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return rows_of(path), digest


def rows_of(path: Path) -> int | None:
    """How many rows the tables of a file have without headings, the dictionary left out; None of a page."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.reader(file)) - 1
    if path.suffix != ".xlsx":
        return None
    with zipfile.ZipFile(path) as book:
        titles = TITLE.findall(book.read("xl/workbook.xml").decode())
        tables = [n for n, title in enumerate(titles, 1) if title not in NO_TABLES]
        return sum(_counted(book, f"xl/worksheets/sheet{n}.xml") - 1 for n in tables)


def _counted(book: zipfile.ZipFile, sheet: str) -> int:
    count, rest = 0, b""
    with book.open(sheet) as xml:
        while block := xml.read(BLOCK):
            joined = rest + block
            count += joined.count(ROW)
            rest = joined[1 - len(ROW) :]
    return count
