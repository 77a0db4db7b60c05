"""At the desk a held night is let go on by two people, as by the command."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import Engine, select, update

from pipelines.desk.roles import Role
from pipelines.judging import gate
from sql import tables as t
from tests.desk import Desk
from tests.findings import NIGHTS, city
from tests.test_desk_pages import OWN, events

RUN = f"{NIGHTS[-1]}-0123456789ab"
WHY = "全部情形新增900件，上限50件"


@pytest.fixture
def desk(database: Engine) -> Iterator[Desk]:
    city(claims=30).fill(database)
    held = {"status": "held", "counts": json.dumps({"held": [WHY], "operators": ["受理丙"]})}
    with database.begin() as connection:
        connection.execute(update(t.match_run).where(t.match_run.c.run_id == RUN).values(**held))
    opened = Desk(database)
    yield opened
    opened.close()


def released(desk: Desk) -> int:
    with desk.engine.connect() as connection:
        return gate.released(connection, RUN)


def test_a_held_night_says_why_and_goes_on_after_two_people_with_a_reason_each(desk: Desk) -> None:
    one = desk.person("steward1", Role.STEWARD, "*", name="数据甲")
    two = desk.person("steward2", Role.STEWARD, "*", name="数据乙")
    assert WHY in one.get("/nights").text
    for _ in range(2):
        assert (
            one.post("/nights/release", {"run": RUN, "reason": "新单位批量参保，已核对"}).status_code == 200
        )
    assert released(desk) == 1
    page = two.get("/nights").text
    assert "已放行 1 人，共需 2 人" in page
    assert "新单位批量参保，已核对" in page
    assert "人数已够" in two.post("/nights/release", {"run": RUN, "reason": "复核无误"}).text
    assert released(desk) == gate.PEOPLE
    assert events(desk, RUN) == [("数据甲", "release"), ("数据乙", "release")]


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("数据甲", {"run": RUN, "reason": " "}, "理由"),
        ("数据甲", {"run": "2026-10-20-nothing", "reason": "无误"}, "没有名为"),
        ("数据甲", {"run": f"{NIGHTS[0]}-0123456789ab", "reason": "无误"}, "无须放行"),
        ("受理 丙", {"run": RUN, "reason": "无误"}, "受理或审批过"),
    ],
)
def test_a_release_that_cannot_be_taken_says_why_and_changes_nothing(
    desk: Desk, name: str, fields: dict[str, str], says: str
) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*", name=name)
    steward.get("/nights")
    answer = steward.post("/nights/release", fields)
    assert answer.status_code == 400
    assert says in unescape(answer.text)
    with desk.engine.connect() as connection:
        assert connection.execute(select(t.release_decision)).all() == []


def test_a_night_says_how_long_each_of_its_steps_took_and_nothing_of_one_that_did_not_end(desk: Desk) -> None:
    begun = datetime(2026, 10, 20, 1, 0)
    times = {
        "started_at": begun, "linked_at": begun + timedelta(seconds=65),
        "judged_at": begun + timedelta(seconds=70), "finished_at": begun + timedelta(seconds=100),
    }  # fmt: skip
    with desk.engine.begin() as connection:
        connection.execute(update(t.match_run).values(linked_at=None, judged_at=None))
        connection.execute(update(t.match_run).where(t.match_run.c.run_id == RUN).values(**times))
    page = desk.person("steward1", Role.STEWARD, "*").get("/nights").text
    assert "匹配 0:01:05，研判 0:00:05，写回 0:00:30" in page
    assert page.count("匹配 ") == 1


def test_a_steward_asks_for_a_backfill_that_the_operator_finds_under_its_reason(desk: Desk) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*")
    steward.get("/nights")
    wanted = {"first": "2026-10-18", "last": "2026-10-19", "why": "更正后的名单"}
    for wrong in ({"last": "2026-10-01"}, {"first": "x"}, {"last": "2999-01-01"}, {"why": " "}):
        answer = steward.post("/nights/backfill", wanted | wrong)
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    for _ in range(2):
        assert "更正后的名单" in steward.post("/nights/backfill", wanted).text
    with desk.engine.connect() as connection:
        [row] = connection.execute(select(t.backfill)).all()
    assert (row.reason, row.asked_by, row.done_through) == ("更正后的名单", "数据管理steward1", None)
    assert events(desk, "2026-10-18…2026-10-19") == [("数据管理steward1", "backfill")]


def test_a_supervisor_sees_the_nights_and_releases_none_and_a_handler_sees_none(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    assert 'action="/nights/release"' not in boss.get("/nights").text
    assert boss.post("/nights/release", {"run": RUN, "reason": "无误"}).status_code == 403
    assert desk.person("handler1", Role.HANDLER, OWN).get("/nights").status_code == 403
    assert released(desk) == 0
