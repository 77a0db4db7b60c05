"""All held deliveries of a feed on some days are released by one command, each on record by itself."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from pipelines.base.errors import DecisionRefused
from pipelines.decisions.release import held, release
from pipelines.reports import words
from sql import tables as t
from tests.test_cli import crossmatch

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 4)
COUNTS = {"rows_read": 1, "rows_landed": 1, "rows_rejected": 0, "rows_dropped": 0}


def _arrived(engine: Engine, feed: str, day: int, health: str) -> str:
    on = date(2026, 10, day)
    row = {"delivery_id": f"{feed}/{on}", "feed": feed, "delivered_on": on, "health": health, **COUNTS}
    texts = {"files": "[]", "sha256": "", "encoding": "utf-8", "reason": "", "measures": "{}"}
    with engine.begin() as connection:
        connection.execute(insert(t.delivery).values(**row, **texts, landed_at=datetime(2026, 10, day)))
    return str(row["delivery_id"])


def test_what_is_held_on_these_days_and_released_by_nobody_is_released_one_by_one(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    _arrived(database, "deaths", 1, "accepted")
    before = _arrived(database, "deaths", 2, "held")
    wanted = [_arrived(database, "deaths", day, "held") for day in (3, 4)]
    _arrived(database, "deaths", 5, "held")
    _arrived(database, "hires", 3, "held")
    release(database, before, "乙", "核对过")
    assert held(database, "deaths", FIRST, LAST) == wanted
    asked = ("release", "deaths", "--by", "甲", "--reason", "新常态")
    days = ("--from", str(FIRST), "--to", str(LAST))
    ran = crossmatch(tmp_path, *asked, *days, "--json", DATABASE_URL=database_url)
    assert json.loads(ran.stdout) == dict.fromkeys(wanted, 1), ran.stderr
    c = t.audit_event.c
    with database.connect() as connection:
        on_record = connection.execute(
            select(c.subject, c.actor).where(c.actor == "甲").order_by(c.seq)
        ).all()
    assert [tuple(event) for event in on_record] == [(subject, "甲") for subject in wanted]
    nothing = crossmatch(tmp_path, *asked, *days, DATABASE_URL=database_url).stdout
    assert "没有待放行的批次" in nothing
    assert "已记录" not in nothing
    mistyped = crossmatch(tmp_path, "release", "death", *asked[2:], *days, DATABASE_URL=database_url)
    assert (mistyped.returncode, "没有数据源 death；可用：" in mistyped.stderr) == (2, True)
    half = crossmatch(tmp_path, *asked, *days[:2], DATABASE_URL=database_url)
    assert (half.returncode, "须一并给出" in half.stderr) == (2, True)


def test_what_was_refused_cannot_be_released_and_who_asks_learns_what_to_do_instead(database: Engine) -> None:
    refused = _arrived(database, "deaths", 1, "refused")
    with pytest.raises(DecisionRefused, match="不能放行：没有一行读得进来；请报送部门更正"):
        release(database, refused, "甲", "核对过")


def test_a_delivery_that_a_person_has_released_is_shown_as_released() -> None:
    assert words.standing("held", released=False) == "待放行"
    assert words.standing("held", released=True) == "已放行"
