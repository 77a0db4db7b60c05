"""块读 — a block of whole lines at once: the ordinary ones by Arrow, the others by the letter.

Blocks are cut at line feeds before decoding, so a stray quote or a broken byte cannot reach a neighbour.
What ``lines.read`` can make of a line out of the ordinary is put back into the text in plain form.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv

from expectations.feed import Feed
from matchers.text import Positions
from pipelines.errors import CrossmatchError
from pipelines.readers import lines
from pipelines.readers.columns import Rows, Typing
from pipelines.readers.layout import Layout
from pipelines.readers.lines import Dialect
from pipelines.readers.parts import Reject
from pipelines.readers.screen import NEWLINE, Bytes, Screen
from pipelines.readers.transcode import Span, Transcoder

DISTINCT = pa.dictionary(pa.int32(), pa.string())


class Reader:
    """Reads the blocks of one delimited file of a feed."""

    def __init__(self, feed: Feed, file: str, layout: Layout, dialect: Dialect) -> None:
        self._layout = layout
        self._dialect = dialect
        self._screen = Screen(layout, dialect)
        self._transcode = Transcoder(dialect.encoding)
        self._typing = Typing(feed, file)
        self._columns = {
            str(place): pa.string() if feed.columns[name].type in ("id", "name") else DISTINCT
            for name, place in layout.columns.items()
        }

    def __call__(self, content: bytes, first: int) -> tuple[pa.Table, list[Reject], int]:
        """The landed rows, the rejects, the number of lines left out; ``first`` numbers the first line."""
        block = _Block(content, self._layout, self._dialect)
        pieces = list(block.pieces(self._screen(content, block.ends)))
        table = self._parse(self._transcode(content, pieces, block.broken), block)
        kept = np.flatnonzero(block.kept)
        if table.num_rows != len(kept):
            raise CrossmatchError(f"自第 {first} 行起的一块应读出 {len(kept)} 行，实得 {table.num_rows} 行。")

        def raw(rows: Positions) -> list[str]:
            return [
                lines.raw(block.line(place), self._layout, self._dialect) for place in kept[rows].tolist()
            ]

        cells = {name: _whole(table[str(place)]) for name, place in self._layout.columns.items()}
        landed, more = self._typing(Rows(kept + first, cells, raw))
        broken = [
            Reject(place + first, why.reason, None, None, why.raw) for place, why in block.faults.items()
        ]
        return landed, sorted(broken + more, key=lambda reject: reject.line), block.dropped

    def _parse(self, text: Bytes, block: "_Block") -> pa.Table:
        """The fields of the promised columns by place; rows of another width are settled by the letter."""
        places = np.flatnonzero(block.kept)
        uneven: list[int] = []

        def skip(row: pyarrow.csv.InvalidRow) -> str:
            uneven.append(row.number - 1)
            return "skip"

        if not len(text):
            return pa.table({place: pa.array([], kind) for place, kind in self._columns.items()})
        table = pyarrow.csv.read_csv(
            pa.BufferReader(pa.py_buffer(text)),
            pyarrow.csv.ReadOptions(
                use_threads=False,
                block_size=len(text) + 1,
                column_names=[str(place) for place in range(self._layout.width)],
            ),
            pyarrow.csv.ParseOptions(
                delimiter=self._dialect.delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            pyarrow.csv.ConvertOptions(
                column_types=self._columns,
                include_columns=list(self._columns),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        for place in places[uneven].tolist():
            if block.settle(place) is not None:
                raise CrossmatchError("两种读法对同一行的字段数看法不一。")
        return table


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _Block:
    """The lines of a block and what became of those that were read by the letter."""

    def __init__(self, content: bytes, layout: Layout, dialect: Dialect) -> None:
        self._content = content
        self._layout = layout
        self._dialect = dialect
        self.ends: Positions = np.flatnonzero(np.frombuffer(content, np.uint8) == NEWLINE)
        self.kept = np.ones(len(self.ends), bool)
        self.faults: dict[int, lines.Fault] = {}
        self.dropped = 0

    def _start(self, place: int) -> int:
        return int(self.ends[place - 1]) + 1 if place else 0

    def line(self, place: int) -> bytes:
        """The bytes of a line, without its line feed."""
        return self._content[self._start(place) : self.ends[place]]

    def settle(self, place: int) -> list[str] | None:
        """The fields of a line read by the letter; ``None`` if it is no row, which is put on record."""
        read = lines.read(self.line(place), self._layout, self._dialect)
        if isinstance(read, list):
            return read
        self.kept[place] = False
        if read is None:
            self.dropped += 1
        else:
            self.faults[place] = read
        return None

    def pieces(self, suspects: Positions) -> Iterator[Span | bytes]:
        """The block without the suspects that are no rows, the others in plain form."""
        at = 0
        for place in suspects.tolist():
            cells = self.settle(place)
            if cells is not None and not self._oddly_written(place, cells[0]):
                continue
            if at < (start := self._start(place)):
                yield at, start
            yield self._plain(cells)
            at = int(self.ends[place]) + 1
        if at < len(self._content):
            yield at, len(self._content)

    def broken(self, offset: int) -> bytes:
        """What stands for the line that begins at ``offset`` and does not decode in bulk."""
        return self._plain(self.settle(int(np.searchsorted(self.ends, offset))))

    def _oddly_written(self, place: int, first: str) -> bool:
        """Whether Arrow would read the line otherwise; it skips a byte-order mark."""
        line = self.line(place)
        return b'"' in line or b"\r" in line[:-1] or first.startswith("\ufeff")

    def _plain(self, cells: list[str] | None) -> bytes:
        if cells is None:
            return b""
        quoted = (f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in cells)
        return self._dialect.delimiter.join(quoted).encode() + b"\n"
