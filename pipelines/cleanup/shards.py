"""分片 — the months of all persons, scattered by person into at most 64 files, so that no stage holds them
all.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from matchers.cleanup.keys import TEXTS
from matchers.schemas import PaidSpans
from pipelines.base.store import Store
from pipelines.cleanup.sources import SPAN, Sources, spans

SHARDS = 64
PERSONS = 2_000  # so few are not worth a shard of their own
SCHEMA = pa.schema(
    [(c, pa.string()) for c in ("person_no", "employer_id", "insurance", "kind", "flag", "valid", "source")]
    + [(c, pa.int64()) for c in ("first", "last", "count", "latest")]
    + [("received_on", pa.timestamp("ns"))]
)


def number(persons: int) -> int:
    """Into how many shards so many persons are scattered."""
    return min(SHARDS, max(1, -(-persons // PERSONS)))


def shard_of(numbers: "pd.Series[str]", shards: int) -> "pd.Series[int]":
    """The shard of each 个人编号, the same on every machine."""
    codes, distinct = pd.factorize(numbers)
    of = np.array([crc32(number.encode()) % shards for number in distinct], np.int64)
    return pd.Series(of[codes] if len(distinct) else np.empty(0, np.int64), index=numbers.index)


def scatter(source: Sources, store: Store, folder: Path) -> None:
    """Write ``<folder>/<shard>.parquet`` of every shard; columns ``SPAN``."""
    shards = number(len(source.records.persons))
    writers = [pq.ParquetWriter(path(folder, n), SCHEMA) for n in range(shards)]
    try:
        for rows in spans(source, store):
            for shard, part in rows.groupby(shard_of(rows["person_no"], shards)):
                writers[int(shard)].write_table(
                    pa.Table.from_pandas(part[SCHEMA.names], SCHEMA, preserve_index=False)
                )
    finally:
        for writer in writers:
            writer.close()


def read(folder: Path, shard: int, persons: "pd.Series[str] | None" = None) -> PaidSpans:
    """The spans of a shard, or of some persons in it; texts are categories, as the file has them."""
    wanted = None if persons is None else [("person_no", "in", list(persons))]
    table = pq.read_table(path(folder, shard), columns=SPAN, filters=wanted, read_dictionary=list(TEXTS))
    frame: pd.DataFrame = table.to_pandas()
    return frame


def path(folder: Path, shard: int) -> Path:
    """Where the spans of a shard stand."""
    return folder / f"{shard:02d}.parquet"
