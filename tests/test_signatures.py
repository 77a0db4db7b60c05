"""Two signatures are two people's, and none is that of somebody who dealt with the claim."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from matchers.people.signature import same, signature
from pipelines.base.errors import DecisionRefused, UsageError
from pipelines.decisions import identities, release
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import decide, take
from pipelines.decisions.signing import is_party
from pipelines.feedback.answer import parse
from pipelines.judging import gate
from sql import tables as t
from tests.findings import city
from tests.lists import CONFIRMED, DISMISSED, List, handed_out, taken_in
from tests.test_waiting import HELD, QUESTION

AT = datetime(2026, 10, 21, 1, 0)
ALIKE = [
    ("张三", "张 三"), ("张三", "张\u3000三"), ("张三", " 张三。"), ("张三", "張三"), ("张三", "张·三"),
    ("张三", "张三（科长）"),
    ("李青", "李靑"), ("高峰", "髙峯"), ("Zhang San", "ＺＨＡＮＧ　san"), ("op-17", "OP17"), ("吕卫", "呂衞"),
]  # fmt: skip
NUMBERED = [("张三", "张三0123"), ("张三 0123", "张三")]
OTHERS = [
    ("张三0123", "张三0456"),
    ("张三", "张山"),
    ("张三", "张三丰"),
    ("op17", "op71"),
    ("", ""),
    ("·", "。"),
]


@pytest.fixture
def candidate(database: Engine) -> str:
    city(claims=20).fill(database)
    c = t.suspension_candidate.c
    with database.connect() as connection:
        numbers = connection.execute(select(c.candidate_id).order_by(c.candidate_id)).scalars().all()
    return str(numbers[0])


@pytest.mark.parametrize(("one", "other"), NUMBERED)
def test_a_staff_number_behind_one_of_two_names_makes_no_second_person(one: str, other: str) -> None:
    assert same(one, other)
    assert is_party(one, [other])


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_name_written_in_two_ways_is_one_signature(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_name_is_another_signature_and_no_name_is_none(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_person_does_not_confirm_what_he_decided(
    database: Engine, candidate: str, one: str, other: str
) -> None:
    def dismissed(by: str, second: str = "", minute: int = 0) -> str:
        made = Decision(candidate, "dismissed", by, f"{by} {minute}", "back_paid", second_by=second)
        with database.begin() as connection:
            return take(connection, made, AT + timedelta(minutes=minute)).status

    with pytest.raises(UsageError, match="不得为同一人"):
        dismissed(one, other)
    dismissed(one)
    for n, second in enumerate((other, one), 1):
        with pytest.raises(UsageError, match="须由另一人复核"):
            dismissed(second, minute=n)
    assert dismissed("王五", minute=3) == "dismissed"


@pytest.mark.parametrize(("one", "other"), [pair for pair in ALIKE if "1" not in pair[0]])
def test_a_returned_list_is_not_signed_twice_by_one_person(one: str, other: str) -> None:
    cells = {"核查人": one, "复核人": other, "核查结论": "不属实", "不属实原因": "补缴以前月份"}
    _, problems = parse(cells, date(2026, 10, 21))
    assert problems["复核人"] == "复核人与核查人不得为同一人"


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_person_does_not_release_a_night_twice(database: Engine, one: str, other: str) -> None:
    with database.begin() as connection:
        connection.execute(insert(t.match_run).values(HELD))
    assert [release.release(database, "held", by, "已核对") for by in (one, other, "王五")] == [1, 1, 2]
    with database.connect() as connection:
        assert gate.released(connection, "held") == 2


def dealt_with(connection: Connection, column: str, name: str) -> None:
    connection.execute(update(t.claim).values({column: name}))


@pytest.mark.parametrize("column", ["accepted_by", "approved_by"])
@pytest.mark.parametrize(("registered", "by"), ALIKE)
def test_nobody_judges_a_claim_that_he_accepted_or_approved(
    database: Engine, candidate: str, column: str, registered: str, by: str
) -> None:
    with database.begin() as connection:
        dealt_with(connection, column, registered)
    for signed in ({"by": by}, {"by": "王五", "second_by": by}):
        for decision in ("verifying", "notified", "dismissed"):
            made = Decision(
                candidate_id=candidate, decision=decision, source="", reason_code="back_paid", **signed
            )
            with pytest.raises(UsageError, match="受理或审批过"), database.begin() as connection:
                take(connection, made, AT)
    with database.begin() as connection:
        assert take(connection, Decision(candidate, "verifying", "王五", ""), AT).status == "verifying"
        assert not connection.execute(select(t.review).where(t.review.c.decided_by == by)).all()


@pytest.mark.parametrize("column", ["accepted_by", "approved_by"])
@pytest.mark.parametrize(("registered", "by"), [pair for pair in ALIKE if "1" not in pair[0]])
def test_a_returned_list_signed_by_one_who_dealt_with_the_claim_is_refused_at_his_cell(
    database: Engine, tmp_path: Path, column: str, registered: str, by: str
) -> None:
    city(claims=20, districts=("500106",)).fill(database)
    sheet = List(handed_out(database, tmp_path))
    sheet.fill(2, CONFIRMED | {"核查人": by})
    sheet.fill(3, DISMISSED | {"复核人": by})
    sheet.fill(4, {"核查人": by, "核查结论": "核查中"})
    good = sheet.fill(5, DISMISSED)
    with database.begin() as connection:
        dealt_with(connection, column, registered)
    for apply in (False, True):
        receipt = taken_in(database, sheet.saved(), apply=apply)
        assert {p.place.partition("!")[2]: p.reason for p in receipt.problems} == {
            sheet.place(row, heading): "签认人受理或审批过该笔申领，须由其他人签认"
            for row, heading in ((2, "核查人"), (3, "复核人"), (4, "核查人"))
        }
        assert (receipt.outcomes["refused"], receipt.outcomes["taken"]) == (3, 1)
    with database.connect() as connection:
        r = t.review.c
        assert set(connection.execute(select(r.candidate_id)).scalars()) == {good}
        status = select(t.suspension_candidate.c.status, func.count()).group_by("status")
        moved = {name: n for name, n in connection.execute(status) if name != "open"}
    assert moved == {"dismissed": 1}


@pytest.mark.parametrize(("registered", "by"), ALIKE[:4])
def test_one_who_dealt_with_the_claim_does_not_complete_another_ones_decision_by_a_returned_list(
    database: Engine, tmp_path: Path, registered: str, by: str
) -> None:
    city(claims=20, districts=("500106",)).fill(database)
    sheet = List(handed_out(database, tmp_path))
    one = sheet.fill(2, DISMISSED | {"复核人": None})
    with database.begin() as connection:
        dealt_with(connection, "approved_by", registered)
    assert taken_in(database, sheet.saved()).outcomes["taken"] == 1
    sheet[2, "复核人"] = by
    receipt = taken_in(database, sheet.saved())
    assert [p.place.partition("!")[2] for p in receipt.problems] == [sheet.place(2, "复核人")]
    r, c = t.review.c, t.suspension_candidate.c
    with database.connect() as connection:
        second = select(r.second_by).where(r.decision == "dismissed")
        assert connection.execute(second).scalar_one() is None
        assert connection.execute(select(c.status).where(c.candidate_id == one)).scalar_one() == "verifying"


@pytest.mark.parametrize("registered", ["李四、张三", "李四,张 三", "張三／李四", "李四； 张三（科长）"])
def test_each_of_two_who_accepted_a_claim_together_is_kept_from_it(
    database: Engine, candidate: str, registered: str
) -> None:
    with database.begin() as connection:
        dealt_with(connection, "accepted_by", registered)
    for by in ("张三", "李四"):
        with pytest.raises(DecisionRefused, match="受理或审批过"):
            decide(database, Decision(candidate, "verifying", by, ""), AT)
    assert decide(database, Decision(candidate, "verifying", "王五", ""), AT).status == "verifying"


def test_nobody_answers_who_the_recipient_of_his_own_claim_is(database: Engine, candidate: str) -> None:
    with database.begin() as connection:
        claim = connection.execute(select(t.claim.c.claim_id, t.claim.c.person_id)).first()
        assert claim
        connection.execute(
            insert(t.identity_question).values(
                QUESTION | {"claim_id": claim.claim_id, "person_id": claim.person_id}
            )
        )
        dealt_with(connection, "accepted_by", "张三")
    with pytest.raises(UsageError, match="受理或审批过"):
        identities.decide(database, "asked", "same", "張 三", "依据")
    identities.decide(database, "asked", "same", "王五", "依据")


def test_nobody_releases_a_night_with_a_claim_of_his_own(database: Engine) -> None:
    held = HELD | {"counts": '{"held": ["死亡"], "operators": ["张三"]}'}
    with database.begin() as connection:
        connection.execute(insert(t.match_run).values(held))
    with pytest.raises(UsageError, match="受理或审批过"):
        release.release(database, "held", "张 三", "已核对")
    assert release.release(database, "held", "王五", "已核对") == 1


def test_a_signature_is_the_same_when_it_is_folded_again() -> None:
    for pair in ALIKE:
        for name in pair:
            assert signature(signature(name)) == signature(name)
