"""At the desk a workbook of a night is written again, on record by whom, and lies there for a week."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, select, update

from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.desk.roles import Role
from pipelines.reports.exceptions import SHEET, WORK
from sql import tables as t
from sql.desk_tables import desk_export
from tests.desk import Desk, Person, status
from tests.findings import NIGHTS, city
from tests.lists import DISMISSED, List
from tests.test_desk_pages import FOREIGN, OWN

NIGHT = NIGHTS[-1]


@pytest.fixture
def desk(database: Engine, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    city(claims=40).fill(database)
    (tmp_path / "reports" / str(NIGHT)).mkdir(parents=True)
    places = {name: tmp_path / name for name in ("store", "reports")}
    opened = Desk(
        database,
        Settings(database_url=database_url, desk_files=tmp_path / "desk", **places),  # type: ignore[arg-type]
    )
    yield opened
    opened.close()


def export(person: Person, kind: str, district: str) -> str:
    """What the page says after an export was asked for."""
    person.get("/downloads")
    return person.post("/downloads/export", {"night": str(NIGHT), "kind": kind, "district": district}).text


def numbers(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="export" value="')[1:]]


def files(desk: Desk) -> set[str]:
    return {path.name for path in desk.settings.desk_files.rglob("*") if path.is_file()}


def test_a_list_written_again_comes_back_as_that_of_the_night_does(desk: Desk, tmp_path: Path) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN, name="经办甲")
    page = export(handler, "list", OWN)
    assert "已导出" in page
    assert "经办甲，" in page
    answer = handler.post("/downloads/export/file", {"export": numbers(page)[0]})
    assert hashlib.sha256(answer.content).hexdigest() in page
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    listed = {cell for row in book[WORK].iter_rows(min_row=2, values_only=True) for cell in row}
    with desk.engine.connect() as connection:
        row = connection.execute(select(desk_export)).one()
        did = connection.execute(select(t.audit_event.c.action).order_by(t.audit_event.c.seq)).scalars().all()
    assert number in listed
    assert row.rows_out >= book[WORK].max_row - 1 > 0
    assert [action for action in did if action in ("report", "export", "download")] == [
        "report", "export", "download",
    ]  # fmt: skip
    assert audit.verify(desk.engine).faults == ()

    path = tmp_path / "交回.xlsx"
    path.write_bytes(answer.content)
    sheet = List(path)
    filled = sheet.fill(2, DISMISSED)
    content = sheet.saved().read_bytes()
    checker = desk.person("checker1", Role.CHECKER, OWN, name="乙")
    checker.get("/downloads")
    digest = hashlib.sha256(content).hexdigest()
    checker.post("/downloads/returned", {"checked": digest}, files={"file": ("交回.xlsx", content)})
    assert status(desk, filled) == "dismissed"


def test_who_sees_the_whole_city_exports_its_lists_and_nobody_another_district(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    page = export(boss, "list", "全市")
    assert f"{SHEET}-全市.xlsx" in page
    page = export(boss, "overpaid", FOREIGN)
    assert f"多领报告-{FOREIGN}.xlsx" in page
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert numbers(handler.get("/downloads").text) == []
    for district in (FOREIGN, "全市", "*", "../x"):
        sent = {"night": str(NIGHT), "kind": "list", "district": district}
        assert handler.post("/downloads/export", sent).status_code == 404
    for number in numbers(page):
        assert handler.post("/downloads/export/file", {"export": number}).status_code == 404
        assert boss.post("/downloads/export/file", {"export": number}).status_code == 200


def test_what_cannot_be_exported_says_why_and_leaves_nothing(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get("/downloads")
    for sent, why in (
        ({"kind": "list", "district": OWN}, "请选择"),
        ({"night": str(NIGHT), "kind": "x", "district": OWN}, "请选择"),
        ({"night": "2026-02-03", "kind": "list", "district": OWN}, "还没有完成的比对"),
    ):
        answer = handler.post("/downloads/export", dict(sent))
        assert (answer.status_code, why in answer.text) == (400, True)
    with desk.engine.begin() as connection:
        connection.execute(update(t.match_run).values(status="held"))
    refused = export(handler, "list", OWN)
    assert "没有可以导出的清单" in refused
    assert '<option value="list" selected>' in refused
    assert f'<option value="{OWN}" selected>' in refused
    assert files(desk) == set()


def test_an_export_that_has_run_out_is_gone_and_its_record_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    first = numbers(export(handler, "overpaid", OWN))
    assert len(files(desk)) == 1
    with desk.engine.begin() as connection:
        gone = update(desk_export).values(expires_at=desk_export.c.asked_at)
        connection.execute(gone)
    assert "已到期" in handler.get("/downloads").text
    assert handler.post("/downloads/export/file", {"export": first[0]}).status_code == 404
    kept = files(desk)
    export(handler, "list", OWN)
    assert len(files(desk)) == 1
    assert not files(desk) & kept
    with desk.engine.connect() as connection:
        assert len(connection.execute(select(desk_export)).all()) == 2
