"""A feed is linked in parts of its rows, and nobody can tell from what is kept how many there were."""

from pathlib import Path

import pytest

from pipelines import night
from pipelines.base.frames import Night
from pipelines.linking import again, step
from tests.faults.town import SECOND, build_on_sqlite


def test_a_town_linked_in_parts_leaves_the_same_bytes_as_one_linked_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = build_on_sqlite(tmp_path).settings
    for feed in ("contributions", "deaths", "hires", "identity_changes", "pension_payees"):
        night.accept(settings, feed, SECOND)
    counts = night.link(settings, SECOND)
    folder = Night.of(settings, SECOND).folder
    whole = {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    assert {folder / "linked" / "contributions.parquet", folder / "questions.parquet"} <= whole.keys()
    for rows in (7, 2):
        (folder / again.NOTE).unlink()
        monkeypatch.setattr(step, "ROWS_A_PART", rows)
        assert night.link(settings, SECOND) == counts
        assert {path: path.read_bytes() for path in folder.rglob("*.parquet")} == whole
