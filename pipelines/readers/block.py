"""块读 — a block of whole lines at once: the ordinary ones by Arrow, the others by the letter.

Blocks are cut at line feeds before decoding, so a stray quote or a broken byte cannot reach a neighbour.
What ``lines.read`` can make of a line out of the ordinary is put back into the block in plain form. Arrow
sees bytes; only then are the cells decoded.
"""

import codecs
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv

from expectations.feed import Feed
from matchers.text import Positions
from pipelines.base.errors import CrossmatchError
from pipelines.readers import lines, outside
from pipelines.readers.columns import Rows, Typing, encoded
from pipelines.readers.damage import Damage
from pipelines.readers.decoding import NOWHERE, Bytes, Decoder
from pipelines.readers.layout import Layout
from pipelines.readers.lines import NEWLINE, RETURN, Dialect
from pipelines.readers.parts import Reject
from pipelines.readers.screen import Screen


class Read(NamedTuple):
    """The landed rows of a block, its rejects, the damage, how many rows were left out, and its lines as an
    editor counts them.
    """

    landed: pa.Table
    rejects: list[Reject]
    damage: Damage
    dropped: int
    lines: int


class Reader:
    """Reads the blocks of one delimited file of a feed."""

    def __init__(self, feed: Feed, file: str, layout: Layout, dialect: Dialect) -> None:
        self._file = file
        self._layout = layout
        self._dialect = dialect
        self._screen = Screen(layout, dialect)
        self._decode = Decoder(dialect.encoding)
        self._typing = Typing(feed, file)
        self._columns = {str(place): feed.columns[name] for name, place in layout.columns.items()}
        self._places = [str(place) for place in range(layout.width)]
        self._parsing = pyarrow.csv.ParseOptions(delimiter=dialect.delimiter, ignore_empty_lines=False)
        self._cells = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(self._places, pa.binary()), strings_can_be_null=False
        )

    def __call__(self, content: bytes, first: int) -> Read:
        """What a block holds, of which ``first`` numbers the first line."""
        block = _Block(content, self._layout, self._dialect)
        suspects = self._screen(content, block.ends, block.returns)
        if (parted := block.parted(suspects)) is not content:
            block = _Block(parted, self._layout, self._dialect)
            suspects = self._screen(parted, block.ends, block.returns)
        columns = self._decoded(self._parse(b"".join(block.pieces(suspects)), block), block)
        kept = np.flatnonzero(block.kept)

        def raw(rows: Positions) -> list[str]:
            return [
                lines.raw(block.line(place), self._layout, self._dialect) for place in kept[rows].tolist()
            ]

        cells = {name: columns[place] for name, place in self._layout.columns.items()}
        landed, more, damage = self._typing(Rows(block.numbers(kept) + first, cells, raw))
        numbers = block.numbers(np.fromiter(block.faults, np.int64)) + first
        broken = [
            Reject(line, why.reason, None, None, why.raw)
            for line, why in zip(numbers.tolist(), block.faults.values(), strict=True)
        ]
        rejects = sorted(broken + more, key=lambda reject: reject.line)
        outside.require_one_table(rejects, self._split, self._layout, self._file)
        return Read(landed, rejects, damage, block.dropped, len(block.ends) + len(block.returns))

    def _split(self, text: str) -> list[str] | None:
        return lines.split(text, self._dialect.delimiter)

    def _parse(self, text: bytes, block: "_Block") -> pa.Table:
        """The cells by place, as bytes."""
        rows = int(block.kept.sum())
        if not rows:
            return pa.table({place: pa.array([], pa.binary()) for place in self._places})
        table = pyarrow.csv.read_csv(
            pa.BufferReader(text),
            pyarrow.csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=self._places),
            self._parsing,
            self._cells,
        )
        if table.num_rows != rows:
            raise CrossmatchError(f"一块应读出 {rows} 行，实得 {table.num_rows} 行，已停止读取。")
        return table

    def _decoded(self, table: pa.Table, block: "_Block") -> list[pa.Array]:
        """The cells by place, as text; rows that do not decode are settled by the letter."""
        cells = ((place, table[place].combine_chunks()) for place in self._places)
        coded = (encoded(self._columns[p], cell) if p in self._columns else cell for p, cell in cells)
        columns, failed = zip(*map(self._decode, coded), strict=True)
        bad = np.unique(np.concatenate(failed))
        if not len(bad):
            return list(columns)
        block.settle_all(np.flatnonzero(block.kept)[bad])
        fine = np.ones(table.num_rows, bool)
        fine[bad] = False
        return [column.filter(pa.array(fine)) for column in columns]


def _lone_returns(signs: Bytes, ends: Positions) -> Positions:
    """Where carriage returns stand without a line feed; ``ends`` are the places of the line feeds."""
    if np.count_nonzero(signs == RETURN) <= np.count_nonzero(signs[ends - 1] == RETURN):
        return NOWHERE
    return np.flatnonzero((signs[:-1] == RETURN) & (signs[1:] != NEWLINE))


class _Block:
    """The lines of a block and what became of those that were read by the letter."""

    def __init__(self, content: bytes, layout: Layout, dialect: Dialect) -> None:
        self._content = content
        self._layout = layout
        self._dialect = dialect
        signs = np.frombuffer(content, np.uint8)
        self.ends: Positions = np.flatnonzero(signs == NEWLINE)
        self.returns = _lone_returns(signs, self.ends)
        self.kept = np.ones(len(self.ends), bool)
        self.faults: dict[int, lines.Fault] = {}
        self.dropped = 0

    def _start(self, place: int) -> int:
        return int(self.ends[place - 1]) + 1 if place else 0

    def numbers(self, places: Positions) -> Positions:
        """The numbers of lines from 0, as an editor counts them: a carriage return alone ends one too."""
        if not len(self.returns):
            return places
        starts = np.concatenate(([0], self.ends))[places]
        return np.asarray(places + np.searchsorted(self.returns, starts))

    def line(self, place: int) -> bytes:
        """The bytes of a line, without its line feed."""
        return self._content[self._start(place) : self.ends[place]]

    def pieces(self, suspects: Positions) -> Iterator[bytes | memoryview]:
        """The block without the suspects that are no rows, and with the odd ones in plain form."""
        content = memoryview(self._content)
        at = 0
        for place in suspects.tolist():
            cells = self._settle(place)
            if cells is not None and not self._is_odd(place):
                continue
            yield content[at : self._start(place)]
            if cells is not None:
                yield self._plain(cells)
            at = int(self.ends[place]) + 1
        yield content[at:]

    def parted(self, suspects: Positions) -> bytes:
        """The block with a line feed also where a carriage return alone ends a row."""
        content, at = list[bytes](), 0
        for place in suspects.tolist():
            line = self.line(place)
            if b"\r" in line[:-1] and len(parts := lines.cut(line, self._layout, self._dialect)) > 1:
                content += [self._content[at : self._start(place)], b"\n".join(parts)]
                at = int(self.ends[place])
        return b"".join((*content, self._content[at:])) if content else self._content

    def settle_all(self, places: Positions) -> None:
        """Put on record lines that are no rows to the block reader."""
        for place in places.tolist():
            if self._settle(place) is not None:
                raise CrossmatchError("逐行与按块两种读法对同一行看法不一，已停止读取。")

    def _settle(self, place: int) -> list[str] | None:
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

    def _is_odd(self, place: int) -> bool:
        """Whether Arrow would read the line otherwise; it skips a byte-order mark and keeps padding."""
        line = self.line(place)
        return 0 in line or b'"' in line or b"\r" in line[:-1] or line.startswith(codecs.BOM_UTF8)

    def _plain(self, cells: list[str]) -> bytes:
        quoted = (f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in cells)
        return self._dialect.delimiter.join(quoted).encode(self._dialect.encoding) + b"\n"
