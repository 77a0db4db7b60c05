"""People are judged in parts, and nobody can tell from what is found how many there were."""

from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from matchers.parts import parts
from pipelines import night
from pipelines.base.frames import Night
from pipelines.judging import step
from tests.faults.town import SECOND, build_on_sqlite

TIES = st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 25))), min_size=1)


def _frame(ties: list[tuple[int, int | None]]) -> pd.DataFrame:
    rows = [(f"P{person:03d}", None if key is None else f"K{key}") for person, key in ties]
    return pd.DataFrame(rows, columns=["person_id", "key"], dtype=object)


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


def test_a_town_judged_in_parts_leaves_the_same_bytes_as_one_judged_whole(tmp_path: Path) -> None:
    settings = build_on_sqlite(tmp_path).settings
    for feed in ("contributions", "deaths", "hires", "pension_payees"):
        night.accept(settings, feed, SECOND)
    night.link(settings, SECOND)
    folder = Night.of(settings, SECOND).folder / "judged"
    step.judge(settings, SECOND)
    whole = {file.name: file.read_bytes() for file in folder.iterdir()}
    for claims_a_part in (5, 2):
        counts = step.judge(settings, SECOND, claims_a_part)
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == whole
        assert sum(counts.values()) == len(Night.of(settings, SECOND).frame("judged/candidates")) > 0
