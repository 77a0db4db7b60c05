"""What differs since the last night, and which districts are late, in numbers that can be counted by hand."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from matchers.lifecycle import Status
from matchers.since import COMPARED
from pipelines.base.frames import Night
from pipelines.base.store import Store
from pipelines.judging import moved
from pipelines.reports import contents, overdue, page, since
from tests.findings import NIGHTS, city

BEFORE, TONIGHT = date(2026, 10, 19), date(2026, 10, 20)


def _judged(store: Store, night: date, amounts: dict[str, int]) -> None:
    frame = pd.DataFrame(
        [(number, "precise", fen, 0, 0) for number, fen in amounts.items()],
        columns=["candidate_id", *COMPARED],
    ).assign(cause="REEMPLOYED", link_tier="exact")
    Night(store.night(night)).keep(moved.JUDGED, frame)


def _reviews(*rows: tuple[str, str, str | None, datetime]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["candidate_id", "decision", "second_by", "decided_at"])


def _standing(**first_seen: date) -> pd.DataFrame:
    return pd.DataFrame(
        [(number, day, TONIGHT) for number, day in first_seen.items()],
        columns=["candidate_id", "first_seen_as_of", "last_seen_as_of"],
    ).assign(status="open")


def test_new_gone_changed_and_closed_are_told_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _judged(store, BEFORE, {"same": 100, "other": 100, "gone": 100})
    _judged(store, TONIGHT, {"same": 100, "other": 250, "new": 100})
    reviews = _reviews(
        ("same", "dismissed", "乙", datetime(2026, 10, 19, 3)),
        ("other", "dismissed", None, datetime(2026, 10, 19, 3)),
        ("gone", "closed", None, datetime(2026, 10, 18, 15)),
        ("new", "closed", None, datetime(2026, 10, 19, 17)),
    )
    standing = _standing(same=BEFORE, other=BEFORE, gone=BEFORE, new=TONIGHT)
    differing = since.since(store, BEFORE, TONIGHT, reviews, standing, {TONIGHT: frozenset()})
    moved = {"other": "较上夜：已发应退由1.00元变为2.50元。"}
    assert differing == since.Since(
        BEFORE, frozenset({"new"}), frozenset({"gone"}), moved, frozenset({"same"})
    )
    assert [differing.words(n) for n in ("new", "other", "same")] == ["较上夜：新增。", moved["other"], ""]
    assert "新增 1 件，不再出现 1 件，等级或金额有变化 1 件，办结（不属实或销号）1 件" in str(differing)


def test_what_is_past_its_time_is_not_compared(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _judged(store, TONIGHT, {"new": 100})
    for night in (BEFORE, None):
        assert since.since(store, night, TONIGHT, _reviews(), _standing(), {TONIGHT: frozenset()}) is None


def test_what_rests_on_a_feed_that_did_not_come_is_neither_gone_nor_new_nor_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _judged(store, BEFORE, {"gone": 100, "stands": 100, "half": 100})
    _judged(store, TONIGHT, {"half": 50, "again": 100})
    evidence = pd.DataFrame({"candidate_id": ["gone", "stands"], "feed": ["hires", "deaths"]})
    Night(store.night(BEFORE)).keep("judged/evidence", evidence)
    standing = _standing(gone=BEFORE, stands=BEFORE, half=BEFORE, again=date(2026, 10, 1))
    left_as_it_was = standing["candidate_id"] == "half"
    standing.loc[left_as_it_was, "last_seen_as_of"] = BEFORE
    differing = since.since(store, BEFORE, TONIGHT, _reviews(), standing, {TONIGHT: frozenset({"deaths"})})
    assert differing == since.Since(BEFORE, frozenset(), frozenset({"gone"}), {}, frozenset())


def test_what_a_feed_that_comes_again_no_longer_shows_is_gone_on_the_night_it_comes(tmp_path: Path) -> None:
    store, seen = Store(tmp_path), date(2026, 10, 17)
    _judged(store, seen, dict.fromkeys(("gone", "also_on_deaths", "gone_before"), 100))
    _judged(store, BEFORE, {})
    _judged(store, TONIGHT, {})
    feeds = {"gone": "hires", "also_on_deaths": "hires", "gone_before": "contributions"}
    rows = [*feeds.items(), ("also_on_deaths", "deaths")]
    evidence = pd.DataFrame(rows, columns=["candidate_id", "feed"])
    for night, kept in ((seen, evidence), (BEFORE, evidence.replace(list(feeds), "another"))):
        Night(store.night(night)).keep("judged/evidence", kept)
    standing = _standing(**dict.fromkeys(feeds, seen))
    standing = standing.assign(last_seen_as_of=seen, status=Status.WITHDRAWN.value)
    hires, deaths, nothing = frozenset({"hires"}), frozenset({"deaths"}), frozenset[str]()
    outs = {seen: nothing, date(2026, 10, 18): hires, BEFORE: hires | deaths, TONIGHT: deaths}
    differing = since.since(store, BEFORE, TONIGHT, _reviews(), standing, outs)
    assert differing
    assert differing.gone == {"gone"}
    still_out = since.since(store, BEFORE, TONIGHT, _reviews(), standing, outs | {TONIGHT: hires | deaths})
    assert still_out
    assert still_out.gone == nothing
    lapsed = since.since(store, BEFORE, TONIGHT, _reviews(), standing, outs | {date(2026, 10, 18): nothing})
    assert lapsed
    assert lapsed.gone == nothing


def test_a_month_ago_is_the_newest_night_four_weeks_back() -> None:
    nights = (date(2026, 9, 20), date(2026, 9, 22), date(2026, 9, 23), BEFORE, TONIGHT)
    assert since.last_month(nights, TONIGHT) == date(2026, 9, 22)
    assert since.last_night(nights, TONIGHT) == BEFORE
    assert since.last_night((TONIGHT,), TONIGHT) is None


@pytest.fixture
def night(database: Engine, tmp_path: Path) -> contents.Contents:
    city(claims=40).fill(database)
    return contents.read(database, Store(tmp_path / "store"), NIGHTS[-1])


def test_an_answer_is_late_from_its_hand_out_on_and_the_first_screen_names_the_district(
    night: contents.Contents,
) -> None:
    def handed(days: float) -> contents.Contents:
        sent = night.candidates.assign(
            status=night.candidates["status"].mask(night.candidates["status"] == "open", "dispatched"),
            age_days=100,
            handed_days=days,
        )
        return replace(night, candidates=sent)

    assert overdue.by_district(handed(night.reply_days)) == []
    late = handed(night.reply_days + 1)
    rows = overdue.by_district(late)
    assert sum(row["count"] for row in rows) == int((late.active["status"] == "dispatched").sum()) > 0
    first_screen = page.render(late, []).partition('<section id="first"')[0]
    assert all(f"{row['name']} {row['count']} 件" in first_screen for row in rows)
