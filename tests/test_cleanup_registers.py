"""Made-up registers of many kinds: nobody is merged with a twin, a namesake, or the holder of his number."""

from itertools import combinations

import pandas as pd
import pytest

from benchmarks.register_task import Register, register
from matchers.cleanup import clusters

pytest.importorskip("pywubi")
pytest.importorskip("xpinyin")


def _outcomes(made: Register) -> pd.DataFrame:
    scored = clusters.pairs(made.persons, made.changes)
    return clusters.clusters(scored, made.persons, (), clusters.apart(scored, made.paid))


def _pairs(members: "pd.Series[str]") -> set[tuple[str, str]]:
    return {pair for one in members for pair in combinations(one.split("+"), 2)}


@pytest.mark.parametrize(("seed", "hard"), [(11, False), (12, True), (13, True), (14, True)])
def test_only_registrations_of_one_person_are_proposed_as_a_merge(seed: int, hard: bool) -> None:
    made = register(6_000, seed, hard=hard)
    entity = made.truth.set_index("person_no")["entity"]
    outcomes = _outcomes(made)
    merged = _pairs(outcomes.loc[outcomes["outcome"] == "merge", "members"])
    same = _pairs(made.truth.groupby("entity")["person_no"].agg(lambda own: "+".join(sorted(own))))
    assert {pair for pair in merged if entity[pair[0]] != entity[pair[1]]} == set()
    assert len(merged & same) > 0.6 * len(same)
    assert len(_pairs(outcomes["members"]) & same) > 0.93 * len(same)
