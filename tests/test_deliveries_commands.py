"""``deliveries``, ``check-delivery`` and ``release`` as people and machines use them."""

import json
from pathlib import Path

import pytest
import typer
import xlsxwriter
from typer.testing import CliRunner, Result

from expectations.feed import feeds
from pipelines.base.errors import CrossmatchError, DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.commands import deliveries as group
from pipelines.deliveries import accept
from tests.inbox import DEATHS, HIRES, Inbox, day, deaths, id_number, name, text

app = typer.Typer()
group.register(app)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def settings(
    sqlite_template: Path, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    database = tmp_path / "benefit.db"
    database.write_bytes(sqlite_template.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CROSSMATCH_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("CROSSMATCH_INBOX", str(inbox.root))
    monkeypatch.setenv("CROSSMATCH_STORE", str(tmp_path / "store"))
    return Settings.load()


def crossmatch(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def failure(*words: str) -> CrossmatchError:
    error = crossmatch(*words).exception
    assert isinstance(error, CrossmatchError)
    return error


def test_deliveries_shows_what_became_of_each_and_why(inbox: Inbox, settings: Settings) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deliver("hires", "2026-01-10", {"a.csv": text(HIRES, [])})
    inbox.deliver("deaths", "2026-01-12", {"a.csv": text(DEATHS, deaths([2]))})
    (inbox.root / "2026-01-10" / "tax").mkdir()
    for feed in ("deaths", "hires"):
        accept(settings, feed, day("2026-01-11"))
    shown = crossmatch("deliveries", "2026-01-12").stdout
    for words in (
        "deaths/2026-01-10",
        "待放行",
        "快照中没有一行可用",
        "未受理：deaths/2026-01-12",
        "2026-01-10/tax",
    ):
        assert words in shown


def test_deliveries_for_machines_keep_the_conservation_law(inbox: Inbox, settings: Settings) -> None:
    lines = text(DEATHS, [*deaths([1, 2]), (id_number(3), "甲三", "昨天", "死亡", "公安")]) + "\n"
    inbox.deliver("deaths", "2026-01-10", {"a.csv": lines})
    accept(settings, "deaths", day("2026-01-10"))
    printed = json.loads(crossmatch("deliveries", "2026-01-10", "--json").stdout)
    (row,) = printed["deliveries"]
    assert (row["rows_read"], row["rows_landed"], row["rows_rejected"], row["rows_dropped"]) == (4, 2, 1, 1)
    assert printed["feeds"]["deaths"]["available"]
    assert not printed["feeds"]["hires"]["available"]


def test_a_checked_file_shows_its_shape_and_nobody_in_it(inbox: Inbox, settings: Settings) -> None:
    rows = [
        *deaths([1, 2]),
        (id_number(3), name(3), "昨天", "死亡", "公安"),
        ("", name(4), "2026-01-05", "死亡", "民政"),
    ]
    folder = inbox.deliver(
        "deaths", "2026-01-10", {"a.csv": text((*DEATHS, "备注"), [(*r, "") for r in rows])}
    )
    shown = crossmatch("check-delivery", str(folder / "a.csv"), "--feed", "deaths").stdout
    for words in (
        "gb18030",
        "公民身份号码",
        "备注",
        "民政",
        "十八位，有效",
        "为空",
        "2026-01-05",
        "bad_date",
    ):
        assert words in shown
    printed = json.loads(
        crossmatch("check-delivery", str(folder / "a.csv"), "--feed", "deaths", "--json").stdout
    )
    assert printed["values"]["origin"] == {"公安": 2, "民政": 1}
    assert printed["rejects"] == [{"reason": "bad_date", "column": "died_on", "rows": 1, "lines": [4]}]
    for n in range(1, 5):
        assert id_number(n) not in shown + str(printed)
        assert name(n) not in shown + str(printed)
    assert not list(settings.store.glob("*/*"))


def test_a_checked_file_shows_the_range_of_amounts_and_nothing_of_columns_that_it_lacks(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    heading = "公民身份号码,姓名,单位编号,险种类型,费款所属期,对应费款所属期,缴费类型,缴费标志,缴费基数\n"
    row = "{0},{1},1,110,2026-01,2026-01,10,1,{2}\n"
    rows = (row.format(id_number(n), name(n), base) for n, base in ((1, "5200.00"), (2, "4100.50")))
    file.write_text(heading + "".join(rows), "utf-8")
    printed = json.loads(crossmatch("check-delivery", str(file), "--feed", "contributions", "--json").stdout)
    assert printed["spans"]["base"] == ["4,100.50元", "5,200.00元"]
    assert {"sex", "employer_kind"}.isdisjoint(printed["values"])
    assert printed["values"]["insurance"] == {"110": 2}


def test_a_checked_file_shows_what_the_night_would_make_of_it_and_leaves_no_store_behind(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    columns = feeds()["imprisonments"].columns
    needed = [columns[c].headings[0] for c in ("id_number", "name", "manner", "confined_on", "phone")]
    headings, row = [*needed[:4], "罪名", needed[4]], (id_number(1), name(1), "收监", "2026-01-05")
    file.write_text(text(headings, [(*row, "甲", "1.39E+10"), (*row, "乙", "13900000000")]), "utf-8")
    shown = crossmatch("check-delivery", str(file), "--feed", "imprisonments")
    assert "约定不读、不存" in shown.stdout
    assert "罪名" in shown.stdout
    assert "号码被表格软件改坏" in shown.stdout
    preview = json.loads(crossmatch("check-delivery", str(file), "--feed", "imprisonments", "--json").stdout)
    assert (preview["landing"]["damaged"], preview["health"]) == ({"phone": 1}, "accepted")
    assert not (settings.store / "scratch").exists()


def test_a_checked_workbook_with_an_unread_sheet_is_shown_as_held(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(file) as book:
        for rows in ([DEATHS, *deaths([1])], [["甲"] * 9, [*deaths([2])[0], "甲", "乙", "丙", "丁"]]):
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    shown = crossmatch("check-delivery", str(file), "--feed", "deaths").stdout
    assert "待放行" in shown
    assert "未能读取" in shown


def test_a_checked_file_is_read_as_its_manifest_says_and_held_to_it(inbox: Inbox, settings: Settings) -> None:
    content = text(DEATHS, deaths([1])).replace(",", "|")
    manifest = {"delimiter": "|", "files": {"a.txt": {"rows": 2}}}
    folder = inbox.deliver("deaths", "2026-01-10", {"a.txt": content}, manifest)
    error = failure("check-delivery", str(folder / "a.txt"), "--feed", "deaths")
    assert (type(error), "清单 2 行，实际 1 行" in str(error)) == (DeliveryRejected, True)


def test_a_checked_file_that_its_manifest_does_not_list_or_counts_otherwise_says_so_as_the_night_would(
    inbox: Inbox, settings: Settings
) -> None:
    files = {"a.csv": text(DEATHS, deaths([1]))}
    folder = inbox.deliver("deaths", "2026-01-10", files, {"rows": 3, "files": {"b.csv": {"rows": 3}}})
    words = str(failure("check-delivery", str(folder / "a.csv"), "--feed", "deaths"))
    assert "文件 a.csv 未列入清单" in words
    assert "全批：清单 3 行，实际 1 行" in words


def test_who_checks_the_manifest_itself_learns_which_files_to_check(inbox: Inbox, settings: Settings) -> None:
    folder = inbox.deliver("deaths", "2026-01-10", {"a.csv": text(DEATHS, deaths([1]))}, {"rows": 1})
    error = failure("check-delivery", str(folder / "manifest.json"), "--feed", "deaths")
    assert isinstance(error, UsageError)
    assert "是控制文件，不是数据文件；请试读它旁边的数据文件：a.csv" in str(error)


def test_a_checked_file_has_its_name_on_one_line_and_no_table_without_rows(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / f"{'很长的文件名' * 6}.csv"
    file.write_text(text(DEATHS, deaths([1])), "utf-8")
    lines = crossmatch("check-delivery", str(file), "--feed", "deaths").stdout.splitlines()
    assert file.name in lines
    assert not {"表外", "退回", "被表格软件改坏、按缺失处理的号码"} & set(lines)


def test_a_checked_file_that_would_be_refused_says_why(inbox: Inbox, settings: Settings) -> None:
    folder = inbox.deliver("deaths", "2026-01-10", {"a.csv": "姓名,死亡日期\n"})
    assert isinstance(failure("check-delivery", str(folder / "a.csv"), "--feed", "deaths"), DeliveryRejected)
    assert isinstance(failure("check-delivery", str(folder / "a.csv"), "--feed", "tax"), UsageError)
    assert isinstance(failure("check-delivery", str(folder / "b.csv"), "--feed", "deaths"), UsageError)


def test_a_person_lets_a_held_delivery_go_on(inbox: Inbox, settings: Settings) -> None:
    inbox.deliver("hires", "2026-01-10", {"a.csv": text(HIRES, [])})
    accept(settings, "hires", day("2026-01-10"))
    words = ("release", "hires/2026-01-10", "--by", "王科", "--reason", "本期确无新增")
    assert "已记录" in crossmatch(*words).stdout
    printed = json.loads(crossmatch("deliveries", "2026-01-10", "--json").stdout)
    assert printed["feeds"]["hires"]["available"]
    assert isinstance(failure("release", "hires/2026-01-11", "--by", "王科", "--reason", "x"), UsageError)
