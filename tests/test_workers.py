"""Work that is shared: whoever does it, the answers and the errors are those of the items in their order."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expectations.feed import feed, feeds
from pipelines.base.errors import DeliveryRejected
from pipelines.base.workers import WorkerDied
from pipelines.engine import code
from pipelines.engine.pool import Pool
from pipelines.readers import land, ranges
from tests.test_line_ends import HEADER, row


def tenfold(item: int) -> int:
    time.sleep(0.2 if item == 0 else 0.0)
    return 10 * item


def refused(item: int) -> int:
    if item in (1, 2):
        time.sleep(0.2 if item == 1 else 0.0)
        raise DeliveryRejected(f"{item}.csv：无法读取")
    return item


def dying(item: int) -> int:
    os._exit(9)


def dead() -> None:
    os._exit(9)


def where(item: int) -> int:
    return os.getpid()


def test_answers_come_in_the_order_of_the_items_from_other_processes() -> None:
    assert Pool(2).run(tenfold, iter(range(5))) == [0, 10, 20, 30, 40]
    assert os.getpid() not in Pool(2).run(where, [1, 2])


def test_a_single_item_and_a_single_processor_need_no_other_process() -> None:
    assert Pool(2).run(where, [1]) == Pool(1).run(where, [1]) == [os.getpid()]
    assert Pool(1).run(tenfold, range(3)) == [0, 10, 20]
    assert Pool(2).run(tenfold, []) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_of_several_errors_that_of_the_first_item_is_raised_as_it_was(processes: int) -> None:
    with pytest.raises(DeliveryRejected, match=r"1\.csv：无法读取"):
        Pool(processes).run(refused, range(4))


def test_a_worker_that_dies_is_an_error_with_the_next_step() -> None:
    with pytest.raises(WorkerDied, match="threads"):
        Pool(2).run(dying, [1, 2])


def test_where_a_reader_dies_the_error_names_the_file_and_nothing_of_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE", 4_000)
    monkeypatch.setattr(ranges, "without_pandas", dead)
    path = tmp_path / "deaths.csv"
    path.write_text("\n".join((HEADER, *map(row, range(1, 200)), "")), "utf-8")
    with pytest.raises(WorkerDied, match=r"deaths\.csv：.*threads"):
        land(path, feed("deaths"), tmp_path / "landed", part="p", workers=lambda size: Pool(2))
    assert not list((tmp_path / "landed").rglob("*.parquet"))


def test_a_range_that_was_tried_before_is_landed_whole_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE", 4_000)
    path, folder = tmp_path / "deaths.csv", tmp_path / "landed"
    path.write_text("\n".join((HEADER, *map(row, range(1, 200)), "坏", "")), "utf-8")
    left = folder / f"{ranges.ATTEMPT}of a worker that died" / "extract"
    left.mkdir(parents=True)
    (left / "p-0.parquet").write_bytes(b"half a file")
    done = land(path, feed("deaths"), folder, part="p", workers=lambda size: Twice())
    assert (done.rows_landed, done.rows_rejected) == (199, 1)
    assert sorted(p.name for p in folder.iterdir()) == ["extract", "rejects"]
    assert pq.read_table(folder / "extract").num_rows == 199


class Twice(Pool):
    """Every item is worked on twice, as where an executor is given up and lives on."""

    def __init__(self) -> None:
        super().__init__(4)

    def run(self, function, items, initializer=None):  # type: ignore[no-untyped-def]
        return [[function(item), function(item)][-1] for item in items]


SHIPPED = """
import sys
sys.path.insert(0, sys.argv[1])
import pipelines.linking.blocks, pipelines.readers.ranges, matchers.linkage.linking, sql
from expectations.feed import feeds
from matchers.schemas import Residue
assert sql.match("linked") and all(m.__file__.startswith(sys.argv[1]) for m in (pipelines, sql))
print(len(feeds()))
"""


def test_the_code_that_goes_to_executors_is_whole_and_comes_before_what_is_installed(tmp_path: Path) -> None:
    packed = code.packed(tmp_path)
    asked = [sys.executable, "-c", SHIPPED, str(packed)]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (str(len(feeds())), "")
    again = tmp_path / "again"
    again.mkdir()
    assert code.packed(again).name == packed.name
