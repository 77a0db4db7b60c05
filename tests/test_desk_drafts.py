"""What somebody typed when their session had run out is there again once they have signed in."""

from datetime import timedelta
from html import unescape

from sqlalchemy import func, select, update

from pipelines.base import clock
from pipelines.desk.roles import Role
from sql.desk_tables import desk_account, desk_draft, desk_session
from sql.tables import suspension_candidate
from tests.desk import Desk, Person, hidden, status

OWN = "500106"
NOTE = "本人电话说明单位注销，材料下周送来"


def typed(person: Person, number: str) -> dict[str, object]:
    page = person.get(f"/candidates/{number}").text
    carried = {name: hidden(page, name) for name in ("version", "form")}
    return carried | {"decision": "notified", "notice_on": "2026-10-21", "note": NOTE}


def run_out(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(update(desk_session).values(seen_at=clock.now() - timedelta(minutes=31)))
        connection.execute(update(desk_account).values(totp_step=0))


def kept(desk: Desk) -> int:
    with desk.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(desk_draft)).scalar_one()


def test_what_was_typed_when_the_session_ran_out_is_in_the_form_after_signing_in_and_decides_nothing(
    desk: Desk,
) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    form = typed(handler, number)
    run_out(desk)
    answer = handler.post(f"/candidates/{number}/decision", form)
    assert "<h1>登录</h1>" in answer.text
    other = desk.person("handler2", Role.HANDLER, OWN)
    assert NOTE not in other.get(f"/candidates/{number}").text
    back = handler.sign_in()
    assert back.url.path == f"/candidates/{number}"
    page = unescape(back.text)
    assert "没有交上的内容已放回原来的表单" in page
    assert f">{NOTE}</textarea>" in page
    assert 'value="2026-10-21"' in page
    assert status(desk, number) == "open"
    carried = {name: hidden(back.text, name) for name in ("version", "form")}
    handler.post(f"/candidates/{number}/decision", form | carried)
    assert (status(desk, number), kept(desk)) == ("notified", 0)
    assert "已放回" not in handler.get(f"/candidates/{number}").text


def test_what_has_changed_since_is_named_beside_what_is_put_back(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    form = typed(handler, number)
    run_out(desk)
    handler.post(f"/candidates/{number}/decision", form)
    with desk.engine.begin() as connection:
        own = suspension_candidate.c.candidate_id == number
        connection.execute(update(suspension_candidate).where(own).values(overpaid_fen=123456))
    page = unescape(handler.sign_in().text)
    assert NOTE in page
    assert "金额" in page.split('role="alert">')[1].split("<")[0]


def test_a_form_of_a_session_before_is_refused_and_what_was_typed_is_put_back(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    form = typed(handler, number) | {"csrf": handler.csrf}
    run_out(desk)
    handler.sign_in()
    refused = handler.post(f"/candidates/{number}/decision", form)
    assert (refused.status_code, "填写的内容还在" in refused.text) == (403, True)
    assert NOTE in unescape(handler.get("/").text)
    assert status(desk, number) == "open"


def test_nothing_is_kept_of_a_form_that_no_session_of_the_account_was_given(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    stranger = desk.browser("handler1")
    form = typed(handler, number)
    path = f"/candidates/{number}/decision"
    for csrf in ("", "0" * 64):
        assert handler.post(path, form | {"csrf": csrf}).status_code == 403
    own = handler.csrf
    run_out(desk)
    handler.post(path, form | {"csrf": "0" * 64})
    stranger.post(path, form | {"csrf": own})
    foreign = {"origin": "http://elsewhere.example"}
    handler.client.post(path, data=form | {"csrf": own}, headers=foreign)
    assert kept(desk) == 0


def test_what_was_put_back_goes_after_half_an_hour_and_what_nobody_came_for_after_a_day_of_work(
    desk: Desk,
) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    form = typed(handler, number)
    run_out(desk)
    handler.post(f"/candidates/{number}/decision", form)
    for column, age in (("shown_at", timedelta(minutes=31)), ("kept_at", timedelta(hours=9))):
        with desk.engine.begin() as connection:
            connection.execute(update(desk_draft).values(shown_at=None, kept_at=clock.now()))
            connection.execute(update(desk_draft).values({column: clock.now() - age}))
        assert NOTE not in handler.sign_in().text
        assert NOTE not in handler.get(f"/candidates/{number}").text
        if column == "shown_at":
            assert kept(desk) == 0
            run_out(desk)
            handler.post(f"/candidates/{number}/decision", form | {"csrf": handler.csrf})
            assert kept(desk) == 1
