"""文本文件 — csv and txt to landed Parquet."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from expectations.feed import Feed
from matchers.text import Positions
from pipelines.readers import lines
from pipelines.readers.columns import Rows, Typing, schema
from pipelines.readers.detect import Delimited
from pipelines.readers.parts import Part, Reject, Tally

BLOCK = 20_000


def land(path: Path, found: Delimited, feed: Feed, folder: Path, part: str, file: str) -> Tally:
    """Every line behind the header landed, rejected or left out by name."""
    typing = Typing(feed, file)
    with Part(folder, part, file, schema(feed)) as out, path.open("rb") as source:
        source.seek(found.start)
        for number, block in _blocks(source.read(), found.line):
            out.write(*_block(block, number, found, typing))
    return out.tally


def _blocks(content: bytes, number: int) -> Iterator[tuple[int, list[bytes]]]:
    every = content.split(b"\n")
    if not every[-1]:
        every.pop()
    for at in range(0, len(every), BLOCK):
        yield number + at, every[at : at + BLOCK]


def _block(
    block: list[bytes], number: int, found: Delimited, typing: Typing
) -> tuple[pa.Table, list[Reject], int]:
    layout, dialect = found.layout, found.dialect
    places, cells, rejects, dropped = [], [], [], 0
    for place, line in enumerate(block):
        read = lines.read(line, layout, dialect)
        if read is None:
            dropped += 1
        elif isinstance(read, lines.Fault):
            rejects.append(Reject(number + place, read.reason, None, None, read.raw))
        else:
            places.append(place)
            cells.append(read)

    def raw(rows: Positions) -> list[str]:
        return [lines.raw(block[places[row]], layout, dialect) for row in rows]

    columns = {name: pa.array([row[at] for row in cells], pa.string()) for name, at in layout.columns.items()}
    table, more = typing(Rows(np.array(places, np.int64) + number, columns, raw))
    return table, sorted(rejects + more), dropped
