"""落盘 — what a reader hands on, and the Parquet that it is written to, block by block."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.base.errors import DeliveryRejected
from pipelines.readers import lines
from pipelines.readers.damage import Damage
from pipelines.readers.groups import RowGroups

REJECTS = pa.schema(
    [("file", pa.string()), ("line", pa.int64())]
    + [(name, pa.string()) for name in ("reason", "column", "value", "raw")]
)
GARBAGE_ROWS = 10_000
GARBAGE_SHARE = 0.5
POOR_SHARE = 0.1


class Reject(NamedTuple):
    """A row that is not landed. ``column`` and ``value`` are ``None`` where the line itself is broken."""

    line: int
    reason: str
    column: str | None
    value: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows accounted for; ``read`` is the sum of the others.

    ``damage``: what a spreadsheet did to them. ``empty``: by landed column, landed rows without a value.
    ``reason``: why the last rejected one was.
    """

    landed: int = 0
    rejected: int = 0
    dropped: int = 0
    damage: Damage = field(default_factory=Damage)
    empty: Counter[str] = field(default_factory=Counter)
    reason: str = ""

    @property
    def read(self) -> int:
        """All the rows behind the header."""
        return self.landed + self.rejected + self.dropped

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.landed + other.landed,
            self.rejected + other.rejected,
            self.dropped + other.dropped,
            self.damage + other.damage,
            self.empty + other.empty,
            other.reason or self.reason,
        )

    @property
    def poor(self) -> bool:
        """Whether so much was rejected that rejects take more memory than rows."""
        return self.rejected > POOR_SHARE * self.read


class Part:
    """One extract file and one file of rejects, ``<folder>/{extract,rejects}/<name>.parquet``.

    ``personal``: the places at which the rejects' texts, split at ``delimiter``, have numbers of a person.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        file: str,
        schema: pa.Schema,
        personal: Iterable[int] = (),
        delimiter: str = "\t",
    ) -> None:
        self._file = file
        about = {"personal": json.dumps([*personal]), "delimiter": delimiter}
        self._extract = RowGroups(folder / "extract" / f"{name}.parquet", schema, "none")
        self._rejects = RowGroups(folder / "rejects" / f"{name}.parquet", REJECTS, "zstd", about)
        self.tally = Tally()

    def write(self, rows: pa.Table, rejects: Iterable[Reject], damage: Damage, dropped: int = 0) -> None:
        """Keep a block of rows and rejects."""
        refused = list(rejects)
        self._extract.add(rows)
        if refused:
            columns = zip(*refused, strict=True)
            table = {"file": [self._file] * len(refused), **dict(zip(Reject._fields, columns, strict=True))}
            self._rejects.add(pa.table(table, REJECTS))
        empty = Counter({name: rows[name].null_count for name in rows.column_names})
        reason = refused[-1].reason if refused else ""
        self.tally += Tally(rows.num_rows, len(refused), dropped, damage, empty, reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._extract.close()
        self._rejects.close()


def numbers_in(raw: str, kept: pq.FileMetaData) -> list[str]:
    """The cells of a reject's text that hold numbers of a person; ``kept``: what its file says of itself."""
    about = {key.decode(): value.decode() for key, value in (kept.metadata or {}).items()}
    cells = lines.split(raw, about.get("delimiter", "\t")) or ()
    places = json.loads(about.get("personal", "[]"))
    return [cell for place in places if place < len(cells) and (cell := cells[place].strip())]


def require_usable(tally: Tally, file: str) -> None:
    """``DeliveryRejected`` where so much of ``file`` was rejected that reading on is of no use."""
    if tally.read < GARBAGE_ROWS or tally.rejected <= GARBAGE_SHARE * tally.read:
        return
    raise DeliveryRejected(
        f"{file}：已读 {tally.read} 行，入库 {tally.landed} 行、退回 {tally.rejected} 行、"
        f"略去 {tally.dropped} 行，过半不可用（最近一条退回原因 {tally.reason}），停止读取；"
        "请核对编码、分隔符和列次后重新报送。"
    )
