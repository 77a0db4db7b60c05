"""表格文件 — workbooks and Parquet to landed Parquet, read by a child process under limits."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Feed
from matchers.text import Positions, fold, replace
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import layout as layouts
from pipelines.readers import sheets
from pipelines.readers.columns import Rows, Typing, schema
from pipelines.readers.layout import Layout
from pipelines.readers.parts import Part, Tally
from pipelines.readers.workbook import check

MEMORY = 1 << 30  # of addresses, of which the libraries alone take a third
MEMORY_PER_BYTE = 12  # of a workbook's XML; a reader holds every cell of a sheet at once
MEMORY_MOST = 4 << 30
HEAD_ROWS = 100
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
LONG = "{:.14E}"  # what a spreadsheet knows of a longer number


def land(
    source: BufferedReader, path: Path, kind: str, feed: Feed, folder: Path, part: str
) -> tuple[Layout, tuple[str, ...], Tally]:
    """The layout, the names of the sheets left unread, and the tally, of all sheets with one header."""
    size, long_numbers = path.stat().st_size, frozenset[str]()
    if kind == "xlsx":
        size, long_numbers = check(source, len(feed.columns), path.name)
    elif not _is_parquet(source, size):
        raise _unreadable(path)
    memory = min(MEMORY + MEMORY_PER_BYTE * size, MEMORY_MOST)
    layout: Layout | None = None
    unread: list[str] = []
    refusals: list[DeliveryRejected] = []
    tally = Tally()
    with _child(path, kind, memory) as stream:
        for number, (about, batches) in enumerate(_streams(stream, path)):
            name = about["name"]
            try:
                start, batch, found = _header(about, batches, feed, path.name)
            except DeliveryRejected as error:
                refusals.append(error)
                unread.append(name)
                continue
            if layout is not None and set(found.header) != set(layout.header):
                unread.append(name)
                continue
            layout = layout or found
            file = f"{path.name}#{name}" if name else path.name
            rows = chain([batch], batches)
            out = Part(folder, f"{part}-{number}", file, schema(feed))
            tally += _land(start, rows, found, long_numbers, Typing(feed, file), out)
    if layout is None:
        nothing = DeliveryRejected(f"{path.name}：没有任何数据；请确认文件内容后重新报送。")
        raise layouts.most_telling(refusals) if refusals else nothing
    return layout, tuple(unread), tally


def _is_parquet(source: BufferedReader, size: int) -> bool:
    """Whether the marks at both ends are there, and room for the footer that the last one announces."""
    if size < len(b"PAR1....PAR1"):
        return False
    head = source.read(4)
    source.seek(-8, os.SEEK_END)
    footer, mark = struct.unpack("<I4s", source.read(8))
    return bool(head == mark == b"PAR1" and 0 < footer <= size - 12)


@contextmanager
def _child(path: Path, kind: str, memory: int) -> Iterator[IO[bytes]]:
    command = [sys.executable, "-m", sheets.__name__, str(path), kind, str(memory)]
    known = QUIET | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | known
    ) as child:
        assert child.stdout is not None
        try:
            yield child.stdout
            if child.wait() != 0:
                raise _unreadable(path)
        finally:
            child.kill()


def _unreadable(path: Path) -> DeliveryRejected:
    return DeliveryRejected(
        f"{path.name}：文件损坏、加密或超出读取限度；请用原软件另存一份，或改用 csv 报送。"
    )


def _streams(source: IO[bytes], path: Path) -> Iterator[tuple[dict[str, str], Iterator[pa.RecordBatch]]]:
    """What is said about each sheet, and its batches; ``DeliveryRejected`` where the child was cut off."""
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


def _header(
    about: dict[str, str], batches: Iterator[pa.RecordBatch], feed: Feed, file: str
) -> tuple[int, pa.RecordBatch, Layout]:
    """The number of the first row behind the header, the batch it lies in, and the layout."""
    first = next(batches)
    if "header" in about:
        _, layout = layouts.find([first.schema.names], feed, file)
        for place in layout.columns.values():
            if (name := first.schema.names[place]) in about["nested"].split("\n"):
                raise DeliveryRejected(
                    f"{file}：列「{name}」的单元格不是单个的值；请展开成普通列后重新报送。"
                )
        return 1, first, layout
    head = [[cell or "" for cell in row.values()] for row in first.slice(0, HEAD_ROWS).to_pylist()]
    at, layout = layouts.find(head, feed, file)
    return at + 2, first.slice(at + 1), layout


def _land(
    line: int,
    batches: Iterable[pa.RecordBatch],
    layout: Layout,
    long_numbers: frozenset[str],
    typing: Typing,
    part: Part,
) -> Tally:
    with part as out:
        for batch in batches:
            columns = [_told(pc.fill_null(column, ""), long_numbers) for column in batch.columns]
            dropped = _dropped(columns, layout)
            kept = np.flatnonzero(~dropped)
            cells = [column.take(pa.array(kept)) for column in columns]
            out.write(*typing(_rows(cells, layout, kept + line)), int(dropped.sum()))
            line += batch.num_rows
    return out.tally


def _told(cells: pa.StringArray, long_numbers: frozenset[str]) -> pa.StringArray:
    """The cells, numbers of 16 digits and more as the 15 digits that a spreadsheet keeps of them."""
    if not long_numbers:
        return cells
    where = np.flatnonzero(pc.is_in(cells, pa.array(sorted(long_numbers))).to_numpy(zero_copy_only=False))
    return replace(cells, where, [LONG.format(float(v)) for v in cells.take(pa.array(where)).to_pylist()])


def _rows(cells: list[pa.Array], layout: Layout, lines: Positions) -> Rows:
    def raw(places: Positions) -> list[str]:
        rows = zip(*(column.take(pa.array(places)).to_pylist() for column in cells), strict=True)
        return ["\t".join(layout.shown(row)) for row in rows]

    return Rows(lines, {name: cells[place] for name, place in layout.columns.items()}, raw)


def _dropped(columns: list[pa.Array], layout: Layout) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows are left out by name; only those whose first word allows it are looked at closely."""
    first = pc.coalesce(*(pc.if_else(pc.equal(column, ""), None, column) for column in columns))
    telling = {"", *layout.totals, layouts.heading(next(name for name in layout.header if name))}
    dropped = np.zeros(len(first), bool)
    for row, cell in enumerate(first.to_pylist()):
        word = fold(cell or "").replace(" ", "").rstrip(":")
        if word in telling or word.rstrip("*").upper() in telling:
            dropped[row] = layout.drops([column[row].as_py() for column in columns])
    return dropped
