"""What agencies promised, and what one of them adds to it without touching the code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.feed import LOCAL, feed, feeds


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(LOCAL, str(tmp_path))
    feeds.cache_clear()
    yield tmp_path
    feeds.cache_clear()


def test_every_promised_column_has_a_heading_and_every_code_column_its_codes() -> None:
    for declared in feeds().values():
        for column in declared.columns.values():
            assert column.headings, f"{declared.name}.{column.name}"
            assert bool(column.codes) == (column.type == "code"), f"{declared.name}.{column.name}"


def test_a_local_heading_is_one_line_and_takes_none_of_ours_away(local: Path) -> None:
    (local / "contributions.toml").write_text('[columns.employer_id]\nheadings = ["单位代码"]\n', "utf-8")
    assert feed("contributions").columns["employer_id"].headings == (
        "单位编号", "单位号", "参保单位编号", "AAB001", "单位代码",
    )  # fmt: skip


def test_a_local_bound_replaces_ours_for_that_feed_alone(local: Path) -> None:
    (local / "contributions.toml").write_text("[health]\nrows_between = [0.5, 3.0]\n", "utf-8")
    assert feed("contributions").health.rows_between == (0.5, 3.0)
    assert feed("contributions").health.stale_after_days == 45
    assert feed("deaths").health.rows_between == (0.2, 5.0)


def test_a_local_spelling_for_every_feed_stands_in_the_file_of_every_feed(local: Path) -> None:
    (local / "_every.toml").write_text('[columns.name]\nheadings = ["人员姓名"]\n', "utf-8")
    assert all("人员姓名" in declared.columns["name"].headings for declared in feeds().values())


def test_an_unknown_local_key_is_named(local: Path) -> None:
    (local / "hires.toml").write_text("[health]\nstale_days = 3\n", "utf-8")
    with pytest.raises(TypeError, match="stale_days"):
        feeds()
