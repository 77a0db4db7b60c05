"""行组 — Parquet written as blocks come in, in memory that does not depend on how many there are."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1 << 13


class RowGroups:
    """A Parquet file in row groups of ``ROWS`` rows or more; only the last may have fewer.

    A group costs tens of kilobytes until the file is closed, so blocks of a few rows wait for others, in one
    table. Texts are written as dictionaries where the first rows have them, or ``schema`` if there are none.
    ``about``: what the file says of itself.
    """

    def __init__(
        self, path: Path, schema: pa.Schema, compression: str, about: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._schema = schema
        self._compression = compression
        self._about = about
        self._writer: pq.ParquetWriter | None = None
        self._waiting: pa.Table | None = None

    def add(self, rows: pa.Table) -> None:
        """Keep rows, which come behind those before."""
        if not rows.num_rows:
            return
        if self._writer is None:
            self._schema = rows.schema
            self._writer = self._opened()
        if self._waiting is not None:
            rows = pa.concat_tables([self._waiting, rows.cast(self._waiting.schema)]).combine_chunks()
        if rows.num_rows < ROWS:
            self._waiting = _plain(rows)
            return
        self._writer.write_table(rows.cast(self._schema))
        self._waiting = None

    def close(self) -> None:
        """Write what waits; the file is then whole."""
        writer = self._writer or self._opened()
        if self._waiting is not None:
            writer.write_table(self._waiting.cast(self._schema))
        writer.add_key_value_metadata(dict(self._about))
        writer.close()

    def _opened(self) -> pq.ParquetWriter:
        """Dictionaries as they are, numbers as differences: smaller, and less time than to pack."""
        kinds = {field.name: field.type for field in self._schema}
        numbers = [name for name, kind in kinds.items() if kind in (pa.int32(), pa.int64(), pa.date32())]
        return pq.ParquetWriter(
            self._path,
            self._schema,
            compression=self._compression,
            use_dictionary=[name for name, kind in kinds.items() if pa.types.is_dictionary(kind)],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            write_statistics=numbers,
            store_schema=False,
        )


def _plain(rows: pa.Table) -> pa.Table:
    """The rows without the dictionaries of the block that they came in."""
    kinds = [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in rows.schema]
    return rows.cast(pa.schema(kinds))
