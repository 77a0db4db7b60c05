"""表格取数 — the child process that opens a workbook or a Parquet file and pipes its cells out as text.

It runs under limits of memory and time, so that a hostile file ends this process and nothing else.
``python -m pipelines.readers.sheets <path> <kind> <bytes of memory>`` writes Arrow streams to stdout, one
per sheet; the schema's metadata hold the sheet's ``name`` and, for Parquet, that its names are the header
and which columns are ``nested``.
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipelines.readers.workers import without_pandas

BATCH = 20_000
SECONDS = 600
LOCAL = "Asia/Shanghai"


def workbook(path: str) -> Iterator[tuple[dict[str, str], Iterator[pa.RecordBatch]]]:
    """Each sheet with the cells of all its rows from the first on, empty cells null."""
    import fastexcel

    book = fastexcel.read_excel(path)
    for place, name in enumerate(book.sheet_names):
        sheet = book.load_sheet(place, header_row=None, skip_rows=0, dtypes="string")
        table = pa.table(sheet.to_arrow())
        if table.num_columns:
            yield {"name": name}, iter(table.to_batches(BATCH))


def parquet(path: str) -> Iterator[tuple[dict[str, str], Iterator[pa.RecordBatch]]]:
    """The one table of a Parquet file, every column as text."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        if file.metadata.num_rows > Path(path).stat().st_size:
            raise SystemExit("more rows than bytes")
        batches = (
            pa.record_batch([text(c) for c in batch.columns], names=batch.schema.names)
            for batch in file.iter_batches(BATCH)
        )
        nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
        yield {"name": "", "header": "yes", "nested": "\n".join(nested)}, batches


def text(values: pa.Array) -> pa.Array:
    """A column as the text that a person would have typed; local time for instants, null for nested cells."""
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        return text(values.dictionary_decode())
    if pa.types.is_boolean(kind):
        return values.cast(pa.int8()).cast(pa.string())
    if pa.types.is_timestamp(kind):
        local = values if kind.tz is None else pc.local_timestamp(values.cast(pa.timestamp("us", LOCAL)))
        return pc.strftime(local.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
    if pa.types.is_nested(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_floating(kind):
        return pa.array([_number(v) for v in values.to_pylist()], pa.string())
    return values.cast(pa.string())


def _number(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def main(path: str, kind: str, memory: str) -> None:
    """Write every sheet of the file to stdout."""
    without_pandas()
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for about, batches in {"xlsx": workbook, "parquet": parquet}[kind](path):
        writer: pa.ipc.RecordBatchStreamWriter | None = None
        for batch in batches:
            if writer is None:
                writer = pa.ipc.new_stream(sys.stdout.buffer, batch.schema.with_metadata(about))
            writer.write_batch(batch)
        if writer is not None:
            writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
