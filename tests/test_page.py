"""The night page as a browser shows it: self-contained, in order, accessible, readable on a phone."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.base.store import Store
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import take
from pipelines.reports import contents, page, words
from pipelines.reports.page import charts, figures
from tests.findings import NIGHTS, city

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
AT = datetime(2026, 10, 20, 8)
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHECK = """
<script>
axe.run(document, {resultTypes: ["violations"]}).then(function (outcome) {
  var violations = outcome.violations.map(function (v) { return [v.impact, v.id, v.nodes[0].html]; });
  document.title = "axe " + JSON.stringify(violations);
});
</script>
"""


class Outline(HTMLParser):
    """The tags of a page, and every address it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.loads += [given[name] or "" for name in ("src", "href", "data", "srcset") if name in given]


@pytest.fixture
def night(database: Engine, tmp_path: Path) -> contents.Contents:
    city().fill(database)
    store = Store(tmp_path / "store")
    ids = contents.read(database, store, NIGHTS[-1]).active["candidate_id"].head(8)
    for one in ids:
        with database.begin() as connection:
            take(connection, Decision(one, "dismissed", "甲", "", "back_paid", second_by="乙"), AT)
    return contents.read(database, store, NIGHTS[-1])


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """axe-core's script, from where ``AXE_CORE`` says or by npm."""
    if given := os.environ.get("AXE_CORE"):
        return Path(given)
    npm, folder = shutil.which("npm"), tmp_path_factory.mktemp("axe")
    if npm is None:
        _missing("npm is not installed")
    command = [
        str(npm),
        "install",
        "--prefix",
        str(folder),
        "--no-audit",
        "--no-fund",
        "--silent",
        "axe-core@4",
    ]
    if subprocess.run(command, capture_output=True, timeout=300).returncode:
        _missing("npm could not fetch axe-core")
    return folder / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    """The command that starts Chromium on a profile of its own."""
    program = next(
        (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None
    )
    if program is None:
        _missing("Chromium is not installed")
    return [str(program), *CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}"]


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def test_the_page_needs_nothing_from_outside_and_runs_no_script(night: contents.Contents) -> None:
    text = page.render(night, ["疑点清单-全市.xlsx"])
    outline = Outline(text)
    assert "script" not in outline.tags
    assert all(address.startswith("#") for address in outline.loads)
    assert set(address[1:] for address in outline.loads) <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert not re.search(r"url\(|@import", text)


def test_no_command_stands_on_the_page_of_those_who_type_none(night: contents.Contents) -> None:
    assert "crossmatch" not in page.render(night, ["疑点清单-全市.xlsx"])


def test_the_page_says_what_the_records_cannot_tell_of_a_past_night(night: contents.Contents) -> None:
    text = page.render(night, [])
    assert "此后才决定的停发" in text
    assert "没有支付日期的在途款" in text


def test_the_first_lines_tell_the_feeds_then_what_can_still_be_stopped(night: contents.Contents) -> None:
    text = page.render(night, [])
    places = [text.index(f'id="{name}"') for name in ("health", "first", "stop", "matrix", "out")]
    assert places == sorted(places)
    assert "类数据今晚未采用" in text[: text.index('id="first"')]


def test_the_figures_of_the_page_agree_with_each_other(night: contents.Contents) -> None:
    head, matrix = figures.headline(night), figures.matrix(night)
    work, ageing = figures.work(night), figures.ageing(night)
    assert (
        sum(head["active_by_tier"].values())
        == head["active"]
        == sum(sum(r["tiers"].values()) for r in matrix["causes"])
    )
    assert (
        head["stoppable_fen"] == sum(row["stoppable_fen"] for row in work) == matrix["total"]["stoppable_fen"]
    )
    assert head["owed_fen"] == sum(row["owed_fen"] for row in matrix["districts"])
    assert (
        head["waiting"] == sum(row["waiting"] for row in ageing) == sum(sum(row["bands"]) for row in ageing)
    )
    assert sum(sum(tiers.values()) for _, tiers in figures.trend(night)) == len(night.candidates)


def test_each_district_is_told_what_to_do_first_by_number(night: contents.Contents) -> None:
    work = figures.work(night)
    assert [row["stoppable_fen"] for row in work] == sorted((r["stoppable_fen"] for r in work), reverse=True)
    for row in work:
        assert row["advice"][0].startswith("下次发放前先核实")
        assert set(row["first"]) <= set(night.active["candidate_id"])


def test_who_does_what_stands_before_the_districts_work(night: contents.Contents) -> None:
    text = page.render(night, [])
    first = text[text.index('id="first"') :]
    places = [first.index(f"<b>{who}</b>") for who in ("市级督办", "区县经办", "区县复核")]
    assert places == sorted(places)
    without_desk = first.index("没有工作台的，由系统管理员收回")
    assert places[-1] < without_desk < first.index("<table")
    assert f"待下发 {figures.headline(night)['open']} 件" in first


def test_only_what_was_handed_out_is_late(night: contents.Contents) -> None:
    waiting = night.candidates["active"] & (night.candidates["status"] == "open")
    aged = night.candidates.assign(age_days=night.candidates["age_days"] + 11)
    assert not any(
        "请催办" in line for row in figures.work(replace(night, candidates=aged)) for line in row["advice"]
    )
    sent = aged.assign(status=aged["status"].mask(waiting, "dispatched"))
    late = [line for row in figures.work(replace(night, candidates=sent)) for line in row["advice"]]
    assert sum("请催办" in line for line in late) == len(figures.work(night))


def test_each_judged_rule_is_shown_with_its_interval(night: contents.Contents) -> None:
    text = page.render(night, [])
    assert "核查数不足，暂不评判" in text
    assert text.count('class="dot"') == len(night.rules) > 0


def test_names_are_written_as_text_never_as_markup(night: contents.Contents) -> None:
    drawn = charts.bars("x", "<b>", '"&', [("<script>", dict.fromkeys(words.TIERS, 1))])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_the_page_has_no_accessibility_finding(
    night: contents.Contents, axe: Path, browser: list[str], tmp_path: Path
) -> None:
    script = f"<script>{axe.read_text('utf-8')}</script>{CHECK}"
    checked = tmp_path / "checked.html"
    text = page.render(night, ["疑点清单-全市.xlsx"]).replace("<details", "<details open")
    checked.write_text(text.replace("</body>", script + "</body>"), "utf-8")
    command = [*browser, "--virtual-time-budget=20000", "--dump-dom", checked.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    violations = re.search(r"<title>axe (.*?)</title>", shown, re.S)
    assert violations is not None, "the check did not run"
    assert json.loads(violations[1]) == []


def test_nothing_sticks_out_of_a_phone(night: contents.Contents, browser: list[str], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page.render(night, []), "utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        '<iframe src="page.html" style="width:390px;height:900px;border:0"></iframe><script>'
        "onload = function () { var d = document.querySelector('iframe').contentDocument;"
        "document.title = 'wide ' + d.documentElement.scrollWidth; };</script>",
        "utf-8",
    )
    command = [
        *browser,
        "--allow-file-access-from-files",
        "--virtual-time-budget=5000",
        "--dump-dom",
        frame.as_uri(),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    width = re.search(r"<title>wide (\d+)</title>", shown)
    assert width is not None, "the page was not measured"
    assert int(width[1]) <= 390


def test_a_printed_page_keeps_its_tables_and_takes_few_sheets(
    night: contents.Contents, browser: list[str], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(page.render(night, []), "utf-8")
    printed = tmp_path / "page.pdf"
    command = [*browser, f"--print-to-pdf={printed}", (tmp_path / "page.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert 2 <= len(re.findall(rb"/Type /Page\b(?!s)", printed.read_bytes())) <= 8
