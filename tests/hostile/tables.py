"""Parquet files."""

import io
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.corpus import HEADER, ROW, content, legal

COLUMNS = dict(zip(HEADER.split(","), ([cell] for cell in ROW.split(",")), strict=True))


def parquet(table: pa.Table) -> bytes:
    made = io.BytesIO()
    pq.write_table(table, made)
    return made.getvalue()


HONEST = parquet(pa.table(COLUMNS))

content("a_parquet_cut_short", HONEST[:-20], "a.parquet")
content("a_parquet_of_nothing", b"", "a.parquet")
content("a_parquet_of_marks_alone", b"PAR1PAR1", "a.parquet")
content("a_parquet_of_noise", bytes(range(256)) * 40, "a.parquet")
content("a_parquet_with_a_long_footer", HONEST[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1", "a.parquet")
content("a_parquet_with_a_broken_footer", HONEST[:-400] + bytes(392) + HONEST[-8:], "a.parquet")
content("an_encrypted_parquet", HONEST[:-4] + b"PARE", "a.parquet")
content("a_parquet_without_a_column", parquet(pa.table(COLUMNS).drop_columns(["死亡日期"])), "a.parquet")
content("a_parquet_with_broken_pages", HONEST[:4] + bytes(120) + HONEST[124:], "a.parquet")
content(
    "a_parquet_of_nested_cells",
    parquet(pa.table(COLUMNS | {"死亡日期": pa.array([[1, 2]])})),
    "a.parquet",
)
content(
    "a_parquet_with_more_rows_than_bytes",
    parquet(pa.table({name: pa.repeat(cells[0], 3_000_000) for name, cells in COLUMNS.items()})),
    "a.parquet",
)


@legal
def an_honest_parquet(folder: Path) -> Path:
    (folder / "a.parquet").write_bytes(HONEST)
    return folder / "a.parquet"
