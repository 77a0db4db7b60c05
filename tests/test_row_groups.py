"""Rows that come in blocks of any size leave in their order, in few row groups."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.readers import groups
from pipelines.readers.groups import RowGroups

PLAIN = pa.schema([("line", pa.int64()), ("name", pa.string())])
BLOCKS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=12)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "ROWS", 5)


def block(start: int, size: int, repeats: bool) -> pa.Table:
    lines = range(start, start + size)
    names = pa.array([None if n % 7 == 0 else f"N{n % 3 if repeats else n}" for n in lines], pa.string())
    return pa.table(
        {"line": pa.array(lines, pa.int64()), "name": names.dictionary_encode() if repeats else names}
    )


@settings(deadline=None)
@given(BLOCKS)
def test_every_row_comes_out_once_in_its_order_in_groups_that_are_not_small(
    sizes: list[tuple[int, bool]],
) -> None:
    blocks: list[pa.Table] = []
    for size, repeats in sizes:
        blocks.append(block(sum(b.num_rows for b in blocks), size, repeats))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "a.parquet"
        out = RowGroups(path, PLAIN, "none")
        for rows in blocks:
            out.add(rows)
        out.close()
        with pq.ParquetFile(path) as written:
            lengths = [written.metadata.row_group(n).num_rows for n in range(written.num_row_groups)]
            assert written.read().to_pylist() == [row for rows in blocks for row in rows.to_pylist()]
    assert all(rows >= groups.ROWS for rows in lengths[:-1])
