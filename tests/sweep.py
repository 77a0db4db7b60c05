"""Harmful values in any feed, column and format; ``python -m tests.sweep FILES`` tries so many files.

What must hold of each file: every row is landed or rejected, what is no value lands as none, and no number
that a spreadsheet has rounded finds anybody.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from expectations.feed import Column, Feed, feeds
from matchers.people.resident_id import check_character
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import land

TABLES = ("xlsx", "parquet")
FORMATS = ("csv", "txt", "gb18030", *TABLES)
ROWS = 6
NUMBER_ONLY = ("exponent", "rounded", "masked")
NOTHINGS = ("NULL", "\\N", "(Null)", "无", "/", "-", "#N/A", "--", "暂无", "<NA>")
DAYS = ("1900-01-01", "1970-01-01", "1899-12-30", "0001-01-01", "9999-12-31", "1900-01-01 00:00:00")
KINDS = ("nothing", "zeros", "placeholder", *NUMBER_ONLY, "rounded_ids", "escape", "before_birth", "padded")


def tried(declared: Feed, kind: str, form: str, folder: Path, rng: Random) -> list[str]:
    """What is wrong with the landing of one made file; nothing where all holds."""
    headings, rows, column = made(declared, kind, rng)
    path = written(headings, rows, form, folder)
    try:
        done = land(path, declared, folder / "landed", part="p")
    except DeliveryRejected as refusal:
        return [f"{declared.name} {kind} {form}: refused, {refusal}"]
    kept = pq.read_table(folder / "landed" / "extract").to_pylist()
    rejected = pq.read_table(folder / "landed" / "rejects").num_rows
    place = f"{declared.name}.{column.name} {kind} {form}"
    wrong = []
    if not (done.rows_read == ROWS == len(kept) + rejected + done.rows_dropped):
        wrong.append(f"{place}: {ROWS} rows became {len(kept)} and {rejected} rejects")
    if kind == "rounded_ids":
        wrong += [f"{place}: somebody's number" for row in kept if row["id_key"]]
    elif kind in ("escape", "padded"):
        wrong += [f"{place}: name as {row['name']}" for row in kept if row["name_key"] != "王·超"]
    elif kind == "before_birth":
        wrong += [f"{place}: a fact before birth" for _ in kept]
    else:
        held = [row[column.name] for row in kept]
        wrong += [f"{place}: a value" for value in held if value not in (None, column.default)]
    return wrong


def made(declared: Feed, kind: str, rng: Random) -> tuple[list[str], list[list[str]], Column]:
    """Headings and rows of a file that has one harmful kind of value in one column."""
    column = rng.choice(
        [c for c in declared.columns.values() if _fits(c, kind)] or [declared.columns["phone"]]
    )
    columns = list(declared.columns.values())
    rng.shuffle(columns)
    rows = [
        [_harmful(c, kind, n, rng) if c is column else _plain(c, n) for c in columns] for n in range(ROWS)
    ]
    return [rng.choice(c.headings) for c in columns], rows, column


def _fits(column: Column, kind: str) -> bool:
    if kind in NUMBER_ONLY:
        return column.number
    return {
        "nothing": column.type not in ("id", "name"),
        "zeros": column.type == "text",
        "placeholder": column.type == "date",
        "rounded_ids": column.name == "id_number",
        "escape": column.name == "name",
        "padded": column.name == "name",
        "before_birth": column.from_age is not None,
    }[kind]


def _harmful(column: Column, kind: str, row: int, rng: Random) -> str:
    return {
        "nothing": lambda: rng.choice(NOTHINGS),
        "zeros": lambda: "0" * rng.randint(1, 18),
        "placeholder": lambda: rng.choice(DAYS),
        "exponent": lambda: f"{rng.uniform(1, 10):.{rng.randint(2, 14)}f}E+{rng.randint(10, 19)}",
        "rounded": lambda: f"{rng.randrange(10**14, 10**15)}000",
        "masked": lambda: f"{rng.randrange(10**4)}****{rng.randrange(10**4)}",
        "rounded_ids": lambda: _rounded(rng),
        "escape": lambda: rng.choice(
            ("王&#183;超", "王&middot;超", "\\u738b·超", "&#29579;·&#x8d85;", "%u738b·超")
        ),
        "padded": lambda: rng.choice(("王·超  ", "王·超\u200b", " 王・超")),
        "before_birth": lambda: "1980-01" if column.type == "month" else "1980-01-01",
    }[kind]()


def _rounded(rng: Random) -> str:
    """A number in three zeros that passes its own check."""
    while True:
        body = f"500199{rng.randint(1960, 1990)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}100"
        if check_character(body) == "0":
            return body + "0"


def _plain(column: Column, row: int) -> str:
    if column.name == "id_number":
        body = f"50019919850312{row + 1:03d}"
        return body + check_character(body)
    if column.codes:
        return next(iter(column.codes))
    return {"id": "", "name": "王·超", "month": "2026-02", "date": "2026-02-03", "money": "5000"}.get(
        column.type, f"甲{row}"
    )


def written(headings: Sequence[str], rows: Sequence[Sequence[str]], form: str, folder: Path) -> Path:
    path = folder / f"a.{'csv' if form == 'gb18030' else form}"
    if form == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for place, cells in enumerate((headings, *rows)):
                for at, cell in enumerate(cells):
                    sheet.write_string(place, at, cell)
    elif form == "parquet":
        pq.write_table(pa.table({h: [row[at] for row in rows] for at, h in enumerate(headings)}), path)
    else:
        sign = "|" if form == "txt" else ","
        text = "\n".join(sign.join(cells) for cells in (headings, *rows))
        path.write_text(text, "gb18030" if form == "gb18030" else "utf-8")
    return path


def main(files: int) -> int:
    """Tries so many made files and prints what is wrong, the rate and the number of files."""
    rng, began, wrong = Random(files), time.monotonic(), list[Any]()
    declared = list(feeds().values())
    for _ in range(files):
        with tempfile.TemporaryDirectory() as folder:
            one, kind, form = rng.choice(declared), rng.choice(KINDS), rng.choice(FORMATS)
            wrong += tried(one, kind, form, Path(folder), rng)
    sys.stdout.write("".join(f"{one}\n" for one in wrong[:20]))
    rate = files / (time.monotonic() - began)
    sys.stdout.write(f"{files} files, {len(wrong)} wrong, {rate:.1f} files a second\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
