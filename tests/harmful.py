"""Files that harm: one kind of harmful value in one column of any feed, in any format.

What must hold of each: every row is landed or rejected, and what is no value lands as none.
"""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from expectations.feed import Column, Feed
from matchers.people.resident_id import check_character
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import land

TABLES = ("xlsx", "parquet")
FORMATS = ("csv", "txt", "gb18030", "tsv", "utf-16", "gz", "cr", "mixed", "nel", *TABLES)
ENDS = {"cr": ("\r",), "mixed": ("\n", "\r\n", "\r"), "nel": ("\x85",)}
TEXTS = FORMATS[: -len(TABLES)]
ROWS = 6
NUMBER_ONLY = ("exponent", "rounded", "masked", "lookup")
NOTHINGS = ("NULL", "\\N", "(Null)", "无", "/", "-", "#N/A", "--", "暂无", "<NA>")
EXPONENTS = ("E+", "e+", "E", " E+", "*10^", "×10^", " × 10^", "x10^", "·10^")
DAYS = ("1900-01-01", "1970-01-01", "1899-12-30", "0001-01-01", "9999-12-31", "1900-01-01 00:00:00")
WRAPPINGS = ('="{}"', "='{}'", '=""&"{}"', '=T("{}")', 'T("{}")', '="{}"&""', "'{}", "`{}", "“{}”")
REFUSED = {"result": "本人拒绝", "justified": "否"}
CONCERNING = ("rounded_ids", "before_birth", "no_day", "no_notice")  # the people in the rows are recipients
KINDS = ("nothing", "zeros", "placeholder", *NUMBER_ONLY, "rounded_ids", "escape", "before_birth", "padded",
         "wrapped", "no_day", "no_notice")  # fmt: skip


class Made(NamedTuple):
    """A file with one harmful kind of value in one column.

    ``numbers``: the ID numbers of the people in it. ``plain``: the column's values without the harm.
    """

    feed: Feed
    kind: str
    form: str
    column: Column
    headings: list[str]
    rows: list[list[str]]
    numbers: list[str]
    plain: list[str]

    @property
    def place(self) -> str:
        """What a complaint begins with."""
        return f"{self.feed.name}.{self.column.name} {self.kind} {self.form}"


def tried(declared: Feed, kind: str, form: str, folder: Path, rng: Random) -> list[str]:
    """What is wrong with the landing of one made file; nothing where all holds."""
    one = made(declared, kind, form, rng, 0)
    path = written(one.headings, one.rows, form, folder)
    try:
        done = land(path, declared, folder / "landed", part="p")
    except DeliveryRejected as refusal:
        return [f"{one.place}: refused, {refusal}"]
    kept = pq.read_table(folder / "landed" / "extract").to_pylist()
    return wrong_in(one, kept, done.rows_read, done.rows_rejected, done.rows_dropped)


def wrong_in(one: Made, kept: Sequence[dict[str, Any]], read: int, rejected: int, dropped: int) -> list[str]:
    """What is wrong with the landed rows and the counts of a made file."""
    column, place, wrong = one.column, one.place, list[str]()
    if not (read == ROWS == len(kept) + rejected + dropped):
        wrong.append(f"{place}: {ROWS} rows became {len(kept)} and {rejected} rejects")
    if one.kind == "rounded_ids":
        return wrong + [f"{place}: somebody's number" for row in kept if row["id_key"]]
    if one.form != "parquet" and one.column.name != "id_number":
        wrong += [
            f"{place}: line {row['line']}" for row in kept if row["id_number"] != one.numbers[row["line"] - 2]
        ]
    if one.kind == "wrapped":
        plain = {row["line"]: one.plain[row["line"] - 1 - (one.form != "parquet")] for row in kept}
        return wrong + [
            f"{place}: a wrapping" for row in kept if (row[column.name] or "") != plain[row["line"]]
        ]
    if one.kind in ("escape", "padded"):
        return wrong + [f"{place}: name as {row['name']}" for row in kept if row["name_key"] != "王·超"]
    if one.kind == "before_birth":
        return wrong + [f"{place}: a fact before birth" for _ in kept]
    return wrong + [f"{place}: a value" for row in kept if row[column.name] not in (None, column.default)]


def made(declared: Feed, kind: str, form: str, rng: Random, first: int) -> Made:
    """A file of people of whom the ``first`` has that serial, each with a number of his own."""
    if not (fitting := [c for c in declared.columns.values() if _fits(c, kind)]):
        return made(declared, "nothing", form, rng, first)
    column = rng.choice(fitting)
    columns = list(declared.columns.values())
    rng.shuffle(columns)
    cells = [
        {
            c.name: _harmful(kind, rng).format(_plain(c, first + n)) if c is column else _plain(c, first + n)
            for c in columns
        }
        for n in range(ROWS)
    ]
    return Made(
        declared,
        kind,
        form,
        column,
        [rng.choice(c.headings) for c in columns],
        [list(row.values()) for row in cells],
        [row["id_number"] for row in cells],
        [_plain(column, first + n) for n in range(ROWS)],
    )


def sound(declared: Feed, first: int) -> Made:
    """A file without any harm, of people as in ``made``."""
    columns = list(declared.columns.values())
    rows = [[_plain(c, first + n) for c in columns] for n in range(ROWS)]
    numbers = [row[[c.name for c in columns].index("id_number")] for row in rows]
    return Made(
        declared, "sound", "csv", columns[0], [c.headings[0] for c in columns], rows, numbers, numbers
    )


def _fits(column: Column, kind: str) -> bool:
    if kind in NUMBER_ONLY:
        return column.number
    if kind == "no_day":
        return column.type == "date" and column.required
    return {
        "nothing": column.type not in ("id", "name"),
        "zeros": column.type == "text",
        "placeholder": column.type == "date",
        "rounded_ids": column.name == "id_number",
        "escape": column.name == "name",
        "padded": column.name == "name",
        "wrapped": column.type in ("text", "name", "id"),
        "before_birth": column.from_age is not None,
        "no_notice": column.name == "notice_no",
    }[kind]


def _harmful(kind: str, rng: Random) -> str:
    values: dict[str, Callable[[], str]] = {
        "nothing": lambda: rng.choice(NOTHINGS),
        "zeros": lambda: "0" * rng.randint(1, 18),
        "placeholder": lambda: rng.choice(DAYS),
        "no_day": lambda: rng.choice((*DAYS, *NOTHINGS)),
        "no_notice": lambda: rng.choice(
            (*NOTHINGS, "“”", '=""', "12345678901234567000", "1.2E+16", "91****01", "5×10^15")
        ),
        "exponent": lambda: (
            f"{rng.uniform(1, 10):.{rng.randint(2, 14)}f}{rng.choice(EXPONENTS)}{rng.randint(10, 19)}"
        ),
        "lookup": lambda: f"=VLOOKUP(A{rng.randrange(99)})",
        "rounded": lambda: f"{rng.randrange(10**14, 10**15)}000",
        "masked": lambda: f"{rng.randrange(10**4)}****{rng.randrange(10**4)}",
        "rounded_ids": lambda: _rounded(rng),
        "escape": lambda: rng.choice(
            ("王&#183;超", "王&middot;超", "\\u738b·超", "&#29579;·&#x8d85;", "%u738b·超")
        ),
        "wrapped": lambda: rng.choice(WRAPPINGS),
        "padded": lambda: rng.choice(("王·超  ", "王·超\u200b", " 王・超")),
        "before_birth": lambda: "1940-01-01",
    }
    return values[kind]()


def _rounded(rng: Random) -> str:
    """A number in three zeros that passes its own check."""
    while True:
        body = f"500199{rng.randint(1960, 1990)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}100"
        if check_character(body) == "0":
            return body + "0"


def _plain(column: Column, row: int) -> str:
    if column.name == "id_number":
        body = f"500199{1950 + row // 800 % 45}{row // 36_000 % 12 + 1:02d}12{row % 800 + 101:03d}"
        return body + check_character(body)
    if column.name in REFUSED:
        return REFUSED[column.name]
    if column.codes:
        return next(iter(column.codes))
    return {"id": "", "name": "王·超", "month": "2026-02", "date": "2026-02-03", "money": "5000"}.get(
        column.type, f"甲{row}"
    )


def written(
    headings: Sequence[str], rows: Sequence[Sequence[str]], form: str, folder: Path, name: str = "a"
) -> Path:
    """The file with these headings and rows in one of ``FORMATS``."""
    ending = {
        "gb18030": "csv",
        "tsv": "txt",
        "utf-16": "txt",
        "gz": "csv.gz",
        "cr": "csv",
        "mixed": "csv",
        "nel": "csv",
    }.get(form, form)
    path = folder / f"{name}.{ending}"
    if form == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for place, cells in enumerate((headings, *rows)):
                for at, cell in enumerate(cells):
                    sheet.write_string(place, at, cell)
    elif form == "parquet":
        pq.write_table(pa.table({h: [row[at] for row in rows] for at, h in enumerate(headings)}), path)
    else:
        sign = {"txt": "|", "tsv": "\t", "utf-16": "\t"}.get(form, ",")
        ends = ENDS.get(form, ("\n",))
        text = "".join(sign.join(cells) + ends[n % len(ends)] for n, cells in enumerate((headings, *rows)))
        content = text.encode(form if form in ("gb18030", "utf-16") else "utf-8")
        path.write_bytes(gzip.compress(content) if form == "gz" else content)
    return path
