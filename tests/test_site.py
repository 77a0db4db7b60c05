"""One folder outside the package holds all that is an agency's own, and stands for the single settings."""

from pathlib import Path

import pytest

from expectations.local import SITE
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.reports import words
from tests.test_cli import crossmatch

POLICY = 'name = "yunchuan"\ntitle = "云川口径"\nversion = "1"\nextends = "national"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    for name in ("policies", "feeds", "notices"):
        (folder / name).mkdir(parents=True)
    (folder / "policies" / "yunchuan.toml").write_text(POLICY, "utf-8")
    (folder / "feeds" / "_every.toml").write_text('[columns.name]\nheadings = ["逝者"]\n', "utf-8")
    (folder / "districts.toml").write_text('990101 = "云川区"\n500106 = "沙区"\n', "utf-8")
    (folder / "risk.toml").write_text("", "utf-8")
    (folder / "crossmatch.toml").write_text('policy = "yunchuan"\ninbox = "报送"\n', "utf-8")
    return folder


def test_a_policy_of_the_site_holds_by_the_settings_that_lie_beside_it(site: Path, tmp_path: Path) -> None:
    ran = crossmatch(tmp_path, "laws", SITE=str(site), DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert "云川口径" in ran.stdout + ran.stderr, ran.stderr
    assert "没有名为 yunchuan 的口径" in crossmatch(tmp_path, "laws", POLICY="yunchuan").stderr


def test_a_heading_of_the_site_is_read_by_every_command(site: Path, tmp_path: Path) -> None:
    (tmp_path / "deaths.csv").write_text("逝者\n1\n", "utf-8")
    asked = ("check-delivery", "deaths.csv", "--feed", "deaths")
    with_site, without = crossmatch(tmp_path, *asked, SITE=str(site)), crossmatch(tmp_path, *asked)
    assert ("「姓名」" in without.stderr, "「死亡日期」" in without.stderr) == (True, True)
    assert ("「姓名」" in with_site.stderr, "「死亡日期」" in with_site.stderr) == (False, True)


def test_the_parts_of_the_site_stand_for_single_settings_that_are_not_given(site: Path) -> None:
    settings = Settings.load({SITE: str(site), "CROSSMATCH_POLICY": "national"})
    assert (settings.notice_templates, settings.risk_policy) == (
        str(site / "notices"),
        str(site / "risk.toml"),
    )
    assert (settings.inbox, settings.policy) == (Path("报送"), "national")
    own = Settings.load(
        {SITE: str(site), "CROSSMATCH_POLICY": "national", "CROSSMATCH_NOTICE_TEMPLATES": "other"}
    )
    assert own.notice_templates == "other"


def test_the_site_names_districts_before_ours(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SITE, str(site))
    named = words.districts.__wrapped__()
    monkeypatch.delenv(SITE)
    ours = words.districts.__wrapped__()
    assert named == ours | {"990101": "云川区", "500106": "沙区"}


def test_a_site_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"本地目录 .*gone 不存在（CROSSMATCH_SITE）"):
        Settings.load({SITE: str(tmp_path / "gone")})


def test_a_policy_of_the_site_with_the_name_of_ours_is_refused(site: Path, tmp_path: Path) -> None:
    (site / "policies" / "national.toml").write_text(POLICY.replace("yunchuan", "national"), "utf-8")
    ran = crossmatch(tmp_path, "laws", SITE=str(site))
    assert (ran.returncode, "与内置的口径同名" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    "line", ['x = "云川区"', "990101 = 3", '990101 = " "', '99010 = "云川区"', "[990101]"]
)
def test_a_name_of_a_district_that_cannot_be_one_is_refused_with_what_is_expected(
    site: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    (site / "districts.toml").write_text(line + "\n", "utf-8")
    monkeypatch.setenv(SITE, str(site))
    with pytest.raises(UsageError, match=r"districts.toml 的 \w+：应为 六位代码 = "):
        words.districts.__wrapped__()
