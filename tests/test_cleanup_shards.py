"""The months of a clean-up are held a piece at a time, and what is found does not depend on the pieces."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import sql
from pipelines.base.settings import Settings
from pipelines.cleanup import run as cleanup
from pipelines.cleanup import shards
from sql.tables import claim

pytestmark = pytest.mark.filterwarnings("error::FutureWarning")
AS_OF = date(2026, 10, 20)
PEOPLE = 24
CLAIM = {
    "claim_id": "C1", "person_id": "P1", "district": "999901", "registered_on": date(2012, 1, 5),
    "separated_on": date(2011, 12, 20), "start_month": "2012-01", "entitled_months": 6, "deemed_months": 0,
    "extended_to_retirement": False, "monthly_amount": 1710, "status": "exhausted",
}  # fmt: skip


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """So many people with two years each at two employers, two months of them at both; one has a claim."""
    batch = tmp_path / "history" / "2026-01-15-central"
    people = [f"P{n},居民身份证,,张{chr(0x4E00 + n)},2000-01-01" for n in range(PEOPLE)]
    paid = [f"P{n},D{d},210,{span},1" for n in range(PEOPLE) for d, span in
            ((1, "2010-01,2010-12"), (2, "2010-11,2011-12"))]  # fmt: skip
    for name, heading, lines in (
        ("registrations", "个人编号,证件类型,身份证号码,姓名,参保登记日期", people),
        ("contribution_history", "个人编号,单位编号,险种,起始年月,终止年月,缴费标志", paid),
    ):
        (batch / name).mkdir(parents=True)
        (batch / name / "all.csv").write_text("\n".join([heading, *lines, ""]), encoding="utf-8")
    engine = sql.connect(database_url)
    with engine.begin() as connection:
        connection.execute(claim.insert().values(**CLAIM))
    engine.dispose()
    return Settings(
        database_url=database_url, history=tmp_path / "history", inbox=tmp_path / "inbox",
        store=tmp_path / "store", policy="chongqing", threads=1,
    )  # fmt: skip


def _checked(settings: Settings) -> tuple[int, list[pd.DataFrame]]:
    run = cleanup.taken_up(settings, cleanup.begun(settings, AS_OF))
    of_shards = [cleanup.check(run, shard) for shard in range(run.plan.shards)]
    frames = [pd.concat(parts, ignore_index=True) for parts in zip(*of_shards, strict=True)]
    return len(list(run.work.folder.iterdir())), [
        frame.sort_values(list(frame.columns), ignore_index=True) for frame in frames
    ]


def test_a_shard_in_pieces_says_what_it_says_as_a_whole(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, whole = _checked(settings)
    assert files == 1
    assert Counter(whole[0]["check_code"]) == {"ID_UNUSABLE": PEOPLE, "MONTH_DOUBLE": PEOPLE}
    assert whole[1][["counted", "double"]].to_numpy().tolist() == [[24, 2]]
    monkeypatch.setattr(shards, "HELD", 5)
    apart = replace(settings, store=tmp_path / "apart")
    files, pieces = _checked(apart)
    assert files == 5
    for one, other in zip(whole, pieces, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_piece_of_many_months_is_held_in_parts_and_says_the_same(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = _checked(settings)
    monkeypatch.setattr(shards, "MONTHS", 60)  # each of them has 26
    run = cleanup.taken_up(apart := replace(settings, store=tmp_path / "apart"), cleanup.begun(apart, AS_OF))
    registered = run.work.source.persons["person_no"]
    held = [(len(some), set(spans["person_no"]) <= set(some), len(spans))
            for some, spans in shards.parts(run.work.folder, 0, registered)]  # fmt: skip
    assert all(own and persons <= 3 for persons, own, _ in held)
    assert sum(persons for persons, _, _ in held) == PEOPLE
    assert sum(rows for _, _, rows in held) == 2 * PEOPLE
    for one, other in zip(whole, _checked(apart)[1], strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_piece_holds_people_of_one_shard_and_few_of_them() -> None:
    persons = 3 * shards.SHARDS * shards.HELD
    pieces = shards.pieces(persons)
    numbers = pd.Series([f"P{n}" for n in range(5_000)])
    piece, shard = (shards.piece_of(numbers, n) for n in (pieces, shards.SHARDS))
    assert persons / pieces <= shards.HELD
    assert (piece % shards.SHARDS == shard).all()
