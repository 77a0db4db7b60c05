"""夜间帧 — the frames that the steps of one night hand on, as Parquet in the night's folder of the store."""

from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchers.schemas import AnyRows
from pipelines.base.settings import Settings
from pipelines.base.store import Store

ROWS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True)
class Night:
    """The folder of a night's frames: ``linked/<feed>``, ``residue/<feed>``, ``claims``, ``questions`` …"""

    folder: Path

    @classmethod
    def of(cls, settings: Settings, as_of: date) -> "Night":
        """The night's folder in the store."""
        return cls(Store(settings.store).night(as_of))

    def path(self, name: str) -> Path:
        """Where the frame called ``name`` stands."""
        return self.folder / f"{name}.parquet"

    def keep(self, name: str, frame: AnyRows) -> None:
        """Store a frame, whole or not at all."""
        keep_frame(self.path(name), frame)

    def keep_table(self, name: str, table: pa.Table) -> None:
        """The same of rows that were never all a frame at once."""
        with Store.replacing(self.path(name)) as unfinished:
            pq.write_table(table, unfinished)

    def keep_sorted(self, name: str, table: pa.Table, order: Sequence[str]) -> None:
        """The same of rows that are sorted as they are written, so that they are never all there twice."""
        place = pc.sort_indices(table, sort_keys=[(column, "ascending") for column in order])
        with (
            Store.replacing(self.path(name)) as unfinished,
            pq.ParquetWriter(unfinished, table.schema) as file,
        ):
            for start in range(0, max(len(place), 1), ROWS_AT_ONCE):
                file.write_table(table.take(place[start : start + ROWS_AT_ONCE]))

    def forget(self, name: str) -> None:
        """Take a frame away, if there is one."""
        self.path(name).unlink(missing_ok=True)

    def frame(
        self, name: str, of: tuple[str, Set[str]] | None = None, columns: Collection[str] | None = None
    ) -> AnyRows:
        """A stored frame: dates as datetime64, missing text as None. ``of``: a column and the values of it
        that are wanted; the other rows are not held in memory. ``columns``: of these alone those there are.
        """
        return read_frame(self.path(name), of, columns)

    def frames(self, name: str, rows: int) -> Iterator[AnyRows]:
        """The same in pieces of at most so many rows, read as they are asked for; at least one."""
        file = pq.ParquetFile(self.path(name))
        pieces = (pa.Table.from_batches([batch]) for batch in file.iter_batches(rows))
        first = next(pieces, file.schema_arrow.empty_table())
        return map(as_frame, chain([first], pieces))

    def table(self, name: str) -> pa.Table:
        """A stored frame as it lies in its file."""
        return pq.read_table(self.path(name))

    def rows(self, name: str) -> int:
        """How many rows a stored frame has."""
        return int(pq.read_metadata(self.path(name)).num_rows)


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of all tables; those without a row have no say in the types of the columns."""
    filled = [table for table in tables if table.num_rows] or tables[:1]
    return pa.concat_tables(filled, promote_options="permissive").replace_schema_metadata(None)


def keep_frame(path: Path, frame: AnyRows) -> None:
    """A frame as a Parquet file, whole or not at all."""
    with Store.replacing(path) as unfinished:
        frame.to_parquet(unfinished, index=False)


def read_frame(
    path: Path, of: tuple[str, Set[str]] | None = None, columns: Collection[str] | None = None
) -> AnyRows:
    """A Parquet file as rules expect it, as ``as_frame``."""
    # A column of a frame without a row has no type; nothing in it is a text.
    only = (
        None if of is None else pc.field(of[0]).cast(pa.string()).isin(pa.array(sorted(of[1]), pa.string()))
    )
    chosen = None if columns is None else [name for name in pq.read_schema(path).names if name in columns]
    return as_frame(pq.read_table(path, columns=chosen, filters=only))


def as_frame(table: pa.Table) -> AnyRows:
    """Rows as rules expect them: dates datetime64, nullable whole numbers float64, text objects."""
    frame: pd.DataFrame = table.to_pandas(strings_to_categorical=False, date_as_object=False)
    return frame
