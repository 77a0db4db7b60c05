"""写出 — canonical columns into the headings and cells of one file."""

from collections.abc import Mapping
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Column, Feed
from pipelines.demo.identity import FULL_WIDTH
from pipelines.demo.writing.dialect import Dialect

Pattern = tuple[str, str]

COMPACT_MONTH: Final = r"^(\d{4})0?(\d{1,2})$"
ISO_DATE: Final = r"^(\d{4})-0?(\d{1,2})-0?(\d{1,2})$"
MONTHS: Final[Mapping[str, Pattern | None]] = {
    "compact": None,
    "hyphen": (r"^(\d{4})(\d{2})$", r"\1-\2"),
    "slash": (COMPACT_MONTH, r"\1/\2"),
    "chinese": (COMPACT_MONTH, r"\1年\2月"),
    "day": (r"^(\d{6})$", r"\101"),
}
DATES: Final[Mapping[str, Pattern | None]] = {
    "iso": None,
    "compact": (r"^(\d{4})-(\d{2})-(\d{2})$", r"\1\2\3"),
    "slash": (ISO_DATE, r"\1/\2/\3"),
    "chinese": (ISO_DATE, r"\1年\2月\3日"),
    "timed": (r"^(\d{4}-\d{2}-\d{2})$", r"\1 00:00:00"),
}
CODECS: Final = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}
SEXES: Final = {"words": ("男", "女"), "numbers": ("1", "2"), "letters": ("M", "F")}


class Rendering:
    """One file's order of columns, its headings and its spelling of values."""

    def __init__(self, feed: Feed, dialect: Dialect, columns: list[str], rng: Random) -> None:
        self.feed = feed
        self.dialect = dialect
        self.columns = rng.sample(columns, len(columns)) if dialect.shuffled else columns
        self.headings = [self._heading(name, rng) for name in self.columns]

    def _heading(self, name: str, rng: Random) -> str:
        column = self.feed.columns.get(name)
        if column is None:
            return name
        if self.dialect.headings == "codes":
            return next((h for h in reversed(column.headings) if h.isascii()), column.headings[0])
        if self.dialect.headings == "usual":
            return column.headings[0]
        heading = rng.choice(column.headings)
        decorated = (f"{heading}*", f" {heading} ", heading.translate(FULL_WIDTH))
        return rng.choice(decorated) if rng.random() < 0.3 else heading

    def cells(self, table: pa.Table) -> pa.Table:
        """The values as the file spells them, columns in the file's order; empty where unknown."""
        return pa.table({name: self._spelt(name, table) for name in self.columns})

    def _spelt(self, name: str, table: pa.Table) -> pa.ChunkedArray:
        if name not in table.column_names:
            return pa.chunked_array([pa.array([""] * len(table), pa.string())])
        values = table[name].combine_chunks()
        column = self.feed.columns.get(name)
        pattern = self._pattern(column) if column else None
        if name == "sex":
            male, female = SEXES[self.dialect.sex]
            values = pc.replace_substring(pc.replace_substring(values, "M", male), "F", female)
        return pc.replace_substring_regex(values, *pattern) if pattern else values

    def _pattern(self, column: Column) -> Pattern | None:
        if column.type == "month":
            return MONTHS[self.dialect.month]
        if column.type == "date":
            return DATES[self.dialect.date]
        if column.type == "code" and self.dialect.lost_zeros:
            return r"^0(\d)$", r"\1"
        return None

    def lines(self, cells: pa.Table) -> pa.Array:
        """One text per row, fields quoted where they must be."""
        fields = [self._quoted(cells[name].combine_chunks()) for name in self.columns]
        return pc.binary_join_element_wise(*fields, self.dialect.delimiter)

    def line(self, values: list[str]) -> str:
        """One line of these cells, as they are."""
        return self.dialect.delimiter.join(values)

    def encoded(self, text: str) -> bytes:
        """The text in the file's encoding, without a byte order mark."""
        return text.encode(CODECS.get(self.dialect.encoding, self.dialect.encoding))

    def _quoted(self, values: pa.Array) -> pa.Array:
        wrapped = pc.binary_join_element_wise('"', values, '"', "")
        if self.dialect.quoted:
            return wrapped
        return pc.if_else(pc.match_substring(values, self.dialect.delimiter), wrapped, values)
