"""合并 — what parts have judged as one sorted file, of which no more is held than a batch of each part.

A key's rows lie in one part, and each part is sorted: so the file is the same however many parts there were.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.base.store import Store

BATCH = 1 << 13  # rows of a part that are held
GROUP = 250_000  # rows of the file that are held, and lie together in it
Batches = Iterator[pa.RecordBatch]


class Part:
    """The rows of one part that are still to come; a part without a row has none from the beginning."""

    def __init__(self, schema: pa.Schema, batches: Batches, key: str) -> None:
        self.schema = schema
        self._coming = (batch for batch in batches if batch.num_rows)
        self._key = key
        self.rows: pa.RecordBatch | None = next(self._coming, None)

    def last(self) -> str:
        """The last key that is held."""
        assert self.rows is not None
        return str(self.rows.column(self._key)[-1].as_py())

    def until(self, last: str) -> pa.RecordBatch:
        """The rows that are held up to the key ``last``, which are no longer to come."""
        assert self.rows is not None
        taken = int(pc.sum(pc.less_equal(self.rows.column(self._key), last)).as_py())
        rows, self.rows = self.rows.slice(0, taken), self.rows.slice(taken)
        if not self.rows.num_rows:
            self.rows = next(self._coming, None)
        return rows


def write(path: Path, parts: Sequence[Part], key: str, empty: pa.Schema) -> None:
    """The rows of all parts, sorted by ``key``, as a Parquet file, whole or not at all.

    Parts without a row have no say in the types of the columns; ``empty`` has it where there is none at all.
    """
    filled = [part for part in parts if part.rows is not None]
    schemas = [part.schema.remove_metadata() for part in filled]
    schema = pa.unify_schemas(schemas, promote_options="permissive") if filled else empty
    with Store.replacing(path) as unfinished, pq.ParquetWriter(unfinished, schema) as out:
        held = schema.empty_table()
        for rows in _merged(filled, key, schema):
            held = pa.concat_tables([held, rows])
            while held.num_rows >= GROUP:
                out.write_table(held.slice(0, GROUP).combine_chunks())
                held = held.slice(GROUP)
        out.write_table(held.combine_chunks())


def _merged(parts: Sequence[Part], key: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in order, each time as far as they can be told from what is held."""
    while parts:
        last = min(part.last() for part in parts)
        taken = [pa.Table.from_batches([part.until(last)]).cast(schema) for part in parts]
        yield pa.concat_tables(taken).sort_by(key)
        parts = [part for part in parts if part.rows is not None]
