"""At the desk each takes along the files of their own districts, and lists that come back are taken in."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, select

from pipelines import reports
from pipelines.base.settings import Settings
from pipelines.desk.roles import Role
from pipelines.reports.exceptions import SHEET, WORK
from sql import tables as t
from tests.desk import Desk
from tests.findings import NIGHTS, city
from tests.lists import DISMISSED, List
from tests.test_desk_pages import FOREIGN, OWN, events, status

NIGHT = NIGHTS[-1]
LIST = f"{SHEET}-{OWN}.xlsx"


@pytest.fixture
def desk(database: Engine, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    city(claims=40).fill(database)
    settings = Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")
    reports.write(settings, NIGHT)
    rejects = tmp_path / "reports" / str(NIGHT) / "rejects"
    rejects.mkdir(exist_ok=True)
    (rejects / "hires.csv").write_text("行号,原值\n1,甲\n2,乙\n", "utf-8-sig")
    (tmp_path / "reports" / "2026-99-99").mkdir()
    opened = Desk(database, settings)
    yield opened
    opened.close()


def names(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="file" value="')[1:]]


def test_each_sees_the_files_of_the_own_districts_and_nothing_else(desk: Desk) -> None:
    own = names(desk.person("handler1", Role.HANDLER, OWN).get("/downloads").text)
    every = names(desk.person("boss", Role.SUPERVISOR, "*").get("/downloads").text)
    steward = names(desk.person("steward1", Role.STEWARD, "*").get("/downloads").text)
    assert own
    assert all(name.endswith(f"-{OWN}.xlsx") for name in own)
    assert {f"{SHEET}-全市.xlsx", f"{SHEET}-{FOREIGN}.xlsx", reports.PAGE, "rejects/hires.csv"} <= set(every)
    assert reports.PAGE in steward
    assert not [name for name in steward if OWN in name or FOREIGN in name]


def test_a_file_says_who_took_it_last_and_until_when_it_may_come_back(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN, name="经办甲")
    before = handler.get("/downloads").text
    handler.post("/downloads/file", {"night": str(NIGHT), "file": LIST})
    after = handler.get("/downloads").text
    assert ("经办甲，" in before, after.count("经办甲，")) == (False, 1)
    assert f"可交回至 {NIGHT + timedelta(90)}" in after


def test_a_supervisor_hands_out_a_list_as_a_whole_and_nobody_else_does(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    assert f'aria-label="登记下发 {LIST}"' in boss.get("/downloads").text
    page = boss.post("/downloads/dispatch", {"night": str(NIGHT), "file": LIST}).text
    assert "现在下发" in page
    assert status(desk, number) == "dispatched"
    assert "其中 0 件现在下发" in boss.post("/downloads/dispatch", {"night": str(NIGHT), "file": LIST}).text
    assert boss.post("/downloads/dispatch", {"night": str(NIGHT), "file": "../x"}).status_code == 404
    other = boss.post("/downloads/dispatch", {"night": str(NIGHT), "file": reports.PAGE})
    assert other.status_code == 400
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert "登记下发" not in handler.get("/downloads").text


def test_a_download_is_the_file_itself_and_one_event_with_its_rows_and_hash(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN, name="经办甲")
    page = handler.get(f"/downloads?night={NIGHT}").text
    answer = handler.post("/downloads/file", {"night": str(NIGHT), "file": LIST})
    path = desk.settings.reports / str(NIGHT) / LIST
    assert answer.content == path.read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment;")
    digest = hashlib.sha256(answer.content).hexdigest()
    assert digest in page
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = sum(book[title].max_row - 1 for title in book.sheetnames if title not in ("封面", "字典"))
    assert rows >= book[WORK].max_row - 1 > 0
    assert events(desk, f"{NIGHT}/{LIST}") == [("经办甲", "download")]
    with desk.engine.connect() as connection:
        kept = select(t.audit_event.c.detail).where(t.audit_event.c.action == "download")
        detail = json.loads(connection.execute(kept).scalar_one())
    assert (detail["sha256"], detail["rows"], detail["bytes"]) == (digest, rows, len(answer.content))


@pytest.mark.parametrize(
    ("night", "file"),
    [
        (str(NIGHT), f"{SHEET}-{FOREIGN}.xlsx"),
        (str(NIGHT), f"{SHEET}-全市.xlsx"),
        (str(NIGHT), reports.PAGE),
        (str(NIGHT), f"../{NIGHT}/{LIST}"),
        (str(NIGHT), "../../store"),
        ("2026-02-31", LIST),
        ("../reports", LIST),
        ("2026-10-01", LIST),
    ],
)
def test_what_is_another_districts_or_no_file_is_not_there(desk: Desk, night: str, file: str) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get("/downloads")
    assert handler.post("/downloads/file", {"night": night, "file": file}).status_code == 404
    with desk.engine.connect() as connection:
        assert not connection.execute(select(t.audit_event).where(t.audit_event.c.action == "download")).all()


def filled(desk: Desk, tmp_path: Path, *spoilt: str) -> tuple[bytes, str]:
    path = tmp_path / "交回.xlsx"
    path.write_bytes((desk.settings.reports / str(NIGHT) / LIST).read_bytes())
    sheet = List(path)
    number = sheet.fill(2, DISMISSED)
    for heading in spoilt:
        sheet[3, heading] = "改动"
    return sheet.saved().read_bytes(), number


def test_a_list_that_came_back_is_checked_first_and_taken_in_when_the_same_file_is_sent_again(
    desk: Desk, tmp_path: Path
) -> None:
    content, number = filled(desk, tmp_path, "姓名")
    checker = desk.person("checker1", Role.CHECKER, OWN, name="乙")
    checker.get("/downloads")
    sent = {"file": ("交回.xlsx", content)}
    page = unescape(checker.post("/downloads/returned", {}, files=sent).text)
    assert "尚未写入" in page
    assert f"{WORK}!" in page
    assert "锁定的格被改动" in page
    assert status(desk, number) == "open"
    digest = hashlib.sha256(content).hexdigest()
    other, _ = filled(desk, tmp_path)
    changed = checker.post("/downloads/returned", {"checked": digest}, files={"file": ("交回.xlsx", other)})
    assert "不是刚才核对过的文件" in changed.text
    assert status(desk, number) == "open"
    done = checker.post("/downloads/returned", {"checked": digest}, files=sent)
    assert "收回回执" in done.text
    assert status(desk, number) == "dismissed"


def test_nobody_brings_a_conclusion_in_the_names_of_two_others(desk: Desk, tmp_path: Path) -> None:
    content, number = filled(desk, tmp_path)
    digest, sent = hashlib.sha256(content).hexdigest(), {"file": ("交回.xlsx", content)}
    other = desk.person("checker1", Role.CHECKER, OWN, name="丙")
    other.get("/downloads")
    for checked in ({}, {"checked": digest}):
        page = unescape(other.post("/downloads/returned", dict(checked), files=sent).text)
        assert "须由核查人或复核人用自己的账号交回" in page
        assert status(desk, number) == "open"
    own = desk.person("checker2", Role.CHECKER, OWN, name="乙")
    own.get("/downloads")
    own.post("/downloads/returned", {"checked": digest}, files=sent)
    assert status(desk, number) == "dismissed"


def test_a_list_of_another_district_or_no_list_is_refused_and_a_handler_takes_none_back(
    desk: Desk, tmp_path: Path
) -> None:
    content, number = filled(desk, tmp_path)
    checker = desk.person("checker1", Role.CHECKER, FOREIGN)
    checker.get("/downloads")
    digest = hashlib.sha256(content).hexdigest()
    for data in ({}, {"checked": digest}):
        answer = checker.post("/downloads/returned", dict(data), files={"file": ("交回.xlsx", content)})
        assert (answer.status_code, "不在您的经办范围内" in answer.text) == (400, True)
    nothing = checker.post("/downloads/returned", {}, files={"file": ("x.xlsx", b"PK nothing")})
    assert nothing.status_code == 400
    assert events(desk, "/downloads/returned") == [("区县复核checker1", "upload_refused")] * 3
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get("/downloads")
    refused = handler.post("/downloads/returned", {}, files={"file": ("交回.xlsx", content)})
    assert refused.status_code == 403
    assert status(desk, number) == "open"
