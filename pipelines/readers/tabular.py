"""表格文件 — workbooks and Parquet to landed Parquet, read by a child process under limits."""

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Feed
from matchers.text import Positions, fold
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import layout as layouts
from pipelines.readers import outside, sheets
from pipelines.readers.book import Merge, as_plain, contents, merges
from pipelines.readers.columns import Rows, Typing, schema
from pipelines.readers.damage import Damage
from pipelines.readers.layout import HEADINGS, Header, Layout, NoHeader
from pipelines.readers.numbers import Numbers
from pipelines.readers.parts import Part, Reject, Tally, require_usable
from pipelines.readers.plain import require
from pipelines.readers.workbook import check

MEMORY = 1 << 30  # of addresses, of which the libraries alone take a third
MEMORY_PER_BYTE = 12  # of a workbook's XML; a reader holds every cell of a sheet at once
MEMORY_MOST = 4 << 30
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
ALIKE = 0.1  # of a sheet's first rows so many may be rejects where it continues the one before
UNREAD = "unread_sheet"


class Outcome(NamedTuple):
    """What became of a file: the layout of its first table, the tally of all, and what was not read.

    ``unread``: the names of sheets that were not read. ``rows_unread``: how many rows of people were rejected
    because theirs was one of these. ``remarks``: Chinese sentences on what stands outside the tables.
    """

    layout: Layout
    tally: Tally
    unread: tuple[str, ...]
    rows_unread: int
    remarks: tuple[str, ...]


def land(source: BufferedReader, path: Path, kind: str, feed: Feed, folder: Path, part: str) -> Outcome:
    """Every visible sheet landed: by its own header, or without one by the columns of the sheet before it.

    The rows of people in a sheet that has neither are rejected. ``DeliveryRejected`` where no sheet has a
    header, or a sheet holds more than its table.
    """
    with ExitStack() as stack:
        size, long_numbers, from_1904 = path.stat().st_size, frozenset[str](), False
        merged: Mapping[int, list[Merge]] = {}
        readable = path
        if kind == "xlsx":
            size, long_numbers, spans = check(source, len(feed.columns), path.name)
            book = contents(source, path.name)
            merged, from_1904 = merges(source, book, spans), book.from_1904
            readable = stack.enter_context(as_plain(source, path, folder))
        elif not _is_parquet(source, size):
            require(source, "parquet 文件", path.name)
            raise _unreadable(path)
        memory = min(MEMORY + MEMORY_PER_BYTE * size, MEMORY_MOST)
        stream = stack.enter_context(_child(readable, path, kind, memory, merged))
        reader = _Sheets(path.name, feed, folder, part, Numbers(long_numbers, kind == "xlsx", from_1904))
        for number, (about, batches) in enumerate(_streams(stream, path)):
            reader.read(number, about, batches)
    return reader.outcome()


class _Sheets:
    """Lands the sheets of one file, one after the other."""

    def __init__(self, file: str, feed: Feed, folder: Path, part: str, numbers: Numbers) -> None:
        self._file = file
        self._feed = feed
        self._folder = folder
        self._part = part
        self._numbers = numbers
        self._layout: Layout | None = None  # of the sheet before
        self._first: Layout | None = None
        self._refusals: list[DeliveryRejected] = []
        self._tally = Tally()
        self._unread: list[str] = []
        self._rows_unread = 0
        self._remarks: list[str] = []

    def outcome(self) -> Outcome:
        """What became of all the sheets; ``DeliveryRejected`` where none had a header."""
        if self._first is None:
            nothing = DeliveryRejected(f"{self._file}：没有任何数据；请确认文件内容后重新报送。")
            raise layouts.most_telling(self._refusals) if self._refusals else nothing
        return Outcome(self._first, self._tally, tuple(self._unread), self._rows_unread, tuple(self._remarks))

    def read(self, number: int, about: Mapping[str, str], batches: Iterator[pa.RecordBatch]) -> None:
        """One sheet landed, or put on record as unread."""
        name = about["name"]
        if "hidden" in about:
            self._unread.append(name)
            self._remark(name, f"是隐藏的工作表，未读取（{about['hidden']} 行）")
            return
        first = next(batches, None)
        if first is None:
            return
        every = chain([first], batches)
        try:
            header = _header(about, first, self._feed, f"{self._file}#{name}" if name else self._file)
        except NoHeader as error:
            self._refusals.append(error)
            if error.headings >= HEADINGS or not self._continues(first):
                self._reject(number, name, first, batches)
                return
            self._remark(name, "没有表头，按前一张工作表的列次读取")
            header = Header(0, -1, cast(Layout, self._layout))
        self._layout = header.layout
        self._first = self._first or header.layout
        if about.get("merged", "0") != "0":
            self._remark(name, f"有 {about['merged']} 处合并单元格，已按合并的值逐行补上")
        for remark in outside.titles(header):
            self._remark(name, remark)
        self._land(number, name, 1 if "header" in about else header.last + 2, header, every)

    def _land(
        self, number: int, name: str, line: int, header: Header, batches: Iterable[pa.RecordBatch]
    ) -> None:
        layout, file = header.layout, f"{self._file}#{name}" if name else self._file
        typing = Typing(self._feed, file)
        beside = np.zeros(layout.width, np.int64)
        skip = header.last + 1
        kinds, personal = schema(self._feed), layout.personal.values()
        with Part(self._folder, f"{self._part}-{number}", file, kinds, personal) as out:
            for batch in batches:
                batch, skip = batch.slice(skip), max(skip - batch.num_rows, 0)
                columns = [pc.fill_null(column, "") for column in batch.columns]
                columns += [pa.array([""] * batch.num_rows)] * (layout.width - len(columns))
                beside += [_filled(columns[p]) if p in layout.unnamed else 0 for p in range(layout.width)]
                dropped = _dropped(columns, layout)
                kept = np.flatnonzero(~dropped)
                cells = [column.take(pa.array(kept)) for column in columns]
                rows, rejects, damage = typing(_rows(cells, layout, self._feed, self._numbers, kept + line))
                outside.require_one_table(rejects, lambda text: text.split("\t"), layout, file)
                out.write(rows, rejects, damage, int(dropped.sum()))
                require_usable(out.tally, file)
                line += batch.num_rows
        self._tally += out.tally
        for place in np.flatnonzero(beside).tolist():
            self._remark(name, f"第 {place + 1} 列没有列名，其中 {beside[place]} 个单元格未读取")

    def _continues(self, first: pa.RecordBatch) -> bool:
        """Whether a sheet's rows are such as the sheet before it has, in the same places."""
        layout = self._layout
        if layout is None or first.num_columns > layout.width:
            return False
        head = _cells(first.slice(0, layouts.HEAD_ROWS))
        rows = [row + [""] * (layout.width - len(row)) for row in head if any(map(fold, row))]
        cells = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        lines = np.arange(len(rows))
        _, rejects, _ = Typing(self._feed, self._file)(_rows(cells, layout, self._feed, self._numbers, lines))
        bad = {reject.line for reject in rejects}
        return 0 not in bad and len(bad) <= ALIKE * len(rows)

    def _reject(
        self, number: int, name: str, first: pa.RecordBatch, batches: Iterable[pa.RecordBatch]
    ) -> None:
        """Every row of people in a sheet that is not read becomes a reject."""
        self._unread.append(name)
        line, others = 1, 0
        rejected = 0
        head = _cells(first.slice(0, layouts.HEAD_ROWS))
        personal = outside.personal_places(head, self._feed, self._layout)
        file, kinds = f"{self._file}#{name}", schema(self._feed)
        with Part(self._folder, f"{self._part}-{number}", file, kinds, personal) as out:
            for batch in chain([first], batches):
                filled = [(n, row) for n, row in enumerate(_cells(batch), line) if any(map(fold, row))]
                people = [(n, row) for n, row in filled if outside.may_be_person(row, self._feed)]
                raw = ((n, "" if self._feed.drop else "\t".join(row)) for n, row in people)
                rejects = [Reject(n, UNREAD, None, None, text) for n, text in raw]
                out.write(kinds.empty_table(), rejects, Damage())
                require_usable(out.tally, file)
                rejected, others = rejected + len(people), others + len(filled) - len(people)
                line += batch.num_rows
        self._tally += out.tally
        self._rows_unread += rejected
        self._remark(name, f"没有表头，未读取（疑为人员 {rejected} 行，已退回；其他 {others} 行）")

    def _remark(self, name: str, what: str) -> None:
        self._remarks.append(f"工作表「{name}」{what}" if name else what)


def _is_parquet(source: BufferedReader, size: int) -> bool:
    """Whether the marks at both ends are there, and room for the footer that the last one announces."""
    if size < len(b"PAR1....PAR1"):
        return False
    head = source.read(4)
    source.seek(-8, os.SEEK_END)
    footer, mark = struct.unpack("<I4s", source.read(8))
    return bool(head == mark == b"PAR1" and 0 < footer <= size - 12)


@contextmanager
def _child(
    path: Path, delivered: Path, kind: str, memory: int, merged: Mapping[int, list[Merge]]
) -> Iterator[IO[bytes]]:
    command = [sys.executable, "-m", sheets.__name__, str(path), kind, str(memory)]
    variables = QUIET | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with (
        tempfile.TemporaryFile() as cells,
        subprocess.Popen(
            command, stdin=_written(cells, merged), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=os.environ | variables,
        ) as child,
    ):  # fmt: skip
        assert child.stdout is not None
        try:
            yield child.stdout
            if child.wait() != 0:
                raise _unreadable(delivered)
        finally:
            child.kill()


def _written(file: IO[bytes], value: object) -> IO[bytes]:
    file.write(json.dumps(value).encode())
    file.seek(0)
    return file


def _unreadable(path: Path) -> DeliveryRejected:
    return DeliveryRejected(
        f"{path.name}：文件损坏、加密或超出读取限度；请用原软件另存一份，或改用 csv 报送。"
    )


def _streams(source: IO[bytes], path: Path) -> Iterator[tuple[dict[str, str], Iterator[pa.RecordBatch]]]:
    """What the child writes of each sheet, and its batches; ``DeliveryRejected`` where it was cut off."""
    while True:
        try:
            reader = pa.ipc.open_stream(source)
        except pa.ArrowInvalid:
            return
        about = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
        batches = _batches(reader, path)
        yield about, batches
        for _ in batches:
            pass


def _batches(reader: pa.RecordBatchReader, path: Path) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowInvalid, OSError):
            raise _unreadable(path) from None
        yield batch


def _cells(batch: pa.RecordBatch) -> list[list[str]]:
    return [[cell or "" for cell in row.values()] for row in batch.to_pylist()]


def _header(about: Mapping[str, str], first: pa.RecordBatch, feed: Feed, file: str) -> Header:
    """The header in the first rows of a sheet, or the names of the columns of a Parquet file."""
    if "header" in about:
        layout = layouts.find([first.schema.names], feed, file).layout
        for place in layout.columns.values():
            if (name := first.schema.names[place]) in about["nested"].split("\n"):
                raise DeliveryRejected(
                    f"{file}：列「{name}」的单元格不是单个的值；请展开成普通列后重新报送。"
                )
        return Header(0, -1, layout)
    head = _cells(first.slice(0, layouts.HEAD_ROWS))
    header = layouts.find(head, feed, file)
    outside.require_nothing_above(enumerate(head[: header.first]), header, feed, file)
    return header


def _filled(cells: pa.StringArray) -> int:
    return int(pc.sum(pc.greater(pc.binary_length(cells), 0)).as_py() or 0)


def _rows(cells: list[pa.Array], layout: Layout, feed: Feed, numbers: Numbers, lines: Positions) -> Rows:
    def raw(places: Positions) -> list[str]:
        rows = zip(*(column.take(pa.array(places)).to_pylist() for column in cells), strict=True)
        return ["\t".join(layout.shown(row)) for row in rows]

    read = {name: numbers(feed.columns[name], cells[place]) for name, place in layout.columns.items()}
    return Rows(lines, read, raw)


def _dropped(columns: list[pa.Array], layout: Layout) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows are left out by name; only those whose first word allows it are looked at closely."""
    first = pc.coalesce(*(pc.if_else(pc.equal(column, ""), None, column) for column in columns))
    telling = {"", *layout.totals, layouts.heading(next(name for name in layout.header if name))}
    dropped = np.zeros(len(first), bool)
    for row, cell in enumerate(first.to_pylist()):
        word = fold(cell or "").replace(" ", "").rstrip(":")
        if word in telling or layouts.heading(word) in telling:
            dropped[row] = layout.drops([column[row].as_py() for column in columns])
    return dropped
