"""What the first page of the desk counts."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import insert, select, update

from pipelines.base import clock
from pipelines.base.store import Store
from pipelines.decisions import deadlines
from pipelines.desk import accounts, figures
from pipelines.desk.roles import Role
from pipelines.reports.contents import read
from pipelines.reports.page.figures import headline
from sql import tables as t
from tests.desk import Desk
from tests.findings import NIGHTS

OWN, FOREIGN = "500106", "500229"


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


def test_the_figures_of_what_waits_and_of_what_nobody_opened_lead_to_those_candidates(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    opened = desk.candidate(OWN, status="open")
    handler.get(f"/candidates/{opened}")
    overview = handler.get("/overview").text
    for query in ("unopened=1", "status=unanswered"):
        link = re.search(rf'href="(/candidates\?district={OWN}&amp;{query})">([0-9]+)</a>', overview)
        assert link, query
        page = handler.get(unescape(link[1])).text
        assert f"清单　{link[2]} 件" in page
        assert (opened in page) is (query == "status=unanswered")


def test_who_sees_the_whole_city_chooses_among_the_districts_that_have_candidates(desk: Desk) -> None:
    page = desk.person("boss", Role.SUPERVISOR, "*").get("/candidates").text
    offered = re.findall(r'<option value="([^"]+)"', page.split('name="district"')[1].split("</select>")[0])
    with desk.engine.connect() as connection:
        c = t.suspension_candidate.c
        assert offered == sorted(connection.execute(select(c.district).distinct()).scalars())


def test_the_overview_counts_by_district_whose_day_of_answer_has_passed_and_leads_to_them(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    c = t.suspension_candidate.c
    with desk.engine.begin() as connection:
        unanswered = select(c.candidate_id).where(c.district == OWN, c.status == "open").limit(4)
        late, answered, early, again = connection.execute(unanswered).scalars()
        other = desk.candidate(FOREIGN, status="open")
        for status, numbers in (("verifying", [answered]), ("dispatched", [late, early, other])):
            stands = update(t.suspension_candidate).where(c.candidate_id.in_(numbers))
            connection.execute(stands.values(status=status))
    today = clock.today()
    with desk.engine.begin() as connection:
        for number, days in ((late, -1), (answered, -1), (early, 0), (again, -1), (other, -1)):
            deadlines.put(connection, [number], today + timedelta(days), "督办", clock.now())
        whole = accounts.every(connection)[0]
        assert figures.late(connection, whole, today) == {OWN: 1, FOREIGN: 1}
    link = f"/candidates?district={OWN}&amp;late=1"
    assert f'<a href="{link}">1</a>' in boss.get("/overview").text
    page = boss.get(unescape(link)).text
    others = (answered, early, again, other)
    assert [number in page for number in (late, *others)] == [True, False, False, False, False]
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert f"district={FOREIGN}" not in handler.get("/overview").text


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


@pytest.mark.parametrize(("days", "missed"), [(0, ""), (1, ""), (3, "2")])
def test_nights_that_have_not_run_are_counted_and_feeds_are_judged_by_the_last_that_did(
    desk: Desk, days: int, missed: str
) -> None:
    last = clock.today() - timedelta(days)
    with desk.engine.begin() as connection:
        run = connection.execute(select(t.match_run).limit(1)).mappings().one()
        connection.execute(insert(t.match_run).values({**run, "run_id": "newest", "as_of": last}))
    page = desk.person("handler1", Role.HANDLER, OWN).get("/overview").text
    assert re.findall(r"此后已有 <b>(\d+)</b> 夜没有比对", page) == ([missed] if missed else [])
    assert f"按 {last if missed else clock.today()} 看" in page
