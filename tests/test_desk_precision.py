"""The desk's page of how often people found a rule right, for what the account may see."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine, insert, select

from pipelines.desk.roles import Role
from sql import tables as t
from sql.risk_tables import quality_check
from tests.desk import Desk
from tests.findings import POLICY, city
from tests.test_desk_pages import FOREIGN, OWN

AT = datetime(2026, 10, 20, 2)


@pytest.fixture
def desk(database: Engine) -> Iterator[Desk]:
    made = city(claims=60)
    made.rows.pop("review", None)
    made.rows.pop("review_detail", None)
    made.fill(database)
    opened = Desk(database)
    yield opened
    opened.close()


def sign(desk: Desk, district: str, decision: str, reason: str = "", second: str | None = "乙") -> None:
    """Every candidate of the district is decided so, by two people unless there is no second."""
    c = t.suspension_candidate.c
    with desk.engine.begin() as connection:
        for number in connection.execute(select(c.candidate_id).where(c.district == district)).scalars():
            made = {"candidate_id": number, "decision": decision, "reason_code": reason, "note": ""}
            signed = {"decided_by": "甲", "decided_at": AT, "second_by": second, "second_at": second and AT}
            connection.execute(insert(t.review).values(review_id=f"HC{number}", **made, **signed))
            rule = {"cause": "REEMPLOYED", "tier": "precise", "policy_version": POLICY.stamp}
            connection.execute(insert(t.review_detail).values(review_id=f"HC{number}", **rule))


def shares(page: str) -> list[str]:
    return re.findall(r'data-l="查实率" class="n">([^<]*)<', page)


def test_each_account_sees_the_share_of_its_own_districts_and_the_whole_city_that_of_all(desk: Desk) -> None:
    sign(desk, OWN, "confirmed")
    sign(desk, FOREIGN, "dismissed", "other")
    own = desk.person("handler1", Role.HANDLER, OWN).get("/precision").text
    foreign = desk.person("handler2", Role.HANDLER, FOREIGN).get("/precision").text
    every = desk.person("boss", Role.SUPERVISOR, "*").get("/precision").text
    assert shares(own) == ["100%"]
    assert shares(foreign) == ["0%"]
    assert len(shares(every)) == 1
    assert shares(every)[0] not in ("0%", "100%")
    assert ("其他" in foreign, "其他" in own) == (True, False)
    assert ("处理" in every, "处理" in own) == (True, False)


def test_what_one_person_alone_decided_counts_for_nothing(desk: Desk) -> None:
    sign(desk, OWN, "dismissed", "other", second=None)
    page = desk.person("boss", Role.SUPERVISOR, "*").get("/precision").text
    assert shares(page) == []
    assert "还没有经两人签认的结论" in page


def test_the_whole_city_sees_what_random_samples_say_and_a_district_does_not(desk: Desk) -> None:
    boss, handler = desk.person("boss", Role.SUPERVISOR, "*"), desk.person("handler1", Role.HANDLER, OWN)
    assert "还没有抽查过" in boss.get("/precision").text
    drawn = {"month": "2026-09", "stratum": "clean", "population": 4_000, "paid_fen": 171_000, "seed": "x"}
    with desk.engine.begin() as connection:
        for n in range(60):
            found = {"verdict": "wrong", "wrong_fen": 171_000} if n < 3 else {"verdict": "right"}
            own = {"subject": f"CLAIM{n}", "claim_id": f"CLAIM{n}"} | found
            connection.execute(insert(quality_check).values(**drawn, **own))
    shown = boss.get("/precision").text
    row = shown.split('<th scope="row">无疑点</th>')[1].split("</tr>")[0]
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?</td>", row)]
    assert cells[:3] == ["4,000", "60", "3"]
    assert re.fullmatch(r"5\.0%（1\.\d%–1\d\.\d%）", cells[3])
    assert cells[4] == "5.0%"
    assert "满一千次核对后" in shown
    assert "CLAIM1" not in shown
    assert "随机抽查" not in handler.get("/precision").text
