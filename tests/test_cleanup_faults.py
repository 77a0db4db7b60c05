"""A clean-up that is killed anywhere and run again ends as if nothing had happened."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

import sql
from pipelines.base import crash
from pipelines.base.settings import Settings
from pipelines.cleanup import run as cleanup
from sql.tables import OURS

AS_OF = date(2026, 10, 20)
KILLED = 9
REGISTRATIONS = """个人编号,证件类型,身份证号码,姓名,参保登记日期
P1,居民身份证,999999198001011014,张三丰,2000-01-01
P2,居民身份证,999999800101101,张三丰,2001-01-01
P3,居民身份证,999999197502020024,李四光,2000-01-01
"""
MONTHS = """个人编号,单位编号,险种,起始年月,终止年月,缴费标志
P1,D1,210,2010-01,2012-12,1
P2,D1,210,2013-03,2014-12,1
P3,D1,210,2010-01,2010-06,1
P3,D2,210,2010-05,2011-12,1
"""
EMPLOYERS = """单位编号,单位名称,统一社会信用代码
D1,甲厂,91500000MA5U5L0M6X
D2,乙厂,
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1792500000")
    batch = tmp_path / "history" / "2026-01-15-central"
    for name, text in (
        ("registrations", REGISTRATIONS), ("contribution_history", MONTHS), ("employers", EMPLOYERS)
    ):  # fmt: skip
        (batch / name).mkdir(parents=True)
        (batch / name / "all.csv").write_text(text, encoding="utf-8")
    return Settings(
        database_url=database_url, history=tmp_path / "history", inbox=tmp_path / "inbox",
        store=tmp_path / "store", policy="chongqing", threads=1,
    )  # fmt: skip


@contextmanager
def _heard(listener: object) -> Iterator[None]:
    crash.listener = listener  # type: ignore[assignment]
    try:
        yield
    finally:
        crash.listener = None


def _killed(settings: Settings, name: str, nth: int) -> int:
    """How a run in a process of its own ends that dies when it comes to a point for the nth time."""
    child = os.fork()
    if child == 0:
        seen: Counter[str] = Counter()

        def die(point: str) -> None:
            seen[point] += 1
            if (point, seen[point]) == (name, nth):
                os._exit(KILLED)

        with _heard(die):
            cleanup.run(settings, AS_OF, apply=True)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tables(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(
                str([row[c] for c in row if not c.endswith("_at")])
                for row in connection.execute(select(table)).mappings()
            )
            for table in OURS.sorted_tables
        }


def _emptied(engine: Engine, settings: Settings, to: Path) -> Settings:
    """The same settings over empty tables of ours and an empty store."""
    with engine.begin() as connection:
        for table in reversed(OURS.sorted_tables):
            connection.execute(delete(table))
    return Settings(**{name: getattr(settings, name) for name in Settings.__slots__} | {"store": to})


def test_a_run_that_dies_anywhere_is_made_good_by_the_next(settings: Settings, tmp_path: Path) -> None:
    engine = sql.connect(settings.database_url)
    points: list[str] = []
    with _heard(points.append):
        cleanup.run(settings, AS_OF, apply=True)
    expected = _tables(engine)
    assert expected["person_cluster"]
    assert any("MONTH_DOUBLE" in row for row in expected["cleanup_finding"])
    assert {p for p in points if p.startswith("cleanup:")} >= {
        "cleanup:scattered", "cleanup:persons", "cleanup:check", "cleanup:employers"
    }  # fmt: skip
    for n, (name, times) in enumerate(sorted(Counter(points).items())):
        again = _emptied(engine, settings, tmp_path / f"store-{n}")
        assert _killed(again, name, times) == KILLED, name
        cleanup.run(again, AS_OF, apply=True)
        assert _tables(engine) == expected, name
    engine.dispose()
