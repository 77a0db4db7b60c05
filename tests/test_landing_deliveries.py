import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expectations.feed import feed, feeds
from pipelines.base.errors import DeliveryRejected
from pipelines.readers import land

HERE = Path(__file__).parent / "deliveries"
CASES = [
    pytest.param(folder.name, name, expected, id=f"{folder.name}-{name}")
    for folder in sorted(HERE.iterdir())
    for name, expected in tomllib.loads((folder / "expected.toml").read_text("utf-8")).items()
]


def test_every_feed_has_good_and_broken_files():
    for name in feeds():
        expected = tomllib.loads((HERE / name / "expected.toml").read_text("utf-8")).values()
        assert any("rejects" in one for one in expected), name
        assert any("refused" in one for one in expected), name
        assert any(not {"rejects", "refused"} & one.keys() for one in expected), name


@pytest.mark.parametrize(("name", "file", "expected"), CASES)
def test_a_file_becomes_what_its_folder_promises(name, file, expected, tmp_path):
    path = HERE / name / file
    if "refused" in expected:
        with pytest.raises(DeliveryRejected, match=expected["refused"]):
            land(path, feed(name), tmp_path, part="p")
        return
    done = land(path, feed(name), tmp_path, part="p")
    rejects = pq.read_table(tmp_path / "rejects").to_pylist()
    written = [" ".join(filter(None, (str(r["line"]), r["reason"], r["column"]))) for r in rejects]
    assert (done.encoding, done.delimiter) == (expected["encoding"], expected["delimiter"])
    assert written == expected.get("rejects", [])
    assert done.rows_dropped == expected.get("dropped", 0)
    assert done.rows_read == expected["rows"] == done.rows_landed + len(written) + done.rows_dropped
    assert pq.read_table(tmp_path / "extract").num_rows == done.rows_landed


@pytest.mark.parametrize("world", ["world-a", "world-b"])
def test_every_delivery_of_a_sample_world_counts_as_its_makers_counted(world, shared, tmp_path):
    counts = (shared / "data" / world / "counts.csv").read_text("utf-8").splitlines()[1:]
    for number, line in enumerate(counts):
        name, day, *wanted = line.split(",")
        folder = shared / "data" / world / "inbox" / day / name
        files = sorted(path for path in folder.iterdir() if path.name != "manifest.json")
        done = [land(path, feed(name), tmp_path / str(number), part=str(n)) for n, path in enumerate(files)]
        counted = [
            sum(one.rows_read for one in done),
            sum(one.rows_rejected for one in done),
            sum(one.rows_dropped for one in done),
        ]
        assert counted == [int(count) for count in wanted], (name, day)
