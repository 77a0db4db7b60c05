"""分片 — the months of all persons, scattered by person into at most 64 shards, so that no stage holds them
all.

A shard of many persons is several files, its pieces, and a piece is read in parts: however long the history
and however large the register, a stage holds the months of about ``HELD`` persons, about ``MONTHS`` of them.
"""

from collections.abc import Iterator
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
HELD = 20_000
MONTHS = 1_000_000
SCHEMA = pa.schema(
    [(c, pa.string()) for c in ("person_no", "employer_id", "insurance", "kind", "flag", "valid", "source")]
    + [(c, pa.int64()) for c in ("first", "last", "count", "latest")]
    + [("received_on", pa.timestamp("ns"))]
)


def number(persons: int) -> int:
    """Into how many shards so many persons are scattered."""
    return min(SHARDS, max(1, -(-persons // PERSONS)))


def pieces(persons: int) -> int:
    """In how many files the months of so many persons stand; piece n is of shard n modulo the shards."""
    shards = number(persons)
    return shards * max(1, -(-persons // (shards * HELD)))


def piece_of(numbers: "pd.Series[str]", pieces: int) -> "pd.Series[int]":
    """The piece of each 个人编号, the same on every machine."""
    codes, distinct = pd.factorize(numbers)
    of = np.array([crc32(number.encode()) % pieces for number in distinct], np.int64)
    return pd.Series(of[codes] if len(distinct) else np.empty(0, np.int64), index=numbers.index)


def scatter(source: Sources, store: Store, folder: Path) -> None:
    """Write ``<folder>/<piece>.parquet`` of every piece; columns ``SPAN``."""
    count = pieces(len(source.records.persons))
    writers = [pq.ParquetWriter(path(folder, n), SCHEMA) for n in range(count)]
    try:
        for rows in spans(source, store):
            piece = piece_of(rows["person_no"], count).to_numpy()
            ordered = rows[SCHEMA.names].iloc[np.argsort(piece, kind="stable")]
            table = pa.Table.from_pandas(ordered, SCHEMA, preserve_index=False)
            sizes = np.bincount(piece, minlength=count)
            for n, start in enumerate(np.cumsum(sizes) - sizes):
                if sizes[n]:
                    writers[n].write_table(table.slice(start, sizes[n]))
    finally:
        for writer in writers:
            writer.close()


def parts(
    folder: Path, piece: int, persons: "pd.Series[str]"
) -> Iterator[tuple["pd.Series[str]", PaidSpans]]:
    """The persons of a piece by as many as have ``MONTHS`` together, or one who has more; their spans."""
    part = persons.map(_lengths(path(folder, piece))).astype("float64").fillna(0).cumsum() // MONTHS
    if part.nunique() <= 1:
        yield persons, read(folder, piece)
        return
    for _, some in persons.groupby(part):
        yield some, read(folder, piece, some)


def _lengths(file: Path) -> dict[str, int]:
    """How many months the spans of each person in a piece have."""
    lengths = pd.Series(dtype="int64")
    with pq.ParquetFile(file) as rows:
        for some in rows.iter_batches(MONTHS, columns=["person_no", "first", "last"]):
            spans: pd.DataFrame = some.to_pandas(strings_to_categorical=True)
            length = (spans["last"] - spans["first"] + 1).groupby(spans["person_no"], observed=True).sum()
            lengths = lengths.add(length.set_axis(length.index.astype(object)), fill_value=0)
    return {str(person): int(months) for person, months in lengths.items()}


def read(folder: Path, piece: int, persons: "pd.Series[str] | None" = None) -> PaidSpans:
    """The spans of a piece, or of some persons in it; texts are categories of their own."""
    wanted = None if persons is None else [("person_no", "in", list(persons))]
    table = pq.read_table(path(folder, piece), columns=SPAN, filters=wanted, read_dictionary=list(TEXTS))
    frame: pd.DataFrame = table.to_pandas()
    return frame.assign(person_no=frame["person_no"].cat.remove_unused_categories())


def path(folder: Path, piece: int) -> Path:
    """Where the spans of a piece stand."""
    return folder / f"{piece:02d}.parquet"
