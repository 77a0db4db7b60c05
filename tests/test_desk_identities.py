"""At the desk two people of one opinion decide who is who; one person alone, or doubt, decides nothing."""

import json
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, select, update

from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk
from tests.findings import DISTRICTS, city
from tests.inbox import id_number
from tests.test_desk_pages import LONG, events

ROW = {"file": "就业.xlsx#Sheet1", "name": "欧阳试用", "id_number": id_number(7), "phone": "19900007777"}


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Iterator[Desk]:
    city(claims=60).fill(database)
    store = Store(tmp_path / "store")
    folder = store.delivery("hires", date(2026, 10, 10)) / "0" / "extract"
    folder.mkdir(parents=True)
    rows = [ROW | {"line": line, "birth_date": date(1988, 3, 4)} for line in range(2, 100)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "0.parquet")
    with database.begin() as connection:
        file = {"file": ROW["file"], "sha256": "0" * 64, "bytes": 1, "landed": "0"}
        own = t.delivery.c.delivery_id == "hires/2026-10-10"
        connection.execute(update(t.delivery).where(own).values(files=json.dumps([file])))
    opened = Desk(database, Settings(store=store.root))
    yield opened
    opened.close()


def asked(desk: Desk) -> list[tuple[str, str, str]]:
    """Every question with the district of its claim and its person."""
    q, c = t.identity_question.c, t.claim
    joined = select(q.question_id, c.c.district, q.person_id).join(c, c.c.claim_id == q.claim_id)
    with desk.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(joined.order_by(q.question_id))]  # type: ignore[misc]


def decided(desk: Desk) -> list[tuple[str, str, str]]:
    d = t.identity_decision.c
    with desk.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(d.pair_id, d.decision, d.decided_by))]  # type: ignore[misc]


def opine(person: object, question: str, opinion: str, reason: str = "核对户籍底册") -> object:
    person.get("/identities")  # type: ignore[attr-defined]
    sent = {"question": question, "opinion": opinion, "reason": reason}
    return person.post("/identities/opinion", sent)  # type: ignore[attr-defined]


def test_both_sides_stand_side_by_side_masked_with_what_the_model_weighed(desk: Desk) -> None:
    page = desk.person("steward1", Role.STEWARD, "*").get("/identities").text
    assert "姓名同音" in page
    assert "鸣／铭" not in page
    assert "<svg" in page
    assert page.count("欧***") == len(asked(desk))
    assert "1988年" in page
    assert str(ROW["name"]) not in page
    assert not LONG.search(page)
    assert events(desk, "identities")[-1][1] == "identity_view"


def test_registrations_of_one_number_stand_side_by_side_and_those_of_another_district_are_counted(
    desk: Desk,
) -> None:
    (number, own, _), *others = asked(desk)
    near = next(p for _, district, p in others if district == own)
    far = next(p for _, district, p in others if district != own)
    explained = {"sentence": "多名领取人员登记了同一证件号码", "others": [near, far]}
    q, r = t.identity_question.c, t.recipient.c
    with desk.engine.begin() as connection:
        about = {"kind": "shared_id", "feed": "recipient", "explanation": json.dumps(explained)}
        connection.execute(update(t.identity_question).where(q.question_id == number).values(about))
        for who, name in ((near, "钱试甲"), (far, "孙试乙")):
            connection.execute(update(t.recipient).where(r.person_id == who).values(name=name))
    page = desk.person("steward1", Role.STEWARD, own).get("/identities").text
    assert '<th scope="col">另一份登记</th></tr>' in page
    assert "另有 1 份登记在别的区县" in page
    assert (page.count("钱**"), page.count("孙**")) == (2, 0)  # in this question and in a question of its own
    assert desk.person("steward2", Role.STEWARD, "*").get("/identities").text.count("孙**") == 2


def test_two_people_of_one_opinion_decide_and_the_question_is_asked_no_more(desk: Desk) -> None:
    question, *others = (number for number, _, _ in asked(desk))
    one = desk.person("steward1", Role.STEWARD, "*", name="数据甲")
    two = desk.person("steward2", Role.STEWARD, "*", name="数据乙")
    for _ in range(2):
        opine(one, question, "different", "出生地不同")
    assert decided(desk) == []
    assert "出生地不同" in two.get("/identities").text
    page = opine(two, question, "different").text  # type: ignore[attr-defined]
    assert decided(desk) == [(question, "different", "数据甲、数据乙")]
    assert f'value="{question}"' not in page
    assert all(f'value="{other}"' in page for other in others)
    actions = ["identity_opinion"] * 3 + ["identity"]
    assert [action for _, action in events(desk, question)] == actions


def test_doubt_and_two_opinions_decide_nothing_and_a_third_person_does(desk: Desk) -> None:
    question = asked(desk)[0][0]
    people = [desk.person(f"steward{n}", Role.STEWARD, "*", name=name) for n, name in enumerate("甲乙丙")]
    for person in people:
        opine(person, question, "cannot_tell")
    opine(people[0], question, "same")
    opine(people[1], question, "different")
    assert decided(desk) == []
    opine(people[0], question, "cannot_tell")
    opine(people[2], question, "same")
    assert decided(desk) == []
    opine(people[1], question, "same")
    assert decided(desk) == [(question, "same", "丙、乙")]


def test_a_question_of_another_district_is_not_there_and_a_bad_answer_says_why(desk: Desk) -> None:
    (number, own, _), *others = asked(desk)
    foreign = next(other for other, district, _ in others if district != own)
    steward = desk.person("steward1", Role.STEWARD, own)
    assert f'value="{foreign}"' not in steward.get("/identities").text
    assert opine(steward, foreign, "same").status_code == 404  # type: ignore[attr-defined]
    for opinion, reason, says in (("", "依据", "请选择"), ("maybe", "依据", "请选择"), ("same", " ", "依据")):
        answer = opine(steward, number, opinion, reason)
        assert answer.status_code == 400  # type: ignore[attr-defined]
        assert says in unescape(answer.text)  # type: ignore[attr-defined]
    assert (decided(desk), events(desk, number)) == ([], [])
    assert own in DISTRICTS


def test_who_accepted_the_claim_has_no_opinion_on_its_recipient(desk: Desk) -> None:
    number, _, person_id = asked(desk)[0]
    with desk.engine.begin() as connection:
        own = t.claim.c.person_id == person_id
        connection.execute(update(t.claim).where(own).values(accepted_by="受理丙"))
    steward = desk.person("steward1", Role.STEWARD, "*", name="受理 丙")
    assert "受理或审批过" in opine(steward, number, "same").text  # type: ignore[attr-defined]
    assert events(desk, number) == []
