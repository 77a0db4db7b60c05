"""跨行 — a delimited file whose feed allows line breaks inside quotes, read record by record.

A record is the lines up to the one that closes the last quote. One that is not closed within bounds was no
record: its first line is rejected and reading goes on with the next, so a stray quote costs one line.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa

from expectations.feed import Feed
from matchers.text import Positions
from pipelines.readers import lines, outside
from pipelines.readers.columns import Rows, Typing, schema
from pipelines.readers.damage import Damage
from pipelines.readers.detect import Delimited
from pipelines.readers.parts import Part, Reject, Tally, require_usable

LINES = 100
BATCH = 20_000


class Record(NamedTuple):
    """The bytes of a record, and the number of its first line as an editor counts."""

    line: int
    content: bytes


def land(path: Path, shape: Delimited, feed: Feed, folder: Path, part: str, file: str) -> Tally:
    """Every record behind the header landed, rejected or left out by name."""
    typing = Typing(feed, file)
    personal, sign = shape.layout.personal.values(), shape.dialect.delimiter
    with Part(folder, part, file, schema(feed), personal, sign) as out, path.open("rb") as source:
        source.seek(shape.start)
        every = _records(source, shape.line)
        while batch := list(islice(every, BATCH)):
            out.write(*_batch(batch, shape, typing, file))
            require_usable(out.tally, file)
    return out.tally


def _records(source: BinaryIO, number: int) -> Iterator[Record]:
    physical = _physical(source)
    ahead: list[bytes] = []
    while ahead := ahead + list(islice(physical, LINES - len(ahead))):
        count = _length(ahead)
        record = b"\n".join(ahead[:count])
        yield Record(number, record)
        number, ahead = number + lines.ends_in(record + b"\n"), ahead[count:]


def _physical(source: BinaryIO) -> Iterator[bytes]:
    """The lines without their line feeds; of an over-long one as much as shows that it is one."""
    while line := source.readline(lines.LONGEST + 1):
        more = line
        while more and not more.endswith(b"\n"):
            more = source.readline(lines.LONGEST)
        yield line.removesuffix(b"\n")


def _length(ahead: list[bytes]) -> int:
    """How many lines the first record has; 1 where no line closes its quotes."""
    quotes, size = 0, 0
    for count, line in enumerate(ahead, 1):
        quotes, size = quotes + line.count(b'"'), size + len(line)
        if size > lines.LONGEST:
            return 1
        if quotes % 2 == 0:
            return count
    return 1


def _batch(
    batch: list[Record], shape: Delimited, typing: Typing, file: str
) -> tuple[pa.Table, list[Reject], Damage, int]:
    layout, dialect = shape.layout, shape.dialect
    rejects: list[Reject] = []
    kept: list[Record] = []
    cells: list[list[str]] = []
    for record in batch:
        read = lines.read(record.content, layout, dialect)
        if isinstance(read, lines.Fault):
            rejects.append(Reject(record.line, read.reason, None, None, read.raw))
        elif read is not None:
            kept.append(record)
            cells.append(read)

    def raw(rows: Positions) -> list[str]:
        return [lines.raw(kept[row].content, layout, dialect) for row in rows]

    columns = {name: pa.array([row[at] for row in cells], pa.string()) for name, at in layout.columns.items()}
    table, more, damage = typing(Rows(np.array([record.line for record in kept], np.int64), columns, raw))
    dropped = len(batch) - len(kept) - len(rejects)
    rejects = sorted(rejects + more, key=lambda reject: reject.line)
    outside.require_one_table(rejects, lambda text: lines.split(text, dialect.delimiter), layout, file)
    return table, rejects, damage, dropped
