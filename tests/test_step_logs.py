"""Each step of a night leaves a dated line with its counts and seconds, and nothing of a person."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from expectations.feed import feeds
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.base.steps import logged
from pipelines.database.migrate import opened
from sql.tables import match_run
from tests.faults.town import FIRST, build_on_sqlite
from tests.test_cli import crossmatch

DAY = FIRST.isoformat()


def test_a_night_leaves_one_line_of_json_for_each_step(tmp_path: Path) -> None:
    town = build_on_sqlite(tmp_path)
    places = {"INBOX": "inbox", "STORE": "store", "REPORTS": "reports", "DATABASE_URL": town.url}
    ran = crossmatch(town.home, "night", DAY, LOG="json", **places)
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    steps = [(line["step"], line.get("feed", "")) for line in lines]
    assert steps == [
        *(("accept", feed) for feed in feeds()),
        *((step, "") for step in ("link", "judge", "write_back", "report")),
    ]
    for line in lines:
        assert datetime.fromisoformat(line.pop("at")).utcoffset()
        assert line.pop("night") == DAY
        counts = [value for name, value in line.items() if name not in ("step", "feed")]
        assert all(isinstance(value, int | float) for value in counts)
    assert any(line.get("rows_read", 0) > 0 for line in lines)
    with opened(town.url) as engine, engine.connect() as connection:
        run = connection.execute(sa.select(match_run)).one()
    assert run.started_at <= run.linked_at <= run.judged_at <= run.finished_at


@logged
def count(_: Settings, feed: str, night: date) -> dict[str, Any]:
    if feed == "torn":
        raise DeliveryRejected("第 3 行 张三")
    return {"rows": 7, "files": ["张三.csv"], "notes": "张三"}


def test_plain_lines_have_counts_alone_a_failure_its_kind_and_nothing_is_written_unasked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    count(Settings(), "deaths", FIRST)
    assert capsys.readouterr().err == ""
    count(Settings(log="text"), "deaths", FIRST)
    plain = rf"\d{{4}}-\d\d-\d\dT[\d:]+\+08:00 step=count feed=deaths night={DAY} seconds=[\d.]+ rows=7\n"
    assert re.fullmatch(plain, capsys.readouterr().err)
    with pytest.raises(DeliveryRejected):
        count(Settings(log="text"), "torn", FIRST)
    failed = capsys.readouterr().err
    assert "failed=DeliveryRejected" in failed
    assert "张三" not in failed
    count(Settings(), "deaths", FIRST)
    assert capsys.readouterr().err == ""


def test_a_kind_of_log_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="log 应为空、text、json 之一"):
        Settings.load({"CROSSMATCH_LOG": "xml"})
