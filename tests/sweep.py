"""Harmful values in any feed, column and format: ``python -m tests.sweep FILES [SEED]`` tries so many.

Each night reads two hundred. What must hold of each file: every row is landed or rejected, what is no value
lands as none; and of the night: nobody whom such values concern, each a recipient, is accused.
"""

import gzip
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
import xlsxwriter

import sql
from expectations.feed import Column, Feed, feeds
from matchers.people.resident_id import check_character
from pipelines import night
from pipelines.base.errors import DeliveryRejected
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database.migrate import upgrade
from pipelines.deliveries import Delivery, deliveries
from pipelines.readers import land
from sql.tables import claim, payment, recipient, suspension_candidate

TABLES = ("xlsx", "parquet")
FORMATS = ("csv", "txt", "gb18030", "tsv", "utf-16", "gz", "cr", *TABLES)
TEXTS = FORMATS[: -len(TABLES)]
TABLES_IN = 20  # one in so many files is a workbook or Parquet, for which the reader starts a process
FILES = 200  # of a night
ROWS = 6
NIGHT = date(2026, 6, 18)
DELIVERED = date(2026, 6, 2)
OF_THE_ROLL = ("EXHAUSTED", "RETIREMENT_AGE", "PAID_AFTER_STOP", "DUPLICATE_BENEFIT")  # read no feed
NUMBER_ONLY = ("exponent", "rounded", "masked")
NOTHINGS = ("NULL", "\\N", "(Null)", "无", "/", "-", "#N/A", "--", "暂无", "<NA>")
DAYS = ("1900-01-01", "1970-01-01", "1899-12-30", "0001-01-01", "9999-12-31", "1900-01-01 00:00:00")
CONCERNING = ("rounded_ids", "before_birth", "no_day", "no_notice")  # the people in the rows are recipients
KINDS = ("nothing", "zeros", "placeholder", *NUMBER_ONLY, "rounded_ids", "escape", "before_birth", "padded",
         "no_day", "no_notice")  # fmt: skip


class Made(NamedTuple):
    """A file with one harmful kind of value in one column, and the ID numbers of the people in it."""

    feed: Feed
    kind: str
    form: str
    column: Column
    headings: list[str]
    rows: list[list[str]]
    numbers: list[str]

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
        {c.name: _harmful(c, kind, rng) if c is column else _plain(c, first + n) for c in columns}
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
        "before_birth": column.from_age is not None,
        "no_notice": column.name == "notice_no",
    }[kind]


def _harmful(column: Column, kind: str, rng: Random) -> str:
    return {
        "nothing": lambda: rng.choice(NOTHINGS),
        "zeros": lambda: "0" * rng.randint(1, 18),
        "placeholder": lambda: rng.choice(DAYS),
        "no_day": lambda: rng.choice((*DAYS, *NOTHINGS)),
        "no_notice": lambda: rng.choice((*NOTHINGS, "12345678901234567000", "1.2E+16", "91****01")),
        "exponent": lambda: f"{rng.uniform(1, 10):.{rng.randint(2, 14)}f}E+{rng.randint(10, 19)}",
        "rounded": lambda: f"{rng.randrange(10**14, 10**15)}000",
        "masked": lambda: f"{rng.randrange(10**4)}****{rng.randrange(10**4)}",
        "rounded_ids": lambda: _rounded(rng),
        "escape": lambda: rng.choice(
            ("王&#183;超", "王&middot;超", "\\u738b·超", "&#29579;·&#x8d85;", "%u738b·超")
        ),
        "padded": lambda: rng.choice(("王·超  ", "王·超\u200b", " 王・超")),
        "before_birth": lambda: "1940-01" if column.type == "month" else "1940-01-01",
    }[kind]()


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
    if column.name == "result":
        return "本人拒绝"
    if column.codes:
        return next(iter(column.codes))
    return {"id": "", "name": "王·超", "month": "2026-02", "date": "2026-02-03", "money": "5000"}.get(
        column.type, f"甲{row}"
    )


def written(
    headings: Sequence[str], rows: Sequence[Sequence[str]], form: str, folder: Path, name: str = "a"
) -> Path:
    """The file with these headings and rows in one of ``FORMATS``."""
    ending = {"gb18030": "csv", "tsv": "txt", "utf-16": "txt", "gz": "csv.gz", "cr": "csv"}.get(form, form)
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
        text = ("\r" if form == "cr" else "\n").join(sign.join(cells) for cells in (headings, *rows))
        content = text.encode(form if form in ("gb18030", "utf-16") else "utf-8")
        path.write_bytes(gzip.compress(content) if form == "gz" else content)
    return path


def template(home: Path) -> Path:
    """An empty benefit database with the agency's relations."""
    file = home / "template.db"
    engine = sql.connect(f"sqlite:///{file}", create=True)
    upgrade(engine)
    sql.create_agency(engine)
    engine.dispose()
    return file


class City:
    """A benefit database for one night, whose recipients are people in harmful rows."""

    def __init__(self, home: Path, empty: Path) -> None:
        shutil.copyfile(empty, home / "benefit.db")
        url = f"sqlite:///{home / 'benefit.db'}"
        self._engine = sql.connect(url)
        self._settings = Settings(
            url, home / "inbox", home / "store", home / "reports", memory_mb=512, threads=1
        )

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def night(self, number: int, rng: Random, files: int) -> list[str]:
        """What is wrong with the files of one night and with what came of them."""
        every = [self._delivered(number, place, rng) for place in range(files)]
        on = DELIVERED + timedelta(number % 14)
        night.propose(self._settings, NIGHT)
        by_feed = {d.feed: d for d in deliveries(self._engine) if d.delivered_on == on}
        return [*self._wrong(by_feed, every), *self._accused()]

    def _delivered(self, number: int, place: int, rng: Random) -> tuple[str, Made]:
        one = made(
            rng.choice(list(feeds().values())),
            rng.choice(KINDS),
            rng.choice(TABLES if rng.random() * TABLES_IN < 1 else TEXTS),
            rng,
            (number * FILES + place) * ROWS,
        )
        folder = self._settings.inbox / (DELIVERED + timedelta(number % 14)).isoformat() / one.feed.name
        folder.mkdir(parents=True, exist_ok=True)
        path = written(one.headings, one.rows, one.form, folder, f"f{place}")
        if one.kind in CONCERNING:
            self._admit(one.numbers)
        return path.name, one

    def _admit(self, numbers: Iterable[str]) -> None:
        """Make recipients of the people with these numbers, none of whom has worked, died or refused."""
        with self._engine.begin() as connection:
            for person in dict.fromkeys(numbers):
                if connection.scalar(sa.select(recipient.c.person_id).where(recipient.c.person_id == person)):
                    continue
                born = date(int(person[6:10]), int(person[10:12]), int(person[12:14]))
                connection.execute(
                    sa.insert(recipient).values(
                        person_id=person, id_kind="resident", id_number=person, name="王·超",
                        sex="M" if int(person[16]) % 2 else "F", birth_date=born, district="500199",
                    )
                )  # fmt: skip
                connection.execute(
                    sa.insert(claim).values(
                        claim_id=f"C{person}", person_id=person, district="500199", monthly_amount=2000,
                        registered_on=date(2025, 12, 20), start_month="2026-01", entitled_months=12,
                        deemed_months=0, extended_to_retirement=False, status="active",
                        separated_on=date(2025, 12, 15), separation_reason="end_of_contract",
                        last_employer_id="L001", last_employer_name="旧厂",
                        accepted_by="甲", approved_by="乙",
                    )
                )  # fmt: skip
                for month in range(1, 7):
                    connection.execute(
                        sa.insert(payment).values(
                            payment_id=f"{person}-{month}", claim_id=f"C{person}", amount=2000, state="paid",
                            benefit_month=f"2026-{month:02d}", benefit_kind="unemployment_benefit",
                            paid_on=date(2026, month, 15),
                        )
                    )  # fmt: skip

    def _wrong(self, by_feed: dict[str, Delivery], every: Sequence[tuple[str, Made]]) -> Iterator[str]:
        extracts: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for delivery in by_feed.values():
            if delivery.health == "refused":
                yield f"{delivery.feed}: refused, {delivery.reason}"
            for path in delivery.landed_files(Store(self._settings.store), "extract"):
                for row in pq.read_table(path).to_pylist():
                    extracts.setdefault((delivery.feed, row["file"].partition("#")[0]), []).append(row)
        for name, one in every:
            file = next((f for f in by_feed[one.feed.name].files if f.file == name), None)
            if file is not None and by_feed[one.feed.name].health != "refused":
                kept = extracts.get((one.feed.name, name), [])
                yield from wrong_in(one, kept, file.rows_read, file.rows_rejected, file.rows_dropped)

    def _accused(self) -> list[str]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(suspension_candidate.c.cause, suspension_candidate.c.tier))
            return [f"accused: {row.cause} {row.tier}" for row in rows if row.cause not in OF_THE_ROLL]


def main(files: int, seed: int) -> int:
    """Tries so many made files and prints what is wrong, the rate and the number of files."""
    rng, began, wrong = Random(seed), time.monotonic(), list[str]()
    with tempfile.TemporaryDirectory() as home:
        empty = template(Path(home))
        for number, done in enumerate(range(0, files, FILES)):
            with tempfile.TemporaryDirectory() as folder:
                city = City(Path(folder), empty)
                wrong += city.night(number, rng, min(FILES, files - done))
                city.close()
            tried_so_far = min(files, done + FILES)
            rate = tried_so_far / (time.monotonic() - began)
            sys.stdout.write(f"{tried_so_far} files, {len(wrong)} wrong, {rate:.1f} files a second\n")
            sys.stdout.flush()
    sys.stdout.write("".join(f"{one}\n" for one in wrong[:20]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
