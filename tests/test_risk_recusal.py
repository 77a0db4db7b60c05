"""Who took any part in a claim signs nothing about it: by command and at the desk, under whatever number."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

import sql
from pipelines.base.errors import DecisionRefused
from pipelines.decisions import release
from pipelines.decisions.record import Decision
from pipelines.decisions.reviews import decide
from pipelines.demo.people import number as id_number
from pipelines.desk.roles import Role
from pipelines.risk import reviews as signals
from pipelines.risk.reviews import Answer
from sql import risk_tables as r
from sql import tables as t
from tests.desk import Desk, status
from tests.desk import decide as decide_at_desk
from tests.findings import NIGHTS, city

AT = datetime(2026, 10, 21, 1, 0)
RUN = f"{NIGHTS[-1]}-0123456789ab"
HELD = {"status": "held", "counts": json.dumps({"held": ["死亡"], "operators": ["OP1"]})}
NUMBER = id_number("500190", date(1970, 1, 1), 1)
STAFF = (
    ("OP1", NUMBER, "O1"), ("OP9", NUMBER[:6] + NUMBER[8:17], "O7"), ("OP2", "K2", "O1"),
    ("OP3", "K3", "O2"), ("OP4", "K4", "O3"), ("OP5", "K4", "O3"), ("OP6", "K6", "O4"),
)  # fmt: skip


@pytest.fixture
def staffed(database: Engine) -> str:
    """The number of a candidate in whose claim OP1 changed the account and a machine of OP3 paid."""
    city(claims=20).fill(database)
    sql.create_agency(database, reference="risk")
    c = t.suspension_candidate.c
    posts: list[dict[str, Any]] = [
        {
            "operator_id": number, "person_key": key, "office": office, "district": "599901",
            "post": "accept", "since": date(2020, 1, 1), "until": None, "account_key": None,
        } for number, key, office in STAFF
    ]  # fmt: skip
    with database.begin() as connection:
        number, claim = connection.execute(
            select(c.candidate_id, c.claim_id).order_by(c.candidate_id)
        ).first()
        connection.execute(insert(r.operator), posts)
        acts = (("E1", "change_account", "OP1", "counter"), ("E2", "pay", "OP3", "batch"))
        for event, kind, by, channel in acts:
            row = {"event_id": event, "claim_id": claim, "kind": kind, "operator_id": by, "channel": channel}
            connection.execute(insert(r.claim_event).values(**row, at=AT))
        connection.execute(update(t.match_run).where(t.match_run.c.run_id == RUN).values(**HELD))
    return str(number)


@pytest.mark.parametrize("by", ["OP1", "op-1", "OP9"])
def test_nobody_judges_a_claim_in_which_he_acted_under_whatever_number(
    database: Engine, staffed: str, by: str
) -> None:
    for signed in ({"by": by}, {"by": "OP4", "second_by": by}):
        made = Decision(staffed, "dismissed", source="", reason_code="back_paid", **signed)
        with pytest.raises(DecisionRefused, match="须由其他人签认"):
            decide(database, made, AT)
    assert decide(database, Decision(staffed, "verifying", "OP3", ""), AT).status == "verifying"


def test_two_numbers_of_one_person_are_one_signature(database: Engine, staffed: str) -> None:
    def dismissed(by: str, second: str = "") -> str:
        made = Decision(staffed, "dismissed", by, by, "back_paid", second_by=second)
        return decide(database, made, AT).status

    with pytest.raises(DecisionRefused, match="不得为同一人"):
        dismissed("OP4", "OP5")
    dismissed("OP4")
    with pytest.raises(DecisionRefused, match="须由另一人复核"):
        dismissed("OP5")
    assert dismissed("OP6") == "dismissed"


def test_a_night_is_released_by_two_people_of_whom_nobody_acted_in_it_or_is_of_an_office_that_did(
    database: Engine, staffed: str
) -> None:
    for by in ("OP1", "OP9", "OP2"):
        with pytest.raises(DecisionRefused, match="须由其他"):
            release.release(database, RUN, by, "已核对")
    assert [release.release(database, RUN, by, "已核对") for by in ("OP4", "OP5", "OP6")] == [1, 1, 2]


def _signal(database: Engine, subject: str) -> str:
    """A signal about an operator, which rests on no claim."""
    row = {c.name: "x" for c in r.risk_signal.columns} | {
        "signal_id": "FX1", "subject_kind": "operator", "subject_key": subject, "level": "lead",
        "status": "open", "first_seen_as_of": AT.date(), "last_seen_as_of": AT.date(),
    }  # fmt: skip
    with database.begin() as connection:
        connection.execute(insert(r.risk_signal).values(**row))
    return "FX1"


@pytest.mark.parametrize("by", ["OP1", "op-1", "OP9"])
@pytest.mark.usefixtures("staffed")
def test_nobody_signs_a_signal_about_himself_however_his_number_is_written(database: Engine, by: str) -> None:
    with pytest.raises(DecisionRefused, match="本人"):
        signals.decide(database, Answer(_signal(database, "OP1"), "checking", by, "说明"), AT)


@pytest.mark.usefixtures("staffed")
def test_two_numbers_of_one_person_are_one_signature_on_a_signal_too(database: Engine) -> None:
    signal = _signal(database, "OP6")
    signals.decide(database, Answer(signal, "checking", "OP3", "说明"), AT)
    assert not signals.decide(database, Answer(signal, "unfounded", "OP1", "说明"), AT).final
    for by in ("op-1", "OP9"):
        with pytest.raises(DecisionRefused, match="另一人"):
            signals.decide(database, Answer(signal, "unfounded", by, "另说"), AT)
    assert signals.decide(database, Answer(signal, "unfounded", "OP4", "说明"), AT).final


@pytest.fixture
def desk(database: Engine, staffed: str) -> Iterator[Desk]:
    opened = Desk(database)
    yield opened
    opened.close()


def test_at_the_desk_they_neither_release_nor_judge(desk: Desk, staffed: str) -> None:
    for account, name in (("w1", "OP9"), ("w2", "OP2")):
        steward = desk.person(account, Role.STEWARD, "*", name=name)
        steward.get("/nights")
        answer = steward.post("/nights/release", {"run": RUN, "reason": "已核对"})
        assert answer.status_code == 400
        assert "须由其他" in unescape(answer.text)
    with desk.engine.connect() as connection:
        assert connection.execute(select(t.release_decision)).all() == []
        c = t.suspension_candidate.c
        district = connection.execute(select(c.district).where(c.candidate_id == staffed)).scalar_one()
    before = status(desk, staffed)
    handler = desk.person("h1", Role.HANDLER, district, name="OP1")
    refused = decide_at_desk(handler, staffed, decision="verifying", note="已打电话")
    assert "须由其他人签认" in unescape(refused.text)  # type: ignore[attr-defined]
    assert status(desk, staffed) == before
