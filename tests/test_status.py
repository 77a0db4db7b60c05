"""One screen says what waits for whom: counts and districts, no person."""

import json
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, func, insert, select

from pipelines.decisions import release
from pipelines.desk.roles import WORDS, Role
from pipelines.reports import waiting
from sql import tables as t
from tests.findings import city
from tests.test_cli import crossmatch

AT = datetime(2026, 10, 21, 1, 30)
HELD = date(2026, 10, 21)


def read(engine: Engine) -> list[waiting.Waiting]:
    with engine.connect() as connection:
        return waiting.read(connection)


def run(engine: Engine, as_of: date, status: str) -> None:
    texts = dict.fromkeys(("policy", "policy_version", "code_version", "input_digest"), "x")
    row = {"run_id": f"{as_of}-{status}", "as_of": as_of, "status": status, "counts": "{}", **texts}
    with engine.begin() as connection:
        connection.execute(insert(t.match_run).values(**row, started_at=AT))


def nights(engine: Engine) -> list[tuple[str, date | None]]:
    return [(row.what, row.since) for row in read(engine) if row.subject.startswith("2026-10-2")]


def test_a_held_night_waits_with_its_signatures_until_it_is_run_again(database: Engine) -> None:
    city(claims=20).fill(database)
    run(database, HELD, "held")
    assert nights(database) == [("夜间比对暂扣，待放行（已签 0/2）", HELD)]
    release.release(database, f"{HELD}-held", "甲", "已核对")
    assert nights(database) == [("夜间比对暂扣，待放行（已签 1/2）", HELD)]
    release.release(database, f"{HELD}-held", "乙", "已核对")
    assert nights(database) == [("夜间比对暂扣，已放行，待重跑", HELD)]


def test_who_is_waited_for_is_the_role_that_the_desk_lets_do_it(database: Engine) -> None:
    city(claims=20).fill(database)
    run(database, HELD, "held")
    roles = {row.what: row.whom for row in read(database)}
    assert roles["夜间比对暂扣，待放行（已签 0/2）"] == WORDS[Role.STEWARD]
    assert roles["身份存疑待判断"] == WORDS[Role.STEWARD]
    assert roles["待下发"] == WORDS[Role.SUPERVISOR]
    for name in ("甲", "乙"):
        release.release(database, f"{HELD}-held", name, "已核对")
    assert {row.whom for row in read(database) if row.what.endswith("待重跑")} == {"系统管理员"}


def test_a_failed_night_waits_until_a_later_one_succeeded(database: Engine) -> None:
    run(database, HELD, "failed")
    assert nights(database) == [("本夜出错，没有写回，待重跑", HELD)]
    run(database, date(2026, 10, 22), "succeeded")
    assert nights(database) == []


def test_every_candidate_in_work_waits_for_somebody_once(database: Engine) -> None:
    city(claims=40).fill(database)
    c = t.suspension_candidate.c
    with database.connect() as connection:
        wanted = select(c.district, func.count()).where(c.status == "open").group_by(c.district)
        opened = {district: n for district, n in connection.execute(wanted)}
    waits = {row.district: row.count for row in read(database) if row.what == "待下发"}
    assert waits == opened


def test_a_conclusion_of_one_person_waits_for_the_second(database: Engine) -> None:
    city(claims=40).fill(database)
    c = t.suspension_candidate.c
    with database.begin() as connection:
        number, district = connection.execute(
            select(c.candidate_id, c.district).where(c.status == "open").limit(1)
        ).one()
        signed = {"candidate_id": number, "decision": "dismissed", "reason_code": "self_paid", "note": ""}
        connection.execute(insert(t.review).values(review_id="HC1", decided_by="甲", decided_at=AT, **signed))
    rows = [(row.district, row.count, row.since) for row in read(database) if row.whom == "区县复核"]
    assert rows == [(district, 1, AT.date())]


def test_the_command_shows_it_and_names_no_person(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    city(claims=20).fill(database)
    shown = crossmatch(tmp_path, "status", DATABASE_URL=database_url)
    assert (shown.returncode, "待下发" in shown.stdout) == (0, True), shown.stderr
    machine = json.loads(crossmatch(tmp_path, "status", "--json", DATABASE_URL=database_url).stdout)
    assert sum(row["count"] for row in machine) == sum(row.count for row in read(database))
    with database.connect() as connection:
        names = connection.execute(select(t.recipient.c.name, t.recipient.c.id_number)).all()
    assert not [text for row in names for text in row if text and text in shown.stdout]
