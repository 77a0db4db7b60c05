"""What the first page of the desk counts."""

import re
from datetime import date, timedelta

from sqlalchemy import select

from pipelines.base.store import Store
from pipelines.desk import accounts, figures
from pipelines.desk.roles import Role
from pipelines.reports.contents import read
from pipelines.reports.page.figures import headline
from sql import tables as t
from tests.desk import Desk
from tests.findings import NIGHTS

OWN = "500106"


def test_the_overview_counts_the_account_s_districts_and_says_what_nobody_opened(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    c = t.suspension_candidate.c
    with desk.engine.connect() as connection:
        active = select(c.candidate_id).where(
            c.district == OWN,
            c.status.in_(("open", "dispatched", "verifying", "notified", "confirmed", "recovering")),
        )
        own = len(connection.execute(active).all())
    before = handler.get("/overview")
    assert before.status_code == 200
    rows = re.findall(r'<tr><th scope="row">沙坪坝区</th>(.*?)</tr>', before.text, re.S)
    figures = [re.sub("<[^>]*>", " ", row).split() for row in rows]
    assert figures[0][-1] == str(own)
    assert figures[1][-1] == str(own)
    handler.get(f"/candidates/{desk.candidate(OWN, status='open')}")
    after = re.findall(r'<tr><th scope="row">沙坪坝区</th>(.*?)</tr>', handler.get("/overview").text, re.S)
    assert re.sub("<[^>]*>", " ", after[1]).split()[-1] == str(own - 1)


def test_the_money_of_the_overview_is_that_of_the_night_s_page(desk: Desk) -> None:
    desk.hire("boss", Role.SUPERVISOR, "*")
    head = headline(read(desk.engine, Store(desk.settings.store), NIGHTS[-1]))
    with desk.engine.connect() as connection:
        boss = accounts.every(connection)[0]
        money = figures.money(connection, boss)
    assert money == {"stoppable": head["stoppable_fen"], "owed": head["owed_fen"]}
    assert all(money.values())


def test_the_overview_says_of_a_feed_what_the_page_of_data_says_and_nothing_once_it_is_released(
    desk: Desk,
) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*")
    day = date(2026, 10, 12)
    with desk.engine.connect() as connection:
        d = t.delivery.c
        held = connection.execute(select(d.feed, d.delivered_on, d.reason).where(d.health == "held")).one()
    before = figures.doubtful_feeds(desk.engine, Store(desk.settings.store), day)
    assert [feed.word for feed in before if held.reason in feed.reason] == ["不可用"]
    number = f"{held.feed}/{held.delivered_on}"
    steward.get("/data")
    assert steward.post("/data/release", {"delivery": number, "reason": "电话核实"}).status_code == 200
    after = figures.doubtful_feeds(desk.engine, Store(desk.settings.store), day)
    assert not any(held.reason in feed.reason for feed in after)
    late = figures.doubtful_feeds(desk.engine, Store(desk.settings.store), day + timedelta(days=400))
    assert any("距今" in feed.reason for feed in late)
