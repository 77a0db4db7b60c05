"""A residue linked block by block gives what the whole gives, to the last bit."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matchers.linkage import FeedRows, Model, learn
from pipelines.base.workers import Alone, Answer, Item
from pipelines.linking import blocks
from tests.test_linkage import DAMAGE, _as_rows, _people

FEED = "contributions"


class Several(Alone):
    """The caller works on every item, and says that there are others."""

    shares = 4

    def run(
        self,
        function: Callable[[Item], Answer],
        items: Iterable[Item],
        initializer: Callable[[], Any] | None = None,
    ) -> list[Answer]:
        self.items = list(items)
        return super().run(function, self.items)


@pytest.fixture(scope="module")
def people() -> blocks.People:
    recipients = _people(600, seed=5)
    former = recipients[["person_id", "name_key"]].iloc[:40].assign(name_key="王旧名")
    return blocks.People(recipients, former)


@pytest.fixture(scope="module")
def residue(people: blocks.People) -> pd.DataFrame:
    everyone = pd.concat([people.recipients.iloc[300:500], _people(200, seed=9)], ignore_index=True)
    damages = list(DAMAGE.values())
    rows = _as_rows(everyone)
    damaged = [damages[n % len(damages)](number) for n, number in enumerate(rows["id_number"])]
    return rows.assign(id_number=damaged, id_class="checksum")


@pytest.fixture(scope="module")
def model(people: blocks.People) -> Model:
    linked = _as_rows(people.recipients.iloc[:300])
    return learn(people.linkage(), {FEED: FeedRows(linked, linked.iloc[:0], usable=3000, hits=300)})


@pytest.mark.parametrize("size", [17, 150, 1000])
def test_blocks_of_any_size_give_the_links_and_questions_of_the_whole(
    people: blocks.People,
    residue: pd.DataFrame,
    model: Model,
    size: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    residues = {FEED: residue, "deaths": residue.iloc[:0], "hires": residue.iloc[100:]}
    whole = blocks.linked(Alone(), tmp_path, people, people.linkage(), residues, model)
    assert not any(tmp_path.iterdir())
    monkeypatch.setattr(blocks, "ROWS", size)
    monkeypatch.setattr(blocks, "FEW", 0)
    workers = Several()
    done = blocks.linked(workers, tmp_path, people, people.linkage(), residues, model)
    assert len(workers.items) == 1 + sum(-(-rows // size) for rows in (400, 300))
    assert len(whole[FEED].links) > 150
    for feed, expected in whole.items():
        pd.testing.assert_frame_equal(done[feed].links, expected.links, check_exact=True)
        pd.testing.assert_frame_equal(done[feed].questions, expected.questions, check_exact=True)
        assert (done[feed].pairs, done[feed].oversized) == (expected.pairs, expected.oversized)


def test_by_itself_a_block_would_take_its_values_for_rarer_or_commoner_than_they_are(
    people: blocks.People, residue: pd.DataFrame, model: Model
) -> None:
    linkage = people.linkage()
    whole = linkage.link(residue, model, FEED).links
    block = residue.iloc[:100]
    by_itself = linkage.link(block, model, FEED).links
    of_the_whole = linkage.link(block, model, FEED, terms=linkage.terms(residue)).links
    assert of_the_whole["probability"].tolist() == whole["probability"].head(len(of_the_whole)).tolist()
    assert by_itself["probability"].tolist() != of_the_whole["probability"].tolist()


def test_few_rows_are_linked_by_the_caller(
    people: blocks.People, residue: pd.DataFrame, model: Model, tmp_path: Path
) -> None:
    workers = Several()
    done = blocks.linked(workers, tmp_path, people, people.linkage(), {FEED: residue}, model)
    assert len(done[FEED].links) > 150
    assert not hasattr(workers, "items")
