"""Only people of whom something else is known are judged anew, and nobody can tell that from what is kept."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

import sql
from expectations.feed import feeds
from pipelines import night, runs
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from pipelines.demo import build
from pipelines.judging import again, changed, standing, step

NIGHT = date(2026, 6, 18)
DAY = timedelta(days=1)
Change = Callable[[Night, random.Random], None]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo city after its first night."""
    home = tmp_path_factory.mktemp("city")
    build(home, claims=100, rows=600)
    url = f"sqlite:///{home / 'benefit.db'}"
    engine = sql.connect(url)
    upgrade(engine)
    engine.dispose()
    settings = Settings(database_url=url, inbox=home / "inbox", store=home / "store")
    for feed in feeds():
        night.accept(settings, feed, NIGHT)
    night.link(settings, NIGHT)
    night.judge(settings, NIGHT)
    return settings


@pytest.fixture
def city(judged: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(judged.store / "nights", tmp_path / "nights")
    return Settings(database_url=judged.database_url, store=tmp_path)


def next_night(settings: Settings, day: date) -> Night:
    """The night after ``day``, linked and not judged, which knows nothing else so far."""
    before, after = Night.of(settings, day), Night.of(settings, day + DAY)
    shutil.copytree(before.folder, after.folder, dirs_exist_ok=True)
    shutil.rmtree(after.folder / "judged")
    (after.folder / runs.JUDGED).unlink()
    return after


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _row_gone(night: Night, chance: random.Random) -> None:
    rows = night.frame("linked/contributions")
    night.keep("linked/contributions", rows.drop(index=chance.randrange(len(rows))))


def _row_more(night: Night, chance: random.Random) -> None:
    rows = night.frame("linked/contributions")
    more = rows.iloc[[chance.randrange(len(rows))]].assign(line=10**6 + chance.randrange(10**6))
    night.keep("linked/contributions", pd.concat([rows, more], ignore_index=True))


def _row_of_another(night: Night, chance: random.Random) -> None:
    rows = night.frame("linked/hires")
    rows.loc[chance.randrange(len(rows)), "person_id"] = _somebody(night, chance)
    night.keep("linked/hires", rows)


def _payment_returned(night: Night, chance: random.Random) -> None:
    paid = night.frame("payments")
    paid.loc[chance.randrange(len(paid)), "state"] = "returned"
    night.keep("payments", paid)


def _claim_gone(night: Night, chance: random.Random) -> None:
    claims, paid = night.frame("claims"), night.frame("payments")
    gone = claims.loc[chance.randrange(len(claims)), "claim_id"]
    night.keep("claims", claims[claims["claim_id"] != gone])
    night.keep("payments", paid[paid["claim_id"] != gone])


def _another_month(night: Night, chance: random.Random) -> None:
    claims = night.frame("claims")
    claims.loc[chance.randrange(len(claims)), "start_month"] += 1
    night.keep("claims", claims)


def _two_are_one(night: Night, chance: random.Random) -> None:
    who = night.frame("identities")
    one, other = chance.sample(range(len(who)), 2)
    who.loc[one, "identity"] = who.loc[other, "identity"]
    night.keep("identities", who)


def _another_birthday(night: Night, chance: random.Random) -> None:
    recipients = night.frame("recipients")
    recipients.loc[chance.randrange(len(recipients)), "birth_date"] = pd.Timestamp(1970, 1, 2)
    night.keep("recipients", recipients)


def _another_phone(night: Night, chance: random.Random) -> None:
    night.keep("recipients", night.frame("recipients").assign(phone="19900009999"))


def _somebody(night: Night, chance: random.Random) -> str:
    return str(chance.choice(night.frame("claims")["person_id"].tolist()))


CHANGES: list[Change] = [
    _row_gone, _row_more, _row_of_another, _payment_returned, _claim_gone, _another_month, _two_are_one,
    _another_birthday, _another_phone,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_nights_judged_one_from_another_are_to_the_byte_those_of_everybody_judged_anew(
    city: Settings, seed: int
) -> None:
    chance, spared = random.Random(seed), 0
    for day in (NIGHT, NIGHT + DAY):
        after = next_night(city, day)
        for change in chance.sample(CHANGES, 5):
            change(after, chance)
        counts = step.judge(city, day + DAY)
        everybody = files(after.folder / "judged")
        shutil.rmtree(after.folder / "judged")
        left = standing.standing(city, Night.of(city, day), day + DAY)
        spared += left is not None and left.part("candidates").rows is not None
        assert again.judge(city, day + DAY) == (counts, None)
        assert files(after.folder / "judged") == everybody
    assert spared


def test_parts_of_those_judged_anew_leave_the_same_bytes(
    city: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    after, chance = next_night(city, NIGHT), random.Random(5)
    for _ in range(12):
        _row_gone(after, chance)
    step.judge(city, NIGHT + DAY)
    everybody = files(after.folder / "judged")
    left = standing.standing(city, Night.of(city, NIGHT), NIGHT + DAY)
    assert left is not None
    monkeypatch.setattr(step, "CLAIMS_AT_ONCE", 4)
    step.judge(city, NIGHT + DAY, left)
    assert files(after.folder / "judged") == everybody


def test_who_is_tied_to_somebody_of_whom_a_row_is_new_is_judged_anew_too(city: Settings) -> None:
    after = next_night(city, NIGHT)
    who = after.frame("identities")
    one, other = who.loc[[0, 9], "person_id"]
    who.loc[0, "identity"] = who.loc[9, "identity"]
    after.keep("identities", who)
    differing = changed.people(city, Night.of(city, NIGHT), after)
    assert differing == {one}
    assert {one, other} <= changed.with_tied(differing, Night.of(city, NIGHT), after)


def test_a_phone_that_no_rule_reads_makes_nobody_be_judged_anew(city: Settings) -> None:
    after = next_night(city, NIGHT)
    _another_phone(after, random.Random())
    assert changed.people(city, Night.of(city, NIGHT), after) == set()


def _a_rule_demoted(city: Settings) -> None:
    note = Night.of(city, NIGHT + DAY).folder / "run.json"
    note.write_text(json.dumps(json.loads(note.read_text("utf-8")) | {"demoted": {"DEATH/decisive": "不准"}}))


def _a_feed_out(city: Settings) -> None:
    Night.of(city, NIGHT + DAY).forget("linked/hires")


def _a_frame_of_the_night_before_touched(city: Settings) -> None:
    _row_gone(Night.of(city, NIGHT), random.Random(2))


def _a_judgement_touched(city: Settings) -> None:
    earlier = Night.of(city, NIGHT)
    earlier.keep("judged/notices", earlier.frame("judged/notices").iloc[1:])


@pytest.mark.parametrize(
    "change",
    [_a_rule_demoted, _a_feed_out, _a_frame_of_the_night_before_touched, _a_judgement_touched],
)
def test_nothing_stands_where_the_law_is_another_or_the_night_before_is_not_as_it_was_left(
    city: Settings, change: Callable[[Settings], None]
) -> None:
    after = next_night(city, NIGHT)
    _row_gone(after, random.Random(3))
    change(city)
    counts = step.judge(city, NIGHT + DAY)
    everybody = files(after.folder / "judged")
    assert again.judge(city, NIGHT + DAY) == (counts, None)
    assert files(after.folder / "judged") == everybody
