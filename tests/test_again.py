"""What was worked out stands while all that it rests on stands, and not a moment longer."""

import hashlib
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import sql
from expectations.feed import LOCAL, feeds
from pipelines import night
from pipelines.base.sources import sources
from tests.faults.town import SECOND, Town, build_on_sqlite

DAY = timedelta(days=1)
LATER = SECOND + DAY
STEPS = ("link", "judge", "write_back")
UNCHANGED = "unchanged_for_days"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Town:
    built = build_on_sqlite(tmp_path_factory.mktemp("town"))
    night.propose(built.settings, SECOND)
    return built


@pytest.fixture
def town(ran: Town, tmp_path: Path) -> Town:
    shutil.copy(ran.home / "benefit.db", tmp_path)
    return ran.copy(tmp_path, f"sqlite:///{tmp_path / 'benefit.db'}")


def run(town: Town, as_of: date) -> dict[str, dict[str, Any]]:
    return {step: getattr(night, step)(town.settings, as_of) for step in STEPS}


def frames(town: Town, as_of: date) -> dict[str, str]:
    folder = town.settings.store / "nights" / as_of.isoformat()
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def execute(town: Town, statement: str) -> None:
    engine = sql.connect(town.url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def worked_out_anew(town: Town, as_of: date) -> dict[str, str]:
    """The frames of the night where nothing was left by another run to take an answer from."""
    for note in town.settings.store.glob("nights/*/*.json"):
        if note.name in ("link.json", "judge.json"):
            note.unlink()
    again = run(town, as_of)
    assert UNCHANGED not in again["link"]
    assert UNCHANGED not in again["judge"]
    return frames(town, as_of)


def test_the_same_night_again_works_nothing_out_and_leaves_the_same_files(town: Town) -> None:
    before = frames(town, SECOND)
    again = run(town, SECOND)
    assert (again["link"][UNCHANGED], again["judge"][UNCHANGED]) == (0, 0)
    assert again["write_back"] == {"opened": 0, "changed": 0, "withdrawn": 0}
    assert frames(town, SECOND) == before


def test_a_night_on_the_ground_of_the_last_takes_its_answers_and_leaves_what_it_would_have_made(
    town: Town,
) -> None:
    for as_of in (LATER, LATER + DAY):
        taken = run(town, as_of)
        assert (taken["link"][UNCHANGED], taken["judge"][UNCHANGED]) == (1, 1)
    left = frames(town, LATER + DAY)
    assert left == worked_out_anew(town, LATER + DAY)


def test_a_new_month_is_judged_anew_though_nothing_has_arrived(town: Town) -> None:
    assert UNCHANGED not in run(town, date(2026, 3, 1))["judge"]


def _another_phone(town: Town) -> None:
    execute(town, "UPDATE recipient SET phone = '19900009999' WHERE person_id = 'P003'")


def _another_payment(town: Town) -> None:
    execute(town, "UPDATE payment SET state = 'returned' WHERE payment_id = 'Y0032026-01'")


def _a_recovery(town: Town) -> None:
    execute(
        town,
        "INSERT INTO recovery VALUES ('R1', 'C003', '2026-01', 'unemployment_benefit', 100, '2026-02-01')",
    )


def _an_answer_about_somebody(town: Town) -> None:
    execute(
        town,
        "INSERT INTO identity_decision (pair_id, decision, decided_by, reason, decided_at)"
        " SELECT question_id, 'same', '甲', '', '2026-02-20 09:00:00' FROM identity_question",
    )


def _a_frame_lost(town: Town) -> None:
    (town.settings.store / "nights" / SECOND.isoformat() / "linked" / "hires.parquet").unlink()


def _a_frame_too_many(town: Town) -> None:
    folder = town.settings.store / "nights" / SECOND.isoformat() / "linked"
    (folder / "emigrations.parquet").write_bytes((folder / "deaths.parquet").read_bytes())


def _a_frame_cut_short(town: Town) -> None:
    file = town.settings.store / "nights" / SECOND.isoformat() / "linked" / "hires.parquet"
    file.write_bytes(file.read_bytes()[:-1])


def _a_record_that_says_nothing(town: Town) -> None:
    (town.settings.store / "nights" / SECOND.isoformat() / "link.json").write_text("{}", "utf-8")


@pytest.mark.parametrize(
    "change",
    [
        _another_phone, _another_payment, _a_recovery, _an_answer_about_somebody, _a_frame_lost,
        _a_frame_too_many, _a_frame_cut_short, _a_record_that_says_nothing,
    ],
)  # fmt: skip
def test_whatever_links_rest_on_or_left_has_changed_they_are_made_anew(
    town: Town, change: Callable[[Town], None]
) -> None:
    change(town)
    assert UNCHANGED not in night.link(town.settings, SECOND)


def test_another_heading_of_a_feed_makes_every_night_one_to_be_worked_out(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "feeds"
    own.mkdir()
    (own / "deaths.toml").write_text('[columns.died_on]\nheadings = ["死亡日期", "殁于"]\n', "utf-8")
    monkeypatch.setenv(LOCAL, str(own))
    feeds.cache_clear()
    try:
        assert UNCHANGED not in night.link(town.settings, SECOND)
    finally:
        feeds.cache_clear()


def test_the_digest_of_the_product_is_that_of_every_file_of_it() -> None:
    listed = {name for name, _ in sources()}
    assert {"matchers/causes/death.py", "sql/match/linked.sql", "expectations/deaths.toml"} <= listed
    assert not [name for name in listed if "__pycache__" in name]


def test_a_judgement_that_was_touched_is_nobodys_answer(town: Town) -> None:
    run(town, LATER)
    judged = town.settings.store / "nights" / LATER.isoformat() / "judged" / "candidates.parquet"
    judged.write_bytes(judged.read_bytes() + b"x")
    again = run(town, LATER + DAY)
    assert (again["link"][UNCHANGED], again["judge"][UNCHANGED]) == (1, 2)
