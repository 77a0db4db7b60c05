"""Whole nights on the sample cities, against what their makers planted."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.city import settle

WORLDS = {
    "world-a": ("2026-10-20", "score.py", "truth-2026.2"),
    "world-b": ("2025-03-18", "score.py", "truth-2026.2"),
    "world-c": ("2026-09-17", "score_full.py"),
}


@pytest.mark.parametrize("world", WORLDS)
def test_a_night_finds_all_that_was_planted_and_accuses_nobody_else(
    world: str, database: sa.Engine, database_url: str, shared: Path, tmp_path: Path
) -> None:
    night, script, *truth = WORLDS[world]
    city = settle(shared / "data" / world, database_url, database, tmp_path)
    city.night(night)
    verdict = city.score(shared / "tools" / script, *truth)
    assert "missed 0, false alarms 0, wrong fields 0" in verdict, verdict
