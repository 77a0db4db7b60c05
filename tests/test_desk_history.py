"""At the desk stewards see what a clean-up proposes, for and against, and decide it, two where two must."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, insert, select

from pipelines.base.settings import Settings
from pipelines.cleanup import lists, places, quality
from pipelines.database import lock
from pipelines.desk.roles import Role
from sql import cleanup_tables as t
from sql.tables import claim
from tests.cleanup_proposals import MERGE, SHORT, SPLIT
from tests.desk import Desk, Person, events
from tests.findings import city
from tests.inbox import id_number
from tests.test_desk_pages import FOREIGN, LONG, OWN

NUMBER, ACCOUNT = id_number(3), "6222021234567890123"
RECORD = {"id_number": [NUMBER, "P1", "公安"], "name": ["欧阳试用", "P1", "公安"],
          "bank_account": [ACCOUNT, "P2", "最新"], "phone": ["13912345678", "P2", "最新"]}  # fmt: skip
FIFTEEN = SHORT | {
    "proposal_id": "FIFTEEN", "check_code": "ID_15", "district": OWN, "relation": "registrations",
    "record_key": "P1", "column_name": "id_number", "before_value": NUMBER[:6] + NUMBER[8:17],
    "after_value": NUMBER, "evidence": "", "confidence": "certain", "favours": "nobody",
}  # fmt: skip
JOINED = MERGE | {
    "district": OWN,
    "evidence": json.dumps({"record": RECORD, "overlap": "2011-01..2011-03", "editors": ["数据丙"]}),
}  # fmt: skip
FOUND = {
    "finding_id": "Q1", "check_code": "ID_UNUSABLE", "relation": "registrations", "record_key": "P9",
    "column_name": "id_number", "district": OWN, "months": "", "value": NUMBER[:17], "confidence": "ask",
    "favours": "nobody", "why": "", "evidence": "", "status": "open", "first_run": "R1", "last_run": "R1",
}  # fmt: skip


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


@pytest.fixture
def desk(database: Engine, settings: Settings) -> Iterator[Desk]:
    city(claims=20).fill(database)
    at = datetime(2026, 10, 20)
    run = {"run_id": "R1", "as_of": at.date(), "batches": "[]", "policy": "chongqing", "counts": "{}",
           "policy_version": "chongqing-1", "status": "finished", "started_at": at, "finished_at": at,
           "input_digest": ""}  # fmt: skip
    with database.begin() as connection:
        number = connection.execute(select(claim.c.claim_id).where(claim.c.district == OWN)).scalars().first()
        connection.execute(insert(t.cleanup_run).values(**run))
        own = SHORT | {"district": OWN, "record_key": number}
        away = SHORT | {"proposal_id": "AWAY", "district": FOREIGN, "record_key": "C9"}
        connection.execute(insert(t.correction_proposal), [own, JOINED, SPLIT, FIFTEEN, away])
        connection.execute(insert(t.cleanup_finding), [FOUND, FOUND | {
            "finding_id": "Q2", "record_key": "P8", "district": FOREIGN}])  # fmt: skip
    with lock.held(database) as held:
        for district in (OWN, FOREIGN, ""):
            lists.write(settings, held, "R1", date(2026, 10, 20), district)
        with database.connect() as connection:
            quality.write(settings, connection)
    opened = Desk(database, settings)
    yield opened
    opened.close()


def steward(desk: Desk, account: str, name: str, district: str = OWN) -> Person:
    return desk.person(account, Role.STEWARD, district, name=name)


def sent(page: str, number: str) -> dict[str, str]:
    """What the form of one proposal carries."""
    form = page.partition(f'name="proposal" value="{number}"')[2]
    return {"proposal": number, "version": form.partition('name="version" value="')[2].partition('"')[0]}


def decide(person: Person, number: str, decision: str = "accepted", reason: str = "有材料") -> object:
    page = person.get("/history/proposals?status=all").text
    return person.post("/history/decision", sent(page, number) | {"decision": decision, "reason": reason})


def status(desk: Desk, number: str) -> str:
    c = t.correction_proposal.c
    with desk.engine.connect() as connection:
        return str(connection.execute(select(c.status).where(c.proposal_id == number)).scalar_one())


def test_a_proposal_stands_with_what_speaks_for_and_against_it_and_names_nobody(desk: Desk) -> None:
    person = steward(desk, "steward1", "数据甲")
    pages = {path: unescape(person.get(path).text) for path in (
        "/history", "/history/proposals", "/history/questions", "/history/quality")}  # fmt: skip
    proposals = pages["/history/proposals"]
    assert "应享月数：12" in proposals
    assert "可能的无辜解释：双胞胎、同名同姓" in proposals
    assert "不作取舍：2011-01..2011-03" in proposals
    assert "数据丙" not in proposals
    assert "欧***" in proposals
    for page in pages.values():
        assert not LONG.search(page)
        assert not any(word in page for word in ("欧阳试用", ACCOUNT, "AWAY", "P8", FIFTEEN["before_value"]))
    assert "持护照或旧式通行证登记" in pages["/history/questions"]
    assert events(desk, "corrections") == [("数据甲", "correction_view")]


def test_two_stewards_of_one_decision_make_it_final_and_one_undoes_nothing_alone(desk: Desk) -> None:
    one, two = steward(desk, "steward1", "数据甲"), steward(desk, "steward2", "数据乙")
    decide(one, "SHORT")
    assert status(desk, "SHORT") == "proposed"
    assert "数据甲" in two.get("/history/proposals").text
    decide(two, "SHORT", "rejected", "档案不符")
    third = steward(desk, "steward3", "数据丁")
    decide(third, "SHORT", "rejected", "档案不符")
    assert status(desk, "SHORT") == "rejected"
    decide(one, "SHORT", "undone", "查到新的材料")
    assert status(desk, "SHORT") == "rejected"
    decide(two, "SHORT", "undone", "查到新的材料")
    assert status(desk, "SHORT") == "proposed"
    assert {action for _, action in events(desk, "SHORT")} == {"correction"}


def test_a_decision_on_a_page_that_is_out_of_date_is_refused_and_what_was_typed_stays(desk: Desk) -> None:
    one, two = steward(desk, "steward1", "数据甲"), steward(desk, "steward2", "数据乙")
    stale = sent(one.get("/history/proposals").text, "FIFTEEN")
    decide(two, "FIFTEEN")
    answer = one.post("/history/decision", stale | {"decision": "rejected", "reason": "号码是别人的"})
    assert answer.status_code == 409
    assert "有了变化" in answer.text
    assert "号码是别人的" in answer.text
    assert "数据乙" in answer.text
    assert status(desk, "FIFTEEN") == "proposed"


def test_who_edited_the_record_is_refused_and_another_district_is_not_there(desk: Desk) -> None:
    editor = steward(desk, "steward1", "数据丙")
    assert "改过这条记录" in unescape(decide(editor, "MERGE").text)  # type: ignore[attr-defined]
    for number in ("AWAY", "SPLIT", "NOTHING"):
        answer = editor.post(
            "/history/decision", {"proposal": number, "decision": "accepted", "reason": "有材料"}
        )
        assert answer.status_code == 404
    assert editor.get(f"/history/questions?district={FOREIGN}").status_code == 404
    whole = steward(desk, "steward2", "数据乙", "*")
    page = whole.get("/history/proposals").text
    assert "AWAY" in page
    assert "SPLIT" in page
    decide(whole, "SPLIT")
    assert status(desk, "SPLIT") == "accepted"


def test_each_takes_along_the_files_of_the_own_districts_and_a_returned_list_is_checked_then_taken(
    desk: Desk, settings: Settings, tmp_path: Path
) -> None:
    person = steward(desk, "steward1", "数据甲")
    names = {part.partition('"')[0] for part in person.get("/history").text.split('name="file" value="')[1:]}
    assert names == {f"更正建议-{OWN}.xlsx"}
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    assert f"更正建议-{OWN}.xlsx" not in boss.get("/history").text
    assert boss.post("/history/file", {"file": f"更正建议-{OWN}.xlsx"}).status_code == 404
    assert boss.post("/history/file", {"file": quality.FILE}).content.startswith(b"<!DOCTYPE html>")
    for name in (f"更正建议-{FOREIGN}.xlsx", "../crossmatch.toml", quality.FILE):
        assert person.post("/history/file", {"file": name}).status_code == 404
    content = person.post("/history/file", {"file": f"更正建议-{OWN}.xlsx"}).content
    assert events(desk, f"{places.FOLDER}/更正建议-{OWN}.xlsx") == [("数据甲", "download")]
    assert content == (settings.reports / places.FOLDER / f"更正建议-{OWN}.xlsx").read_bytes()
    file = tmp_path / "填好.xlsx"
    file.write_bytes(content)
    filled(file, "FIFTEEN", ("同意", "号码换算", "区县甲", "区县乙"))
    carried = ""
    for expected in ("proposed", "accepted"):
        person.get("/history")
        whole = {"file": (file.name, file.read_bytes())}
        answer = person.post("/history/returned", {"checked": carried}, files=whole)
        carried = answer.text.partition('name="checked" value="')[2].partition('"')[0]
        assert status(desk, "FIFTEEN") == expected, unescape(answer.text)
    foreign = settings.reports / places.FOLDER / f"更正建议-{FOREIGN}.xlsx"
    refused = person.post("/history/returned", files={"file": (foreign.name, foreign.read_bytes())})
    assert refused.status_code == 400


def filled(file: Path, number: str, answers: tuple[str, ...]) -> None:
    book = openpyxl.load_workbook(file)
    sheet = book[lists.SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["建议编号"]).value == number:
            for heading, text in zip(("决定", "理由", "决定人", "复核人"), answers, strict=True):
                sheet.cell(row, at[heading]).value = text
    book.save(file)
