"""The workbooks and rejects of a night, opened with another reader than their writer."""

import json
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Engine, func, select, update

from expectations.feed import feeds
from matchers.causes import causes
from matchers.people import resident_id
from pipelines import reports
from pipelines.base.errors import Locked
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import lock
from pipelines.reports import cells, contents, exceptions, overpaid, page, ranking, shown, words, workbook
from pipelines.reports.again import NOTE
from sql import tables as t
from tests.casebook import cases
from tests.findings import LETTERS, NIGHTS, city
from tests.verdict import reasons_named


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=60).fill(database)
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


def read(engine: Engine, tmp_path: Path) -> contents.Contents:
    return contents.read(engine, Store(tmp_path / "store"), NIGHTS[-1])


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_a_night_leaves_a_list_and_a_report_for_each_district_and_the_city(settings: Settings) -> None:
    written = reports.write(settings, NIGHTS[-1])
    names = {path.name for path in written}
    places = ("全市", "500106", "500107", "500229", "500243")
    assert names == {f"{kind}-{p}.xlsx" for kind in ("疑点清单", "多领报告") for p in places} | {"夜报.html"}
    assert {path.parent for path in written} == {settings.reports / "2026-10-20"}


def test_the_same_night_gives_the_same_bytes_and_is_remembered_once(
    database: Engine, settings: Settings
) -> None:
    first = {path.name: path.read_bytes() for path in reports.write(settings, NIGHTS[-1])}
    (Store(settings.store).night(NIGHTS[-1]) / NOTE).unlink()
    second = {path.name: path.read_bytes() for path in reports.write(settings, NIGHTS[-1])}
    assert first == second
    with database.connect() as connection:
        exports = connection.execute(select(func.count()).select_from(t.report_export)).scalar_one()
        events = connection.execute(
            select(func.count()).where(t.audit_event.c.action == "report")
        ).scalar_one()
    assert (exports, events) == (4, 4)


def test_a_night_that_finds_nothing_has_its_reports_too(database_url: str, tmp_path: Path) -> None:
    empty = Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")
    written = reports.write(empty, NIGHTS[-1])
    assert [path.name for path in written] == ["疑点清单-全市.xlsx", "多领报告-全市.xlsx", "夜报.html"]
    assert "没有在办疑点" in written[-1].read_text("utf-8")


def test_a_run_that_lost_its_place_writes_no_workbook(database: Engine, settings: Settings) -> None:
    def overtaken() -> None:
        with lock.held(database) as held:
            with database.begin() as connection:
                connection.execute(update(t.run_epoch).values(epoch=t.run_epoch.c.epoch + 1))
            with pytest.raises(Locked):
                reports.write(settings, NIGHTS[-1], within=held)

    with pytest.raises(Locked):
        overtaken()
    assert not list(settings.reports.rglob("*.xlsx"))


def test_what_an_earlier_writing_left_is_taken_away(settings: Settings) -> None:
    stale = settings.reports / "2026-10-20" / "疑点清单-500999.xlsx"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"")
    reports.write(settings, NIGHTS[-1])
    assert not stale.exists()


def test_cells_are_text_dates_and_numbers_and_never_a_formula(settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1])
    book = openpyxl.load_workbook(settings.reports / "2026-10-20" / "疑点清单-500106.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    first = rows(book["办理"])[0]
    assert isinstance(first["公民身份号码"], str)
    assert len(first["公民身份号码"]) == 18
    assert isinstance(first["首次发现"], datetime)
    assert isinstance(first["已发应退"], int | float)
    assert any("=" in str(row["姓名"]) for row in rows(book["办理"]))
    assert any("=永川" in str(row["原始内容"]) for row in rows(book["证据"]))


def test_only_the_answers_are_unlocked_and_they_have_lists_and_checks(settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1], ("500106",))
    sheet = openpyxl.load_workbook(settings.reports / "2026-10-20" / "疑点清单-500106.xlsx")["办理"]
    unlocked = {
        head.value for head, cell in zip(sheet[1], sheet[2], strict=True) if not cell.protection.locked
    }
    assert unlocked == {column.heading for column in exceptions.ANSWERS}
    assert not sheet.protection.sheet
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref.startswith("A1:")
    shapes = [shape for shape in sheet.column_dimensions.values() if shape.hidden]
    hidden = {get_column_letter(n) for shape in shapes for n in range(shape.min, shape.max + 1)}
    seen = {cell.value: cell.column_letter for cell in sheet[1]}
    assert hidden == {letter for heading, letter in seen.items() if heading not in exceptions.IN_SIGHT}
    assert len(seen) - len(hidden) == len(exceptions.IN_SIGHT) <= 15
    checked = {str(v.sqref).rstrip("0123456789")[:2] for v in sheet.data_validations.dataValidation}
    assert len(checked) == sum(bool(column.check) for column in exceptions.ANSWERS)


def test_the_dictionary_explains_every_column_and_quotes_every_law_of_the_list(settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1], ("500106",))
    book = openpyxl.load_workbook(settings.reports / "2026-10-20" / "疑点清单-500106.xlsx")
    dictionary = rows(book["字典"])
    explained = {row["取值"] for row in dictionary if row["类别"] == "栏目" and row["说明"]}
    assert explained == {cell.value for cell in book["办理"][1]} - {"校验码"}
    quoted = {row["取值"]: row["说明"] for row in dictionary if row["类别"] == "条文"}
    for row in rows(book["办理"]):
        for law in row["政策依据"].split("；"):
            assert any(law.partition("（")[0] in article for article in quoted), law
    assert all(len(text) > 20 for text in quoted.values())
    articles = [row["取值"] for row in dictionary if row["类别"] == "条文"]
    assert len(articles) == len(set(articles))


def test_every_overpayment_report_cites_how_money_is_paid_back_and_the_source(
    settings: Settings,
) -> None:
    written = [path for path in reports.write(settings, NIGHTS[-1]) if path.name.startswith("多领报告")]
    assert len(written) > 1
    for path in written:
        book = openpyxl.load_workbook(path)
        quoted = [row for row in rows(book["字典"]) if row["类别"] == "条文"]
        (repaying,) = (row["说明"] for row in quoted if row["取值"] == "社会保险经办条例第四十六条")
        assert all(word in repaying for word in ("责令退回", "分期", "抵扣"))
        assert all(re.search(r"号，\d{4}-\d\d-\d\d 起施行）$", row["说明"]) for row in quoted)
        cover = " ".join(str(v) for row in book["封面"].iter_rows(values_only=True) for v in row)
        cited = set(re.findall(r"社会保险经办条例第[一二三四五六七八九十]+条", cover))
        assert cited <= {row["取值"] for row in quoted}
        assert "社会保险经办条例第四十六条" in cited
        assert any("渝人社发〔2019〕169号" in row["说明"] and "2 个月以上" in row["说明"] for row in quoted)


def test_a_night_that_has_not_run_cites_how_money_is_paid_back_too(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    made = Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")
    written = [path for path in reports.write(made, NIGHTS[-1]) if path.name.startswith("多领报告")]
    for path in written:
        listed = rows(openpyxl.load_workbook(path)["字典"])
        assert "社会保险经办条例第四十六条" in {row["取值"] for row in listed}
    assert written


def test_full_numbers_and_letters_of_names_are_in_the_districts_workbooks_and_nowhere_else(
    database: Engine, settings: Settings
) -> None:
    written = reports.write(settings, NIGHTS[-1])
    with database.connect() as connection:
        people = connection.execute(select(t.recipient.c.id_number, t.recipient.c.phone)).all()
    secrets = [LETTERS, *(value for person in people for value in person)]
    seen = defaultdict(set)
    for path in written:
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            text = "\n".join(str(v) for s in book for row in s.iter_rows(values_only=True) for v in row if v)
        else:
            text = path.read_text("utf-8")
        seen[path.stem.rpartition("-")[2]] |= {s for s in secrets if s in text}
    assert not seen["全市"]
    assert not seen["夜报"]
    assert len(seen["500106"]) > 1
    assert any(LETTERS in text for text in seen.values())


def test_codes_in_the_evidence_are_shown_with_their_meaning() -> None:
    row = '{"insurance": "110", "base": 400000, "covered_month": "2026-03"}'
    content = words.fact("contributions", row, masked=False)
    assert content == "险种类型：110 企业职工基本养老；缴费基数：4,000.00元；对应费款所属期：2026-03"
    paid = words.fact("payment", '{"state": "paid", "paid_fen": 5}', masked=False)
    assert paid == "支付状态：已发；已发金额：0.05元"
    person = words.fact("hires", '{"id_number": "500190198304040701", "name": "郑一鸣"}', masked=True)
    assert person == "公民身份号码：500190********0701；姓名：郑**"
    born = words.fact(
        "pension_payees", '{"id_number": "500190198304040701", "birth_date": "1983-04-04"}', masked=True
    )
    assert born == "公民身份号码：500190********0701；出生日期：1983年"
    owner = '{"entity_name": "郑500190198304040701商店", "entity_uscc": "925001901983040407"}'
    shop = words.fact("business_roles", owner, masked=True)
    assert "500190********0701商店" in shop
    assert "925001901983040407" in shop


@pytest.mark.parametrize("day", ["19830404", "1983-04-04", "1983/4/4", "1983年4月4日"])
@pytest.mark.parametrize("number", ["500190198304040701", "500190830404070"])
def test_no_date_beside_a_masked_number_tells_what_is_masked(number: str, day: str) -> None:
    covered = words.without_numbers(f"{number},郑一鸣,{day},2026-04-04")
    assert covered == f"{resident_id.mask(number)},郑一鸣,1983****,2026-04-04"


def test_whoever_has_two_suspicions_on_a_claim_is_looked_at_as_a_whole(
    database: Engine, settings: Settings
) -> None:
    night = read(database, settings.store.parent)
    one = night.active.iloc[[0]].assign(cause="REEMPLOYED")
    two = one.assign(candidate_id="YD2", cause="DEATH")
    both = replace(night, candidates=pd.concat([one, two]))
    alone = shown.candidates(replace(night, candidates=one), ranking.cut(one, 0)[0], masked=True)
    listed = shown.candidates(both, ranking.cut(both.active, 0)[0], masked=True)
    assert not alone["hints"].str.contains("同一申领").any()
    assert listed["hints"].str.contains("先核实本人是否在世").all()
    assert set(listed["hints"].str.extract("同一申领另有“(.+?)”")[0]) == {"重新就业", "死亡"}


def test_every_reason_that_the_case_book_names_is_shown_in_words() -> None:
    named = {pair for case in cases() for pair in reasons_named(case)}
    assert {"nothing_paid_after", "before_registration"} <= {reason for _, reason in named}
    assert [pair for pair in named if words.reason(*pair) == pair[1]] == []


def test_every_code_that_a_feed_may_bring_has_its_meaning() -> None:
    coded = {
        (feed.name, name, code)
        for feed in feeds().values()
        for name, column in feed.columns.items()
        for code in column.codes.values()
    }
    own = {"state": ("paid", "in_transit", "scheduled"), "sex": ("M", "F"), "benefit_kind": words.BENEFIT}
    coded |= {("payment", name, code) for name, meanings in own.items() for code in meanings}
    assert len(coded) > 60
    for feed, name, code in coded:
        heading, _, shown = words.fact(feed, json.dumps({name: code}), masked=False).partition("：")
        assert all(re.search(r"[一-鿿]", text) for text in (heading, shown)), (feed, name, code)
    assert all(re.search(r"[一-鿿]", words.meaning("id_class", kind)) for kind in resident_id.CLASSES)


def test_no_list_is_cut_unless_a_setting_asks_for_it(settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1], ("500106",))
    path = settings.reports / "2026-10-20" / "疑点清单-500106.xlsx"
    whole = openpyxl.load_workbook(path)
    assert "未列入" not in whole.sheetnames
    reports.write(replace(settings, report_limit=5), NIGHTS[-1], ("500106",))
    cut = openpyxl.load_workbook(path)
    assert len(rows(cut["办理"])) == 5
    assert len(rows(cut["办理"])) + len(rows(cut["未列入"])) == len(rows(whole["办理"]))
    reports.write(replace(settings, report_limit=5), NIGHTS[-1], ("500106",), limit=0)
    assert openpyxl.load_workbook(path).sheetnames == whole.sheetnames


def test_what_does_not_fit_a_list_is_counted_and_listed(database: Engine, settings: Settings) -> None:
    reports.write(settings, NIGHTS[-1], ("500106",), limit=5)
    book = openpyxl.load_workbook(settings.reports / "2026-10-20" / "疑点清单-500106.xlsx")
    c = t.suspension_candidate.c
    with database.connect() as connection:
        of_district = select(func.count()).where(c.district == "500106", c.first_seen_as_of <= NIGHTS[-1])
        every = connection.execute(of_district).scalar_one()
    kept, left_out = rows(book["办理"]), rows(book["未列入"])
    assert (len(kept), len(left_out)) == (5, every - 5)
    cover = " ".join(str(v) for row in book["封面"].iter_rows(values_only=True) for v in row)
    assert f"{every - 5}；见“未列入”" in cover


def test_more_rows_than_a_sheet_holds_go_on_to_the_next(tmp_path: Path) -> None:
    frame = pd.DataFrame({"line": range(25), "text": [str(n) for n in range(25)]})
    columns = [workbook.Column("行", "line", kind="count"), workbook.Column("文", "text")]
    with workbook.writing(tmp_path / "long.xlsx", date(2026, 10, 20), "长表", "", tmp_path) as book:
        book.table("长表", columns, frame, rows=10)
    sheets = openpyxl.load_workbook(tmp_path / "long.xlsx")
    assert sheets.sheetnames == ["长表（1）", "长表（2）", "长表（3）"]
    assert [row["行"] for name in sheets.sheetnames for row in rows(sheets[name])] == list(range(25))


def test_a_text_longer_than_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    assert cells.plain("长" * 40_000).endswith(cells.CUT)
    assert len(cells.plain("长" * 40_000)) <= cells.LONGEST


def test_a_referral_says_what_is_still_missing(database: Engine, tmp_path: Path) -> None:
    city(claims=40).fill(database)
    asked = overpaid.referral(read(database, tmp_path))
    assert len(asked) > 0
    dead = asked["cause"] == causes()["DEATH"].title
    by_hand = asked.loc[asked["two_month_flag"], "故意的证据"]
    assert set(by_hand[~dead]) == {"缺：系统不作推断，须另行取证"}
    assert set(by_hand[dead]) == {"缺：本人已故，须查明由谁领取、是否故意；系统不作推断"}
    assert set(asked.loc[dead, "告知书已送达"]) == {"缺：没有告知遗属的日期"}
    assert set(asked.loc[~dead, "告知书已送达"]) == {"缺：没有告知本人的日期"}
    assert (asked.loc[~asked["severe_flag"], "拒不退回的事实"] == "").all()
    assert asked["核查属实并经复核"].str.startswith("缺").all()


def test_a_death_is_verified_with_the_family_who_have_rights_of_their_own(
    database: Engine, settings: Settings
) -> None:
    reports.write(settings, NIGHTS[-1])
    dead = {True: 0, False: 0}
    for district in read(database, settings.store.parent).districts:
        folder = settings.reports / "2026-10-20"
        listed = rows(openpyxl.load_workbook(folder / f"疑点清单-{district}.xlsx")["办理"])
        for row in listed:
            assert ("向遗属核实并告知" in (row["提示"] or "")) == (row["停领情形"] == "死亡")
            dead[row["停领情形"] == "死亡"] += 1
        owed = rows(openpyxl.load_workbook(folder / f"多领报告-{district}.xlsx")["权益提示"])
        families = {row["申领编号"] for row in owed if row["类别"] == "遗属待遇"}
        assert families == {row["申领编号"] for row in listed if row["停领情形"] == "死亡"}
        assert all(row["姓名"] and row["联系电话"] for row in owed)
    assert min(dead.values()) > 0


def test_who_drew_the_money_of_the_dead_is_asked_of_every_claim_with_something_due(
    database: Engine, settings: Settings
) -> None:
    reports.write(settings, NIGHTS[-1])
    active = read(database, settings.store.parent).active
    dead = active[(active["cause"] == "DEATH") & (active["overpaid_fen"] > 0)].set_index("candidate_id")
    folder = settings.reports / "2026-10-20"
    books = [folder / f"多领报告-{district}.xlsx" for district in sorted(set(active["district"]))]
    asked = [row for book in books for row in rows(openpyxl.load_workbook(book)["死亡后领取"])]
    assert {row["疑点编号"] for row in asked} == set(dead.index)
    assert asked
    for row in asked:
        assert round(row["已发应退"] * 100) == dead.loc[row["疑点编号"], "overpaid_fen"]
        assert row["死亡之后的月份"] >= dead.loc[row["疑点编号"], "stop_month"]
        assert "由谁领取" in row["请查明"]
        assert "查明之前不认定任何人" in row["请查明"]


def test_whoever_must_be_asked_or_told_is_named_in_the_districts_workbooks(
    database: Engine, settings: Settings
) -> None:
    reports.write(settings, NIGHTS[-1])
    night = read(database, settings.store.parent)
    asked, doubtful = 0, 0
    for district in night.districts:
        folder = settings.reports / "2026-10-20"
        asked += len(rows(openpyxl.load_workbook(folder / f"多领报告-{district}.xlsx")["请本人提供"]))
        lists = openpyxl.load_workbook(folder / f"疑点清单-{district}.xlsx")
        doubtful += len(rows(lists["身份存疑"])) if "身份存疑" in lists.sheetnames else 0
    assert (asked, doubtful) == (len(night.requests), len(night.questions))
    assert min(asked, doubtful) > 0


def test_a_night_shows_only_what_was_known_by_then(database: Engine, tmp_path: Path) -> None:
    city(claims=60).fill(database)
    first = contents.read(database, Store(tmp_path / "store"), NIGHTS[0])
    assert (first.candidates["first_seen_as_of"] == NIGHTS[0]).all()
    assert first.nights == NIGHTS[:1]


def test_the_evidence_of_a_closed_case_is_not_read_and_the_others_show_what_they_showed(
    database: Engine, tmp_path: Path
) -> None:
    city(claims=60).fill(database)
    before = read(database, tmp_path)
    closed = before.candidates["candidate_id"].iloc[::3].tolist()
    with database.begin() as connection:
        number = t.suspension_candidate.c.candidate_id
        closing = update(t.suspension_candidate).where(number.in_(closed)).values(status="closed")
        connection.execute(closing)
    after = read(database, tmp_path)
    for name in ("evidence", "overpayments", "preventable"):
        assert set(getattr(after, name)["candidate_id"]).isdisjoint(closed), name
    columns = ["candidate_id", "facts", "sources", "against", "likeness"]
    left = before.candidates[~before.candidates["candidate_id"].isin(closed)]
    assert after.active[columns].to_dict("records") == left[columns].to_dict("records")
    assert left["facts"].map(len).max() > 1


def test_a_held_night_says_so_first(database: Engine, tmp_path: Path) -> None:
    city(claims=30).fill(database)
    night = read(database, tmp_path)
    assert night.run is not None
    held = replace(night, run=replace(night.run, status="held"))
    assert "本夜已暂扣" in page.render(held, [])
    assert "本夜已暂扣" not in page.render(night, [])
