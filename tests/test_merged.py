"""What parts have judged becomes one file, the same however it was cut, and little of it is held."""

import random
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.base.frames import Night
from pipelines.judging import merged
from pipelines.judging.merged import Part

EMPTY = pa.schema([("claim_id", pa.string()), ("n", pa.int64()), ("why", pa.string())])


def part(rows: list[tuple[str, int]], schema: pa.Schema = EMPTY) -> Part:
    """A part with these rows in batches of three."""
    columns = [[key for key, _ in rows], [n for _, n in rows], [None] * len(rows)]
    table = pa.table(columns, schema=schema)
    return Part(schema, iter(table.to_batches(3)), "claim_id")


def cut(rows: list[tuple[str, int]], many: int) -> list[list[tuple[str, int]]]:
    """The rows in so many parts, those of a claim in one."""
    return [[row for row in rows if hash_of(row[0]) % many == number] for number in range(many)]


def hash_of(key: str) -> int:
    return sum(map(ord, key))


@pytest.mark.parametrize("many", [1, 2, 7, 40])
def test_the_file_is_the_same_however_many_parts_there_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(merged, "GROUP", 10)
    chance = random.Random(5)
    rows = sorted((f"C{chance.randrange(60):03d}", n) for n in range(201))
    merged.write(tmp_path / "whole", [part(rows)], "claim_id", EMPTY)
    merged.write(tmp_path / "cut", [part(own) for own in cut(rows, many)], "claim_id", EMPTY)
    assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()
    file = pq.ParquetFile(tmp_path / "cut")
    assert file.read().to_pandas()[["claim_id", "n"]].to_records(index=False).tolist() == rows
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [10] * 20 + [1]


def test_a_batch_of_each_part_is_read_and_no_more_before_it_is_written() -> None:
    read: list[int] = []

    def batches(number: int) -> list[pa.RecordBatch]:
        for turn in range(50):
            read.append(number)
            yield pa.record_batch({"claim_id": [f"C{turn:02d}-{number}"]})

    parts = [Part(pa.schema([("claim_id", pa.string())]), batches(number), "claim_id") for number in range(4)]
    rows = merged._merged(parts, "claim_id", parts[0].schema)
    for turn in range(20):
        assert next(rows).num_rows == 1
        assert len(read) == 4 + turn + 1


def test_parts_without_a_row_have_no_say_in_the_types_and_where_all_are_they_are_as_declared(
    tmp_path: Path,
) -> None:
    bare = pa.schema([("claim_id", pa.string()), ("n", pa.null()), ("why", pa.null())])
    merged.write(tmp_path / "one", [part([], bare), part([("C1", 1)])], "claim_id", EMPTY)
    merged.write(tmp_path / "none", [part([], bare), part([], bare)], "claim_id", EMPTY)
    assert pq.read_schema(tmp_path / "one").remove_metadata() == EMPTY
    assert pq.read_schema(tmp_path / "none").remove_metadata() == EMPTY
    assert pq.read_metadata(tmp_path / "none").num_rows == 0


def test_a_stored_frame_comes_in_pieces_and_an_empty_one_as_one_piece(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.keep("many", pd.DataFrame({"n": range(7)}))
    night.keep("none", pd.DataFrame({"n": []}))
    assert [len(piece) for piece in night.frames("many", 3)] == [3, 3, 1]
    assert pd.concat(night.frames("many", 3))["n"].tolist() == list(range(7))
    assert [list(piece.columns) for piece in night.frames("none", 3)] == [["n"]]
