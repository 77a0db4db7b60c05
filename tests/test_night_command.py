"""What the operator of a night reads: its result, what it would change, and what there is not to tell."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.cli import app
from tests.faults.town import SECOND, Town, build

NIGHT = SECOND.isoformat()


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    made = build(tmp_path, f"sqlite:///{tmp_path / 'benefit.db'}")
    for name in ("database_url", "inbox", "store", "reports"):
        monkeypatch.setenv(f"CROSSMATCH_{name.upper()}", str(getattr(made.settings, name)))
    monkeypatch.chdir(tmp_path)
    return made


def crossmatch(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def failure(words: Sequence[str]) -> CrossmatchError:
    error = crossmatch(*words).exception
    assert isinstance(error, CrossmatchError)
    return error


@pytest.mark.usefixtures("town")
def test_a_dry_run_lists_what_would_change_and_the_night_then_shows_what_it_found() -> None:
    lines = crossmatch("night", NIGHT, "--dry-run").stdout.splitlines()
    opened = [line for line in lines if line.startswith("新增　YD")]
    pension = (
        "享受基本养老保险待遇　待下发，精确疑点，事由 2025-11，停发 2025-12，多领月数 2，已发应退 3,420.00元"
    )
    assert any(f"申领 C013　{pension}，可止付金额 1,710.00元" in line for line in opened)
    assert lines[-1] == f"新增 {len(opened)} 件，变化 0 件，撤销 0 件；以上只是比较，没有写入"
    ran = crossmatch("night", NIGHT)
    assert (ran.exit_code, ran.stderr) == (0, "")
    for words in (f"夜间比对 {NIGHT}", "死亡", "出境定居：最新批次 2026-02-16 被拒收", "先看夜报"):
        assert words in ran.stdout
    again = crossmatch("night", NIGHT, "--dry-run", "--json").stdout
    assert json.loads(again)["counts"] == {"opened": 0, "changed": 0, "withdrawn": 0}


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("words", [["report", NIGHT], ["summary", NIGHT], ["notify", NIGHT]])
def test_of_a_night_that_did_not_run_nothing_is_told(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPRISE_URLS", "json://127.0.0.1:1")
    assert f"{NIGHT} 还没有完成的比对" in str(failure(words))
    assert not Path("reports").exists()


@pytest.mark.usefixtures("town")
def test_a_district_that_handles_no_claim_is_named_with_those_that_do() -> None:
    crossmatch("night", NIGHT)
    error = failure(["report", NIGHT, "--district", "500107", "--district", "500199"])
    assert (type(error), str(error)) == (UsageError, "没有经办区划 500199；可用：500106、500107")
    written = json.loads(crossmatch("report", NIGHT, "--district", "500107", "--json").stdout)["files"]
    assert [Path(file).name for file in written] == ["疑点清单-500107.xlsx", "多领报告-500107.xlsx"]


@pytest.mark.usefixtures("town")
def test_a_message_that_could_not_be_sent_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    crossmatch("night", NIGHT)
    assert crossmatch("notify", NIGHT).stdout == "没有设置 APPRISE_URLS，未发送\n"
    monkeypatch.setenv("APPRISE_URLS", "json://127.0.0.1:1")
    assert "消息未能全部送出" in str(failure(["notify", NIGHT]))


@pytest.mark.parametrize("group", [[], ["db"], ["audit"]], ids=" ".join)
def test_the_list_of_commands_fits_a_narrow_terminal(
    group: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "…" not in crossmatch(*group, "--help").stdout


@pytest.mark.parametrize("day", ["20260214", "2026-W07-6", "2026-02-30", "2026-2-14"])
def test_a_night_is_named_in_one_way_alone(day: str) -> None:
    refused = crossmatch("night", day)
    assert (refused.exit_code, "YYYY-MM-DD" in refused.stderr) == (2, True)
