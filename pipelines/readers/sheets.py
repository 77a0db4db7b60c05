"""表格取数 — the child process that opens a workbook or a Parquet file and pipes its cells out as text.

It runs under limits of memory and time, so that a hostile file ends this process and nothing else.
``python -m pipelines.readers.sheets <path> <kind> <bytes of memory>`` takes the merged cells of each sheet as
JSON from stdin and writes Arrow streams to stdout, one per sheet. The schema's metadata hold the sheet's
``name``, for a ``hidden`` sheet how many rows it has instead of the rows and, for Parquet, that its names are
the header and which columns are ``nested``.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from pipelines.readers.workers import without_pandas

BATCH = 20_000
SECONDS = 600
LOCAL = "Asia/Shanghai"


Sheet = tuple[dict[str, str], pa.Schema, Iterable[pa.RecordBatch]]


def workbook(path: str) -> Iterator[Sheet]:
    """Each sheet with the cells of all its rows, empty cells null, merged ones filled down."""
    import fastexcel

    merges = json.load(sys.stdin)
    book = fastexcel.read_excel(path)
    for place, name in enumerate(book.sheet_names):
        sheet = book.load_sheet(place, header_row=None, skip_rows=0, dtypes="string")
        table = pa.table(sheet.to_arrow())
        if sheet.visible != "visible":
            yield {"name": name, "hidden": str(_filled(table))}, table.schema, ()
        elif table.num_columns:
            merged = merges.get(str(place), [])
            about = {"name": name, "merged": str(len(merged))}
            yield about, table.schema, filled_down(table, merged).to_batches(BATCH)


def filled_down(table: pa.Table, merged: Iterable[Sequence[int]]) -> pa.Table:
    """The table with the value of merged cells in each row that they span."""
    sources: dict[int, list[int]] = {}
    for column, first, last in merged:
        if column < table.num_columns:
            rows = sources.setdefault(column, list(range(table.num_rows)))
            rows[first : last + 1] = [first] * len(rows[first : last + 1])
    for column, rows in sources.items():
        cells = table.column(column).combine_chunks().take(pa.array(rows, pa.int64()))
        table = table.set_column(column, table.schema.field(column), cells)
    return table


def _filled(table: pa.Table) -> int:
    """How many rows hold anything."""
    import pyarrow.compute as pc

    if not table.num_columns:
        return 0
    first = pc.coalesce(*(column.combine_chunks() for column in table.columns))
    return len(first) - int(first.null_count)


def parquet(path: str) -> Iterator[Sheet]:
    """The one table of a Parquet file, every column as text."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        if file.metadata.num_rows > Path(path).stat().st_size:
            raise SystemExit("more rows than bytes")
        names = file.schema_arrow.names
        batches = (
            pa.record_batch([text(c) for c in batch.columns], names=names)
            for batch in file.iter_batches(BATCH)
        )
        nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
        about = {"name": "", "header": "yes", "nested": "\n".join(nested)}
        yield about, pa.schema([(name, pa.string()) for name in names]), batches


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
    if pa.types.is_decimal(kind):
        return pc.replace_substring_regex(values.cast(pa.string()), r"\.0+$", "")
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
    for about, schema, batches in {"xlsx": workbook, "parquet": parquet}[kind](path):
        with pa.ipc.new_stream(sys.stdout.buffer, schema.with_metadata(about)) as writer:
            for batch in batches:
                writer.write_batch(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
