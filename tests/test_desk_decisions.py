"""What people decide at the desk: in turn, once, on what they were shown."""

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from pipelines.database import audit
from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk, decide, hidden, status

OWN, FOREIGN = "500106", "500229"


def test_a_candidate_goes_from_open_to_closed_by_three_people_at_the_desk(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    checker = desk.person("checker1", Role.CHECKER, OWN)
    decide(boss, number, decision="dispatched")
    assert status(desk, number) == "dispatched"
    decide(handler, number, decision="verifying", note="已打电话")
    decide(handler, number, decision="notified", notice_on="2026-10-21")
    assert status(desk, number) == "notified"
    decide(handler, number, decision="confirmed", stop_month="2026-08", recoverable_fen="1,710.00")
    assert status(desk, number) == "notified"
    page = checker.get(f"/candidates/{number}").text
    assert "同意，签认" in page
    assert "同意，签认" not in handler.get(f"/candidates/{number}").text
    decide(checker, number, decision="confirmed")
    assert status(desk, number) == "confirmed"
    decide(handler, number, decision="recovering", recovered_fen="1710", recovery_way="一次性")
    decide(handler, number, decision="closed", closed_on="2026-11-20")
    assert status(desk, number) == "closed"
    with desk.engine.connect() as connection:
        r, d = t.review.c, t.review_detail.c
        joined = select(r.decision, r.decided_by, r.second_by, d.recoverable_fen).join(
            t.review_detail, d.review_id == r.review_id
        )
        rows = connection.execute(joined.where(r.candidate_id == number, r.decision == "confirmed")).all()
    assert [tuple(row) for row in rows] == [("confirmed", "区县经办handler1", "区县复核checker1", 171000)]
    assert audit.verify(desk.engine).faults == ()


def test_nobody_signs_twice_and_a_handler_is_no_checker(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    one = desk.person("handler1", Role.HANDLER, OWN)
    two = desk.person("handler2", Role.HANDLER, OWN)
    decide(one, number, decision="notified", notice_on="2026-10-21")
    decide(one, number, decision="confirmed", stop_month="2026-08")
    for person in (one, two):
        answer = decide(person, number, decision="confirmed", stop_month="2026-08")
        assert "区县复核" in answer.text  # type: ignore[attr-defined]
    assert status(desk, number) == "notified"
    checker = desk.person("checker1", Role.CHECKER, OWN)
    assert "岗位" in decide(checker, number, decision="dismissed", reason_code="other").text  # type: ignore[attr-defined]
    assert status(desk, number) == "notified"


def test_a_decision_on_a_page_that_is_out_of_date_is_refused_with_what_changed_and_nothing_typed_is_lost(
    desk: Desk,
) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    page = handler.get(f"/candidates/{number}").text
    carried = {name: hidden(page, name) for name in ("version", "form")}
    with desk.engine.begin() as connection:
        own = t.suspension_candidate.c.candidate_id == number
        connection.execute(update(t.suspension_candidate).where(own).values(overpaid_fen=123456))
    typed = {"decision": "notified", "notice_on": "2026-10-21", "note": "已当面告知本人，听取申辩"}
    answer = handler.post(f"/candidates/{number}/decision", carried | typed)
    assert answer.status_code == 409
    assert "金额" in re.search('role="alert">([^<]*)<', answer.text)[1]  # type: ignore[index]
    assert all(value in answer.text for value in ("2026-10-21", "已当面告知本人，听取申辩"))
    assert status(desk, number) == "open"
    carried = {name: hidden(answer.text, name) for name in ("version", "form")}
    handler.post(f"/candidates/{number}/decision", carried | typed)
    assert status(desk, number) == "notified"


def test_a_form_sent_twice_or_without_its_version_decides_once_or_nothing(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    page = handler.get(f"/candidates/{number}").text
    carried = {name: hidden(page, name) for name in ("version", "form")}
    fields = {"decision": "verifying", "note": "一次"}
    assert (
        handler.post(f"/candidates/{number}/decision", {**carried, **fields, "version": ""}).status_code
        == 409
    )
    assert status(desk, number) == "open"
    for _ in range(2):
        handler.post(f"/candidates/{number}/decision", carried | fields)
    with desk.engine.connect() as connection:
        c = t.review.c
        assert (
            len(
                connection.execute(
                    select(c.review_id).where(c.candidate_id == number, c.note == "一次")
                ).all()
            )
            == 1
        )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"decision": ""}, "请选择"),
        ({"decision": "dispatched"}, "岗位"),
        ({"decision": "withdrawn"}, "岗位"),
        ({"decision": "notified"}, "告知日期"),
        ({"decision": "notified", "notice_on": "2099-01-01"}, "不晚于今天"),
        ({"decision": "confirmed", "stop_month": "2026-08"}, "须先告知"),
        ({"decision": "dismissed"}, "不属实须选择原因"),
        ({"decision": "dismissed", "reason_code": "other"}, "备注写明"),
        ({"decision": "verifying", "reason_code": "other"}, "只有不属实"),
        ({"decision": "verifying", "recovered_fen": "5"}, "不填已追回金额"),
        ({"decision": "closed", "closed_on": "2026-11-01"}, "当前状态"),
        ({"decision": "verifying", "note": "长" * 1001}, "过长"),
    ],
)
def test_a_decision_that_cannot_be_taken_says_why(desk: Desk, fields: dict[str, str], says: str) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    answer = decide(handler, number, **fields)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert says in unescape(answer.text)  # type: ignore[attr-defined]
    assert status(desk, number) == "open"


def test_what_could_not_be_done_is_said_at_the_head_of_the_case_and_what_was_typed_stays(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert "没有登记" not in handler.get(f"/candidates/{number}").text
    refused = decide(handler, number, decision="notified").text  # type: ignore[attr-defined]
    assert refused.index('没有登记，原因见<a href="#decide">') < refused.index("<h2>事实</h2>")
    notice = {"kind": "notification", "reply_by": "2020-01-01"}
    refused = handler.post(f"/candidates/{number}/notice", notice).text
    assert refused.index('没有办成，原因见<a href="#papers">') < refused.index("<h2>事实</h2>")
    refused = handler.post(f"/candidates/{number}/reveal", {"reason": "核对"}).text
    assert 'name="reason" type="text" value="核对"' in refused


def test_who_signs_sees_all_that_was_registered_and_returns_it_only_with_a_reason(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    checker = desk.person("checker1", Role.CHECKER, OWN)
    decide(handler, number, decision="notified", notice_on="2026-10-21")
    decide(handler, number, decision="confirmed", stop_month="2026-08", recoverable_fen="1710")
    page = unescape(checker.get(f"/candidates/{number}").text)
    before_it_is_signed_and_among_the_decisions = 2
    registered = page.count("停发年月 2026-08；应追回金额 1,710.00 元")
    assert registered == before_it_is_signed_and_among_the_decisions
    assert "告知</strong>；告知日期 2026-10-21" in page
    assert "须在备注写明原因" in decide(checker, number, decision="verifying").text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"decision": "confirmed", "stop_month": "2020-01"}, "停发年月须在冲突期间之内"),
        (
            {"decision": "confirmed", "stop_month": "2026-08", "recoverable_fen": "999999"},
            "应追回金额不得超过本申领已发金额",
        ),
        (
            {"decision": "confirmed", "stop_month": "2026-08", "recovered_fen": "999999"},
            "已追回金额不得超过应追回金额",
        ),
        ({"decision": "notified", "notice_on": "2026-10-21"}, "告知日期不得早于核查日期"),
    ],
)
def test_what_cannot_be_true_is_refused_at_the_desk_as_in_a_workbook(
    desk: Desk, fields: dict[str, str], says: str
) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    decide(handler, number, decision="notified", notice_on="2026-10-25")
    decide(handler, number, decision="verifying", verified_on="2026-10-24")
    answer = decide(handler, number, **fields)
    assert says in unescape(answer.text)  # type: ignore[attr-defined]
    assert fields.get("stop_month", "2026-10-21") in answer.text  # type: ignore[attr-defined]
    assert status(desk, number) == "notified"


def test_more_than_is_owed_is_not_recovered_and_nothing_is_closed_before_it_was_told(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    decide(handler, number, decision="notified", notice_on="2026-10-21")
    decide(handler, number, decision="confirmed", stop_month="2026-08", recoverable_fen="1710")
    decide(desk.person("checker1", Role.CHECKER, OWN), number, decision="confirmed")
    more = decide(handler, number, decision="recovering", recovered_fen="1710.01")
    assert "已追回金额不得超过应追回金额" in unescape(more.text)  # type: ignore[attr-defined]
    early = decide(handler, number, decision="closed", closed_on="2026-10-20")
    assert "销号日期不得早于" in unescape(early.text)  # type: ignore[attr-defined]
    assert status(desk, number) == "confirmed"
