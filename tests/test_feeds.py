"""What agencies promised, and what one of them adds to it without touching the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.feed import LOCAL, feed, feeds
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings


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


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("hires", "[health]\nstale_days = 3\n", "hires.toml [health] 有未知的键 stale_days"),
        ("hires", "[health]\nstale_after_days = '3'\n", "hires.toml [health] 的 stale_after_days 应为整数"),
        ("hires", "[health]\nstale = 'refused'\n", "应为held、warn 之一"),
        ("hires", "[health]\nrows_between = [1]\n", "应为两个数"),
        ("hires", "[columns.form]\nheading = ['形式']\n", "hires.toml [columns.form] 有未知的键 heading"),
        ("hires", "[columns.form]\nheadings = '形式'\n", "的 headings 应为文字的列表"),
        ("hires", "[columns.from]\nheadings = ['形式']\n", "hires.toml [columns.from] 缺少 type"),
        ("hires", "[columns.form]\ncodes = { '全职' = 1 }\n", "的 codes 应为文字到文字的对照"),
        ("hires", "[columns.a]\ntype = 'code'\nheadings = ['甲']\n", "[columns.a]：type 为 code 的列须有"),
        ("hires", "[columns.left_on]\ncodes = { '1' = '1' }\n", "[columns.left_on]：type 为 code 的列须有"),
        ("hires", "[columns.left]\ntype = 'date'\nheadings = []\n", "[columns.left] 的 headings 是空的"),
        ("hires", "[columns.form]\nheadings = ['姓名']\n", "hires.toml 有不止一列用了列名「姓名」"),
        ("hires", "title = 3\n", "hires.toml 的 title 应为文字"),
        ("hires", "title.short = '就业'\n", "hires.toml 的 title 不是一节"),
        ("hires", "health = 3\n", "hires.toml 的 health 应为一节"),
        ("hires", "[columns]\nform = '形式'\n", "hires.toml [columns] 的 form 应为一节"),
        ("hires", "[columns]\nshape = '形式'\n", "hires.toml [columns.shape] 应为一节"),
        ("_every", "serial = '序号'\n", "_every.toml 的 serial 应为一节"),
        ("_every", "[totals]\nwords = '合计'\n", "_every.toml [totals] 的 words 应为文字的列表"),
        ("_every", "[total]\nwords = ['合计']\n", "_every.toml 有未知的键 total"),
        ("hires", "[health\n", "hires.toml 不是有效的 TOML"),
        ("hire", "", "hire.toml 不与任何数据源同名"),
    ],
)
def test_a_slip_in_a_local_file_is_named_with_its_place(
    local: Path, file: str, content: str, message: str
) -> None:
    (local / f"{file}.toml").write_text(content, "utf-8")
    with pytest.raises(UsageError, match=re.escape(message)):
        Settings.load({LOCAL: str(local)})


def test_a_local_folder_that_is_not_there_is_named(local: Path) -> None:
    local.rmdir()
    with pytest.raises(UsageError, match=f"目录 {local} 不存在"):
        Settings.load({LOCAL: str(local)})
