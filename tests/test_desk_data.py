"""At the desk: what arrived, a held delivery let go, and a file read as the night would and thrown away."""

import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from pipelines.base.settings import Settings
from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk
from tests.findings import city
from tests.inbox import DEATHS, deaths, id_number, name, text
from tests.test_desk_pages import events

HELD = "hires/2026-10-10"
FILE = text(DEATHS, [*deaths(range(40)), (id_number(50), name(50), "不是日期", "死亡", "公安")]).encode(
    "gb18030"
)


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Iterator[Desk]:
    city(claims=30).fill(database)
    opened = Desk(database, Settings(store=tmp_path / "store", inbox=tmp_path / "inbox"))
    (tmp_path / "inbox" / "2026-10-11" / "deaths").mkdir(parents=True)
    (tmp_path / "inbox" / "2026-10-11" / "deaths" / "死亡.csv").write_bytes(FILE)
    yield opened
    opened.close()


def test_the_page_says_what_arrived_what_waits_and_lets_a_held_delivery_go_for_a_reason(desk: Desk) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*", name="数据甲")
    page = steward.get("/data").text
    assert "行数 1000 低于近六次中位数的一半" in page
    assert "未受理：deaths/2026-10-11" in page
    refused = steward.post("/data/release", {"delivery": HELD, "reason": ""})
    assert (refused.status_code, "须写明放行的理由" in refused.text) == (400, True)
    assert steward.post("/data/release", {"delivery": "hires/2020-01-01", "reason": "无"}).status_code == 400
    assert events(desk, HELD) == []
    assert "没有待放行的批次" in steward.post("/data/release", {"delivery": HELD, "reason": "电话核实"}).text
    assert events(desk, HELD) == [("数据甲", "release")]


def test_a_file_is_read_as_the_night_reads_it_and_nothing_of_it_is_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    steward = desk.person("steward1", Role.STEWARD, "*", name="数据甲")
    steward.get("/data")
    answer = steward.post("/data/check", {"feed": "deaths"}, files={"file": ("死亡.csv", FILE)})
    page = unescape(answer.text)
    assert answer.status_code == 200
    assert "日期无法读取" in page
    assert "41 行" in page
    assert not any(id_number(n) in page or name(n) in page for n in (*range(40), 50))
    assert not list(scratch.iterdir())
    assert not list(desk.settings.store.rglob("*.*"))
    with desk.engine.connect() as connection:
        assert connection.execute(select(t.delivery).where(t.delivery.c.feed == "deaths")).all() != []
        sent = select(t.delivery.c.sha256).where(t.delivery.c.feed == "deaths")
        assert len(connection.execute(sent).all()) == 1
    assert events(desk, "deaths") == [("数据甲", "check_delivery")]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("名单.exe", b"MZ"),
        ("../../etc/passwd", b"x"),
        ("死亡.csv.part", FILE),
        ("死亡.xlsx", b"PK\x03\x04nothing"),
        ("死亡.csv", b""),
        ("死亡.csv", text(("甲", "乙"), [(id_number(1), name(1))]).encode()),
    ],
)
def test_a_file_that_the_night_would_refuse_is_refused_with_the_reason(
    desk: Desk, file: str, content: bytes
) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*")
    steward.get("/data")
    answer = steward.post("/data/check", {"feed": "deaths"}, files={"file": (file, content)})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert id_number(1) not in answer.text


def test_a_path_in_the_name_of_a_file_leads_nowhere(desk: Desk) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*")
    steward.get("/data")
    answer = steward.post("/data/check", {"feed": "deaths"}, files={"file": ("../../死亡.csv", FILE)})
    assert answer.status_code == 200
    long = steward.post("/data/check", {"feed": "deaths"}, files={"file": ("长" * 300 + ".csv", FILE)})
    assert long.status_code == 200


def test_a_supervisor_sees_the_data_and_neither_releases_nor_reads_files(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    page = boss.get("/data").text
    assert "/data/release" not in page
    assert "/data/check" not in page
    assert boss.post("/data/release", {"delivery": HELD, "reason": "无"}).status_code == 403
    assert boss.post("/data/check", {"feed": "deaths"}, files={"file": ("a.csv", FILE)}).status_code == 403
