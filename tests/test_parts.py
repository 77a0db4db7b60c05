"""People are judged in parts, and nobody can tell from what is found how many there were."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.parts import parts
from pipelines import night
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.workers import Alone
from pipelines.judging import step
from tests.faults.town import SECOND, build_on_sqlite

TIES = st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 25))), min_size=1)


def _frame(ties: list[tuple[int, int | None]]) -> pd.DataFrame:
    rows = [(f"P{person:03d}", None if key is None else f"K{key}") for person, key in ties]
    return pd.DataFrame(rows, columns=["person_id", "key"], dtype=object)


@settings(deadline=None)
@given(ties=TIES, many=st.integers(1, 9), seed=st.integers(0, 99))
def test_who_is_tied_together_is_in_one_part_whatever_the_order_of_the_rows(
    ties: list[tuple[int, int | None]], many: int, seed: int
) -> None:
    frame = _frame(ties)
    part = parts(frame, many)
    assert part.index.is_unique
    assert set(part.index) == set(frame["person_id"])
    assert part.between(0, many - 1).all()
    in_parts = frame.dropna().assign(part=lambda rows: rows["person_id"].map(part))
    assert (in_parts.groupby("key")["part"].nunique() <= 1).all()
    shuffled = parts(frame.sample(frac=1, random_state=seed), many)
    assert shuffled.to_dict() == part.to_dict()


def test_strangers_are_spread_over_the_parts_about_evenly() -> None:
    many = parts(_frame([(person, None) for person in range(900)]), 3).value_counts()
    assert many.between(240, 360).all()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, bytes]]:
    """A town whose night is judged whole, and the files of that judgement."""
    settings = build_on_sqlite(tmp_path_factory.mktemp("town")).settings
    for feed in ("contributions", "deaths", "hires", "pension_payees"):
        night.accept(settings, feed, SECOND)
    night.link(settings, SECOND)
    step.judge(settings, SECOND)
    return settings, judged(settings)


def judged(settings: Settings) -> dict[str, bytes]:
    folder = Night.of(settings, SECOND).folder / "judged"
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("claims_at_once", [5, 2])
def test_a_town_judged_in_parts_leaves_the_same_bytes_as_one_judged_whole(
    town: tuple[Settings, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch, claims_at_once: int
) -> None:
    settings, whole = town
    monkeypatch.setattr(step, "CLAIMS_AT_ONCE", claims_at_once)
    counts = step.judge(settings, SECOND)
    assert judged(settings) == whole
    assert sum(counts.values()) == len(Night.of(settings, SECOND).frame("judged/candidates")) > 0
    assert list((settings.store / "scratch").iterdir()) == []


class Twice(Alone):
    """Every part is judged twice, as where an executor is given up and lives on; they are many workers."""

    shares = 3

    def run(self, function, items, initializer=None):  # type: ignore[no-untyped-def]
        return [[function(item), function(item)][-1] for item in items]


def test_a_part_that_is_judged_twice_counts_once(
    town: tuple[Settings, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, whole = town
    monkeypatch.setattr(step, "CLAIMS_AT_ONCE", 5)
    monkeypatch.setattr(step, "in_memory", lambda settings: lambda rows: Twice())
    step.judge(settings, SECOND)
    assert judged(settings) == whole


def test_where_no_candidate_is_owed_for_the_types_are_the_same_in_parts_and_whole(
    town: tuple[Settings, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = town
    name = Night.of(settings, SECOND).path("payments")
    everything = name.read_bytes()
    try:
        pq.write_table(pq.read_table(name).slice(0, 0), name)
        step.judge(settings, SECOND)
        whole = judged(settings)
        monkeypatch.setattr(step, "CLAIMS_AT_ONCE", 5)
        step.judge(settings, SECOND)
        assert judged(settings) == whole
    finally:
        name.write_bytes(everything)


def test_rows_that_are_no_evidence_come_to_the_write_back_in_pieces_and_are_all_there(
    town: tuple[Settings, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = town
    monkeypatch.setattr(step, "AT_ONCE", 4)
    step.judge(settings, SECOND)
    rows = pd.DataFrame({"claim_id": [f"C{n}" for n in range(10)], "line": range(10)})
    Night.of(settings, SECOND).keep("judged/excluded", rows)
    judgement, who = step.kept(settings, SECOND)
    assert judgement.excluded.empty
    assert who.excluded is not None
    pieces = list(who.excluded)
    assert [len(piece) for piece in pieces] == [4, 4, 2]
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), rows)
