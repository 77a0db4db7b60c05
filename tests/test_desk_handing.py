"""Many candidates at once: handed out with a day, assigned to people, and filters kept under a name."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from matchers.lifecycle import Step
from pipelines.base import clock
from pipelines.database import lock
from pipelines.decisions.reviews import REASONS
from pipelines.desk.roles import Role
from sql.desk_tables import desk_filter, reply_deadline
from sql.tables import audit_event, suspension_candidate
from tests.desk import Desk, Person, decide, events, status

OWN, FOREIGN = "500106", "500229"
SOON = str(clock.today() + timedelta(days=20))


def open_ones(desk: Desk, district: str, most: int = 3) -> list[str]:
    c = suspension_candidate.c
    wanted = select(c.candidate_id).where(c.district == district, c.status == "open").order_by(c.candidate_id)
    with desk.engine.connect() as connection:
        return list(connection.execute(wanted.limit(most)).scalars())


def carried(person: Person, numbers: list[str]) -> list[str]:
    """What the page of the chosen candidates puts into its forms."""
    page = person.post("/candidates/chosen", {"number": numbers}).text
    return [part.split('"')[0] for part in page.split('name="number" value="')[1:]][: len(numbers)]


def test_a_supervisor_hands_out_what_was_ticked_with_a_day_and_each_is_on_record(desk: Desk) -> None:
    numbers = [*open_ones(desk, OWN), *open_ones(desk, FOREIGN, 1)]
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    answer = boss.post("/candidates/hand-out", {"number": carried(boss, numbers), "reply_by": SOON})
    assert f"已下发 {len(numbers)} 件" in answer.text
    assert {status(desk, number) for number in numbers} == {"dispatched"}
    assert all(("市级督办boss", "review") in events(desk, number) for number in numbers)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert f"请于 {SOON} 前答复" in handler.get(f"/candidates/{numbers[0]}").text


def test_what_changed_since_it_was_shown_is_named_and_the_rest_goes_out(desk: Desk) -> None:
    kept, changed, answered = open_ones(desk, OWN)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    shown = carried(boss, [kept, changed, answered])
    c = suspension_candidate.c
    with desk.engine.begin() as connection:
        connection.execute(
            update(suspension_candidate).where(c.candidate_id == changed).values(overpaid_fen=1)
        )
        moved = update(suspension_candidate).where(c.candidate_id == answered).values(status="verifying")
        connection.execute(moved)
    page = boss.post("/candidates/hand-out", {"number": shown, "reply_by": SOON}).text
    assert "已下发 1 件" in page
    assert "没有办理的 2 件" in page
    assert "显示之后已有变动" in page
    assert "状态是“核查中”" in page
    assert [status(desk, number) for number in (kept, changed, answered)] == [
        "dispatched", "open", "verifying",
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["", "soon", "2020-01-01", str(clock.today())])
def test_nothing_is_handed_out_without_a_day_to_come(desk: Desk, day: str) -> None:
    numbers = open_ones(desk, OWN)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    answer = boss.post("/candidates/hand-out", {"number": carried(boss, numbers), "reply_by": day})
    assert (answer.status_code, "答复期限" in answer.text) == (400, True)
    assert {status(desk, number) for number in numbers} == {"open"}


def test_the_day_of_a_hand_out_is_moved_on_record_and_only_where_an_answer_is_still_due(desk: Desk) -> None:
    out, still_open = open_ones(desk, OWN, 2)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    boss.post("/candidates/hand-out", {"number": carried(boss, [out]), "reply_by": SOON})
    later = str(clock.today() + timedelta(days=40))
    page = boss.post("/candidates/reply-day", {"number": carried(boss, [out, still_open]), "reply_by": later})
    assert "已更改 1 件的答复期限" in page.text
    assert f"{still_open}</a>：状态是“待下发”" in page.text
    with desk.engine.connect() as connection:
        days = dict(
            connection.execute(select(reply_deadline.c.candidate_id, reply_deadline.c.reply_by)).all()
        )
        kept = select(audit_event.c.actor, audit_event.c.detail).where(audit_event.c.action == "reply_day")
        (row,) = connection.execute(kept).all()
    assert {number: str(day) for number, day in days.items()} == {out: later}
    assert (row.actor, json.loads(row.detail)) == ("市级督办boss", {"reply_by": later, "before": SOON})
    past = boss.post("/candidates/reply-day", {"number": carried(boss, [out]), "reply_by": "2020-01-01"})
    assert past.status_code == 400
    foreign = open_ones(desk, FOREIGN, 1)
    local = desk.person("local", Role.SUPERVISOR, OWN)
    answer = local.post("/candidates/reply-day", {"number": foreign, "reply_by": later})
    assert answer.status_code == 404


def test_while_a_run_works_alone_nothing_goes_out_and_the_choice_is_kept(desk: Desk) -> None:
    numbers = open_ones(desk, OWN)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    shown = carried(boss, numbers)
    with lock.held(desk.engine):
        answer = boss.post("/candidates/hand-out", {"number": shown, "reply_by": SOON})
    assert answer.status_code == 503
    assert all(number in answer.text for number in (*numbers, SOON))
    assert {status(desk, number) for number in numbers} == {"open"}


def test_the_whole_list_is_chosen_by_its_filters_and_no_foreign_candidate_by_anybody(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    page = boss.post("/candidates/chosen", {"whole": "1", "district": OWN, "status": "open"}).text
    assert f"所选疑点　{len(open_ones(desk, OWN, 500))} 件" in page
    local = desk.person("local", Role.SUPERVISOR, OWN)
    foreign = open_ones(desk, FOREIGN)
    for path in ("/candidates/chosen", "/candidates/hand-out", "/candidates/assign", "/candidates/notices"):
        sent = {"number": foreign, "reply_by": SOON, "kind": "verification"}
        assert local.post(path, sent).status_code == 404, path
    assert {status(desk, number) for number in foreign} == {"open"}


def test_who_a_candidate_is_assigned_to_finds_it_under_their_own(desk: Desk) -> None:
    numbers = open_ones(desk, OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    assert "没有符合条件" in handler.get("/candidates?mine=1").text
    boss.post("/candidates/assign", {"number": carried(boss, numbers[:2]), "account": "handler1"})
    page = handler.get("/candidates?mine=1").text
    assert [number in page for number in numbers] == [True, True, False]
    assert ("市级督办boss", "assign") in events(desk, numbers[0])
    assert "区县经办handler1" in handler.get(f"/candidates/{numbers[0]}").text
    desk.hire("checker1", Role.CHECKER, OWN)
    offered = boss.post("/candidates/chosen", {"number": numbers[:1]}).text.split('<select id="account"')[1]
    assert '<option value="">请选择</option>' in offered
    assert "checker1" not in offered.split("</select>")[0]
    boss.post("/candidates/assign", {"number": carried(boss, numbers[:1]), "account": ""})
    assert numbers[0] not in handler.get("/candidates?mine=1").text


def test_a_candidate_is_assigned_to_nobody_who_may_not_see_it(desk: Desk) -> None:
    own, foreign = open_ones(desk, OWN, 1)[0], open_ones(desk, FOREIGN, 1)[0]
    desk.hire("handler1", Role.HANDLER, OWN)
    desk.hire("look", Role.AUDITOR)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    page = boss.post("/candidates/assign", {"number": carried(boss, [own, foreign]), "account": "handler1"})
    assert "已分派 1 件" in page.text
    assert f"{foreign}</a>：不在此人的经办范围内" in page.text
    for account in ("look", "nobody", "boss"):
        answer = boss.post("/candidates/assign", {"number": carried(boss, [own]), "account": account})
        assert answer.status_code == 400


def test_what_was_not_answered_by_its_day_is_found_as_late(desk: Desk) -> None:
    numbers = open_ones(desk, OWN)
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    boss.post("/candidates/hand-out", {"number": carried(boss, numbers), "reply_by": SOON})
    assert numbers[0] not in boss.get("/candidates?late=1").text
    with desk.engine.begin() as connection:
        own = reply_deadline.c.candidate_id == numbers[0]
        before = clock.today() - timedelta(days=1)
        connection.execute(update(reply_deadline).where(own).values(reply_by=before))
    page = boss.get("/candidates?late=1").text
    assert [number in page for number in numbers] == [True, False, False]


def test_the_list_says_that_it_shows_what_is_in_work_unless_another_state_is_asked_for(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    for asked in ("", "?status=", "?status=active"):
        page = handler.get(f"/candidates{asked}").text
        states = page.split('<select id="status"')[1].split("</select>")[0]
        assert '<option value="">在办</option>' in states
        assert "不限" not in states


def test_what_awaits_its_second_signature_is_found_until_somebody_signs_it(desk: Desk) -> None:
    waiting, other = open_ones(desk, OWN, 2)
    handler, checker = (desk.person(f"{role}1", role, OWN) for role in (Role.HANDLER, Role.CHECKER))
    decide(handler, other, decision=Step.VERIFYING)
    assert "没有符合条件" in checker.get("/candidates?unsigned=1").text
    decide(handler, waiting, decision=Step.DISMISSED, reason_code=next(iter(REASONS)))
    page = checker.get("/candidates?unsigned=1").text
    assert [number in page for number in (waiting, other)] == [True, False]
    assert "待复核签认" in page
    decide(checker, waiting, decision=Step.DISMISSED)
    assert waiting not in checker.get("/candidates?unsigned=1&status=all").text


def test_the_day_that_was_typed_stays_in_its_own_form_when_something_else_is_wrong(desk: Desk) -> None:
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    number = carried(boss, open_ones(desk, OWN, 1))
    page = boss.post("/candidates/notices", {"number": number, "reply_by": SOON}).text
    kept = f'name="reply_by" type="date" value="{SOON}"'
    assert page.count(kept) == 1
    assert f'id="answer_by" {kept}' in page
    past = str(clock.today() - timedelta(days=1))
    page = boss.post("/candidates/reply-day", {"number": number, "reply_by": past}).text
    assert f'id="new_day" name="reply_by" type="date" value="{past}"' in page


def test_a_filter_is_kept_under_a_name_for_its_account_alone_until_it_is_dropped(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get("/candidates")
    page = handler.post("/candidates/filters", {"name": "要紧的", "tier": "precise", "status": "open"}).text
    assert 'href="/candidates?status=open&amp;tier=precise"' in page or (
        'href="/candidates?tier=precise&amp;status=open"' in page
    )
    other = desk.person("handler2", Role.HANDLER, OWN)
    assert "要紧的" not in other.get("/candidates").text
    other.post("/candidates/filters/drop", {"name": "要紧的"})
    assert "要紧的" in handler.get("/candidates").text
    assert handler.post("/candidates/filters", {"name": "长" * 31}).status_code == 400
    handler.post("/candidates/filters/drop", {"name": "要紧的"})
    assert "要紧的" not in handler.get("/candidates").text
    with desk.engine.connect() as connection:
        assert connection.execute(select(desk_filter)).all() == []
