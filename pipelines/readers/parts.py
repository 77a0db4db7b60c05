"""落盘 — what a reader hands on, and the Parquet that it is written to, block by block."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import DeliveryRejected

REJECTS = pa.schema(
    [("file", pa.string()), ("line", pa.int64())]
    + [(name, pa.string()) for name in ("reason", "column", "value", "raw")]
)
GARBAGE_ROWS = 10_000
GARBAGE_SHARE = 0.5


class Reject(NamedTuple):
    """A row that is not landed. ``column`` and ``value`` are ``None`` where the line itself is broken."""

    line: int
    reason: str
    column: str | None
    value: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows accounted for; ``read`` is the sum of the others."""

    landed: int = 0
    rejected: int = 0
    dropped: int = 0

    @property
    def read(self) -> int:
        """All the rows behind the header."""
        return self.landed + self.rejected + self.dropped

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.landed + other.landed, self.rejected + other.rejected, self.dropped + other.dropped)

    @property
    def garbage(self) -> bool:
        """Whether so much was rejected that reading on is of no use."""
        return self.read >= GARBAGE_ROWS and self.rejected > GARBAGE_SHARE * self.read


class Part:
    """One extract file and one file of rejects, ``<folder>/{extract,rejects}/<name>.parquet``.

    A row group per call, so memory stays that of a block. The first rows decide which texts are written as
    dictionaries; ``schema`` does where there are none.
    """

    def __init__(self, folder: Path, name: str, file: str, schema: pa.Schema) -> None:
        for kind in ("extract", "rejects"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
        self._file = file
        self._path = folder / "extract" / f"{name}.parquet"
        self._schema = schema
        self._extract: pq.ParquetWriter | None = None
        self._rejects = pq.ParquetWriter(
            folder / "rejects" / f"{name}.parquet",
            REJECTS,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
            store_schema=False,
        )
        self.tally = Tally()

    def write(self, rows: pa.Table, rejects: Iterable[Reject], dropped: int = 0) -> None:
        """Keep a block of rows and rejects; ``DeliveryRejected`` once most of the file is rejected."""
        refused = list(rejects)
        if rows.num_rows:
            self._extract = self._extract or _writer(self._path, rows.schema)
            self._extract.write_table(rows.cast(self._extract.schema))
        if refused:
            columns = zip(*refused, strict=True)
            table = {"file": [self._file] * len(refused), **dict(zip(Reject._fields, columns, strict=True))}
            self._rejects.write_table(pa.table(table, REJECTS))
        self.tally += Tally(rows.num_rows, len(refused), dropped)
        if self.tally.garbage:
            raise DeliveryRejected(_garbage(self._file, self.tally, refused[-1].reason))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._extract or _writer(self._path, self._schema)).close()
        self._rejects.close()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Dictionaries as they are, numbers as differences, which is smaller and takes less time than to pack."""
    numbers = [field.name for field in schema if field.type in (pa.int32(), pa.int64(), pa.date32())]
    return pq.ParquetWriter(
        path,
        schema,
        compression="none",
        use_dictionary=[field.name for field in schema if pa.types.is_dictionary(field.type)],
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        write_statistics=numbers,
        store_schema=False,
    )


def _garbage(file: str, tally: Tally, reason: str) -> str:
    return (
        f"{file}：已读 {tally.read} 行，入库 {tally.landed} 行、退回 {tally.rejected} 行、"
        f"略去 {tally.dropped} 行，过半不可用（最近一条退回原因 {reason}），停止读取；"
        "请核对编码、分隔符和列次后重新报送。"
    )
