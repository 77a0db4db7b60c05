"""What people decide at the desk: in turn, once, on what they were shown."""

import re
from html import unescape

import pytest
from sqlalchemy import select, update

from pipelines.database import audit
from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk, Person, decide, events, hidden, status

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


def confirmed(desk: Desk) -> tuple[str, Person, Person]:
    """A candidate that two people have signed as true, and both of them."""
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    checker = desk.person("checker1", Role.CHECKER, OWN)
    decide(handler, number, decision="notified", notice_on="2026-10-21")
    decide(handler, number, decision="confirmed", stop_month="2026-08", recoverable_fen="1710")
    decide(checker, number, decision="confirmed")
    return number, handler, checker


@pytest.mark.parametrize("recovering", [False, True])
def test_what_two_people_signed_wrongly_is_put_right_at_the_desk_by_two_people_with_a_reason(
    desk: Desk, recovering: bool
) -> None:
    number, handler, checker = confirmed(desk)
    if recovering:
        decide(handler, number, decision="recovering", recovered_fen="10")
    before = status(desk, number)
    page = handler.get(f"/candidates/{number}").text
    assert '<optgroup label="更正已签认的结论">' in page
    assert 'value="verifying"' not in page.split('id="decide"')[1].split("</form>")[0]
    silent = decide(handler, number, decision="dismissed", reason_code="another_person")
    assert "须在备注写明理由" in unescape(silent.text)  # type: ignore[attr-defined]
    registered = decide(
        handler, number, decision="dismissed", reason_code="another_person", note="证件号码被他人使用"
    )
    assert "由区县复核签认后生效" in registered.text  # type: ignore[attr-defined]
    assert status(desk, number) == before
    asked = unescape(checker.get(f"/candidates/{number}").text)
    assert "证件号码被他人使用" in asked.split('id="sign"')[1]
    assert "签认之前原来的结论照旧有效" in asked
    signed = decide(checker, number, decision="dismissed")
    assert "已签认“不属实”" in signed.text  # type: ignore[attr-defined]
    assert status(desk, number) == "dismissed"
    with desk.engine.connect() as connection:
        r = t.review.c
        rows = connection.execute(
            select(r.decided_by, r.second_by, r.note).where(
                r.candidate_id == number, r.decision == "dismissed"
            )
        ).all()
    assert [tuple(row) for row in rows] == [("区县经办handler1", "区县复核checker1", "证件号码被他人使用")]
    assert events(desk, number).count(("区县复核checker1", "review")) == 2


def test_while_a_correction_awaits_its_second_person_nothing_is_recovered_or_closed(desk: Desk) -> None:
    number, handler, checker = confirmed(desk)
    decide(handler, number, decision="dismissed", reason_code="another_person", note="证件号码被他人使用")
    page = handler.get(f"/candidates/{number}").text.split('id="decide"')[1]
    assert 'value="recovering"' not in page
    left = {"closed_on": "2026-11-20", "settled": "part", "note": "尚在追回"}
    for step in ({"decision": "recovering", "recovered_fen": "10"}, {"decision": "closed", **left}):
        refused = decide(handler, number, **step)
        assert "有更正待另一人复核" in unescape(refused.text)  # type: ignore[attr-defined]
    assert number in checker.get("/candidates?unsigned=1").text
    decide(checker, number, decision="dismissed")
    assert status(desk, number) == "dismissed"


def test_who_confirms_a_part_says_how_much_of_it_is_to_come_back(desk: Desk) -> None:
    number, handler, _ = confirmed(desk)
    given = {"decision": "partly_confirmed", "stop_month": "2026-10", "note": "一部分月份没有冲突"}
    refused = unescape(decide(handler, number, **given).text)  # type: ignore[attr-defined]
    assert "部分属实的，写明其中应追回多少" in refused


def test_who_chooses_what_cannot_follow_a_signed_conclusion_is_shown_the_way_to_put_it_right(
    desk: Desk,
) -> None:
    number, handler, _ = confirmed(desk)
    refused = decide(handler, number, decision="verifying", note="认定有误")
    assert "两人改登“不属实”" in unescape(refused.text)  # type: ignore[attr-defined]


def test_nothing_is_recovered_without_an_amount_or_closed_without_saying_what_did_not_come_back(
    desk: Desk,
) -> None:
    number, handler, _ = confirmed(desk)
    empty = unescape(decide(handler, number, decision="recovering").text)  # type: ignore[attr-defined]
    assert "须填已追回金额：至今累计追回的数" in empty
    decide(handler, number, decision="recovering", recovered_fen="10")
    closing = {"decision": "closed", "closed_on": "2026-11-20"}
    for more, says in (
        ({}, "应追回 1,710.00 元，登记的已追回 10.00 元：请填已追回金额"),
        ({"settled": "all"}, "还没有全部追回"),
        ({"settled": "part"}, "没有全部追回的，须在备注写明原因"),
    ):
        assert says in unescape(decide(handler, number, **closing, **more).text)  # type: ignore[attr-defined]
        assert status(desk, number) == "recovering"
    decide(handler, number, **closing, settled="part", note="本人分期，余款另案")
    assert status(desk, number) == "closed"


def test_a_case_says_what_became_of_the_form_and_asks_only_for_what_can_still_be_done(desk: Desk) -> None:
    number, handler, _ = confirmed(desk)
    page = handler.get(f"/candidates/{number}").text
    assert '<a href="#decide">办理</a>' in page
    assert "调查核实（社会保险经办条例" not in page
    paid = decide(handler, number, decision="recovering", recovered_fen="1710")
    assert "已登记“追回”，现在的状态是“追回中”" in paid.text  # type: ignore[attr-defined]
    closed = decide(handler, number, decision="closed", closed_on="2026-11-20").text  # type: ignore[attr-defined]
    assert "已登记“销号”，现在的状态是“已销号”" in closed
    assert "本疑点已办结" in closed
    assert all(f'name="{field}"' not in closed for field in ("stop_month", "notice_on", "reason_code"))
    assert (
        "调查核实（社会保险经办条例" in handler.get(f"/candidates/{desk.candidate(OWN, status='open')}").text
    )
