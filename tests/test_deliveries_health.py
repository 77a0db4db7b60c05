"""Is the feed whole? Volume, rejects, unusable numbers and age, each against its bound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import sql
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.decisions.release import release
from pipelines.deliveries import Delivery, InUse, accept, deliveries, in_use
from tests.inbox import DEATHS, HIRES, Inbox, day, deaths, hires, id_number, text


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def settings(sqlite_template: Path, inbox: Inbox, tmp_path: Path) -> Settings:
    database = tmp_path / "benefit.db"
    database.write_bytes(sqlite_template.read_bytes())
    return Settings(
        database_url=f"sqlite:///{database}",
        inbox=inbox.root,
        store=tmp_path / "store",
        memory_mb=256,
        threads=1,
    )


@pytest.fixture
def record(settings: Settings) -> Iterator[Engine]:
    engine = sql.connect(settings.database_url)
    yield engine
    engine.dispose()


def arrive(inbox: Inbox, feed: str, *sizes: int, first: int = 1) -> str:
    """Deliveries of ``sizes`` rows on the days from ``first`` January on; the last of these days."""
    for n, size in enumerate(sizes, first):
        people = range(n * 2000, n * 2000 + size)
        if feed == "deaths":
            inbox.deaths(f"2026-01-{n:02d}", people)
        else:
            inbox.hires(f"2026-01-{n:02d}", people)
    return f"2026-01-{first + len(sizes) - 1:02d}"


def last(record: Engine) -> Delivery:
    return deliveries(record)[-1]


def on(record: Engine, settings: Settings, feed: str, as_of: str) -> InUse:
    return in_use(record, feed, day(as_of), Store(settings.store))


@pytest.mark.parametrize(
    ("feed", "sizes", "health"),
    [
        ("deaths", (400, 400, 80), "accepted"),
        ("deaths", (400, 400, 79), "held"),
        ("deaths", (400, 400, 2000), "accepted"),
        ("deaths", (300, 300, 1501), "held"),
        ("hires", (400, 400, 200), "accepted"),
        ("hires", (400, 400, 199), "held"),
        ("hires", (400, 400, 801), "held"),
        ("hires", (400, 1), "accepted"),
        ("hires", (199, 199, 1), "accepted"),
        ("hires", (200, 200, 1), "held"),
        ("deaths", (400, 400, 0), "held"),
        ("deaths", (0,), "accepted"),
        ("hires", (0,), "held"),
    ],
)
def test_volume_is_judged_from_the_third_delivery_on_and_where_it_is_large(
    inbox: Inbox, settings: Settings, record: Engine, feed: str, sizes: tuple[int, ...], health: str
) -> None:
    accept(settings, feed, day(arrive(inbox, feed, *sizes)))
    assert last(record).health == health


def test_volume_is_held_against_the_median_of_the_last_six(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    night = arrive(inbox, "deaths", 1900, 1900, 1900, 400, 400, 400, 400, 400, 400, 90)
    accept(settings, "deaths", day(night))
    assert (last(record).health, last(record).measures["usual_rows"]) == ("accepted", 400)


def test_a_held_delivery_says_why_in_figures_and_the_feed_is_out(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    night = arrive(inbox, "deaths", 400, 400, 40)
    accept(settings, "deaths", day(night))
    assert last(record).reason.startswith("40 行，应在近批中位数 400 行的 0.2–5 倍之间")
    out = on(record, settings, "deaths", night)
    assert (out.available, len(out.delivery_ids)) == (False, 2)
    assert "2026-01-03 待放行" in out.reason


def test_a_released_delivery_counts_and_becomes_history(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    night = arrive(inbox, "deaths", 400, 400, 40)
    accept(settings, "deaths", day(night))
    release(record, "deaths/2026-01-03", "王科", "节假日，行数属实")
    back = on(record, settings, "deaths", night)
    assert (back.available, len(back.delivery_ids)) == (True, 3)
    later = arrive(inbox, "deaths", 400, first=4)
    accept(settings, "deaths", day(later))
    assert last(record).measures["history"] == 3


def test_a_held_delivery_is_no_history_for_the_next(inbox: Inbox, settings: Settings, record: Engine) -> None:
    night = arrive(inbox, "deaths", 400, 400, 40, 40, 400)
    accept(settings, "deaths", day(night))
    assert [d.health for d in deliveries(record)] == ["accepted", "accepted", "held", "held", "accepted"]
    in_use = on(record, settings, "deaths", night)
    assert in_use.available
    assert "另有 2 个较早批次未计入" in in_use.reason


def test_neither_a_superseded_nor_a_repeated_delivery_is_history(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    arrive(inbox, "deaths", 400, 400)
    inbox.deaths("2026-01-03", range(4000, 4400))
    inbox.deaths("2026-01-04", range(20000, 20400), manifest={"supersedes": "2026-01-01"})
    inbox.deaths("2026-01-05", range(30000, 30400))
    accept(settings, "deaths", day("2026-01-05"))
    assert [d.measures.get("history") for d in deliveries(record)] == [0, 1, None, 1, 2]


@pytest.mark.parametrize(
    ("bad", "of", "health"), [(4, 200, "accepted"), (5, 200, "held"), (5, 199, "accepted")]
)
def test_too_many_rejected_rows_hold_a_delivery_of_200_rows(
    inbox: Inbox, settings: Settings, record: Engine, bad: int, of: int, health: str
) -> None:
    rows = deaths(range(of - bad)) + deaths(range(1000, 1000 + bad), died_on="昨天")
    inbox.deliver("deaths", "2026-01-10", {"a.csv": text(DEATHS, rows)})
    accept(settings, "deaths", day("2026-01-10"))
    assert last(record).health == health


@pytest.mark.parametrize(
    ("bad", "of", "health"), [(20, 200, "accepted"), (21, 200, "held"), (21, 199, "accepted")]
)
def test_too_many_unusable_numbers_hold_a_delivery_of_200_rows(
    inbox: Inbox, settings: Settings, record: Engine, bad: int, of: int, health: str
) -> None:
    rows = deaths(range(of - bad)) + [("", "甲乙", "2026-01-05", "死亡", "公安")] * bad
    inbox.deliver("deaths", "2026-01-10", {"a.csv": text(DEATHS, rows)})
    accept(settings, "deaths", day("2026-01-10"))
    assert (last(record).health, last(record).measures["unusable_ids"]) == (health, bad)


def test_people_months_and_gaps_are_measured(inbox: Inbox, settings: Settings, record: Engine) -> None:
    rows = deaths([1, 1, 2], died_on="2025-11-30") + deaths([3], died_on="2026-01-05")
    inbox.deliver("deaths", "2026-01-10", {"a.csv": text(DEATHS, rows)})
    accept(settings, "deaths", day("2026-01-10"))
    measures = last(record).measures
    assert (measures["persons"], measures["first_month"], measures["last_month"]) == (3, "2025-11", "2026-01")
    assert (measures["missing"]["sex"], measures["missing"]["name"]) == (1.0, 0.0)


CONTRIBUTIONS = (
    "公民身份号码", "姓名", "单位编号", "单位名称", "险种类型", "结算期", "缴费年月", "缴费类型", "缴费标志",
)  # fmt: skip


def test_a_column_that_rules_miss_and_no_row_has_is_named(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    row = (id_number(1), "甲一", "N1", "甲公司", "110", "2026-01", "2026-01", "10", "1")
    inbox.deliver("contributions", "2026-01-10", {"a.csv": text(CONTRIBUTIONS, [row])})
    inbox.deliver(
        "contributions", "2026-01-11", {"b.csv": text((*CONTRIBUTIONS, "单位类型"), [(*row, "10")])}
    )
    accept(settings, "contributions", day("2026-01-11"))
    without, given = deliveries(record, "contributions")
    assert ("没有一行有「单位类型」" in without.reason, given.reason) == (True, "")


def test_a_month_far_ahead_is_told_and_not_held(inbox: Inbox, settings: Settings, record: Engine) -> None:
    rows = hires([1], hired_on="2027-02-01")
    inbox.deliver("hires", "2026-01-10", {"a.csv": text(HIRES, rows)})
    accept(settings, "hires", day("2026-01-10"))
    assert (last(record).health, last(record).reason) == (
        "accepted",
        "所含最后月份 2027-02 晚于报送日期一年以上",
    )


@pytest.mark.parametrize(
    ("feed", "as_of", "available", "reported"),
    [
        ("hires", "2026-02-19", True, False),
        ("hires", "2026-02-20", False, True),
        ("deaths", "2026-02-24", True, False),
        ("deaths", "2026-02-25", True, True),
    ],
)
def test_an_overdue_snapshot_is_out_and_an_overdue_event_feed_is_only_told(
    inbox: Inbox, settings: Settings, record: Engine, feed: str, as_of: str, available: bool, reported: bool
) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.hires("2026-01-10", [1])
    accept(settings, feed, day("2026-01-10"))
    in_use = on(record, settings, feed, as_of)
    assert (in_use.available, "距今" in in_use.reason) == (available, reported)
