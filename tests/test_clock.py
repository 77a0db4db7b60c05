"""What day it is, is asked of one place, and answered for Shanghai."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from matchers.schemas import Reviews
from pipelines.base import clock
from pipelines.reports.shown import earlier_decisions, second_signature

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "pipelines" / "base" / "clock.py"
PARTS = ("dags", "expectations", "matchers", "pipelines", "sql")
MODULES = [module for part in PARTS for module in sorted((ROOT / part).rglob("*.py"))]
CLOCKS = {
    "now",
    "today",
    "utcnow",
    "fromtimestamp",
    "time",
    "time_ns",
    "localtime",
    "gmtime",
    "ctime",
    "strftime",
}
HOLDERS = {"datetime", "date", "time", "Timestamp", "pd", "pandas"}


def clocks(source: str) -> list[int]:
    """The lines on which a wall clock is read; how long something takes (``monotonic``) is no time of day."""
    read = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if name in HOLDERS and (name != "date" or node.func.attr in ("today", "fromtimestamp")):
                read.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            read += [node.lineno] * bool({alias.name for alias in node.names} & CLOCKS)
    return read


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_reads_a_clock(module: Path) -> None:
    assert module == PLACE or clocks(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)", "datetime.datetime.now()", "date.today()", "datetime.date.today()",
        "time.time()", "datetime.utcnow()", "pd.Timestamp.now()", "pd.Timestamp.today()",
        "time.strftime('%Y')", "from time import time",
    ],
)  # fmt: skip
def test_every_way_to_read_a_clock_is_seen(source: str) -> None:
    assert clocks(source) == [1]
    assert clocks(PLACE.read_text("utf-8"))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("instant", "today"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2028, 2, 28, 16, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 16, tzinfo=UTC), date(2028, 3, 1)),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_day_begins_at_midnight_in_shanghai_wherever_the_machine_stands(
    monkeypatch: pytest.MonkeyPatch, zone: str, instant: datetime, today: date
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(instant.timestamp())))
    assert clock.today() == today
    assert clock.now() == instant.replace(tzinfo=None)


def test_a_decision_of_the_evening_by_utc_is_shown_under_its_day_in_shanghai() -> None:
    evening = datetime(2026, 3, 1, 17)
    assert clock.in_shanghai(evening) == datetime(2026, 3, 2, 1)
    assert second_signature("乙二", evening) == "，2026-03-02 复核乙二"
    made = {"candidate_id": "YD1", "decided_at": evening, "decision": "confirmed", "decided_by": "甲一"}
    reviews = pd.DataFrame([{**made, "second_by": "乙二", "second_at": evening}])
    words = "2026-03-02 属实（甲一，2026-03-02 复核乙二）"
    assert earlier_decisions(Reviews(reviews)).to_dict() == {"YD1": words}
