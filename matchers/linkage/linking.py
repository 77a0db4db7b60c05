"""链接 — the residue of one feed against the recipients: links, questions, and what was left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.linkage.compare import paired
from matchers.linkage.encoding import Mask
from matchers.linkage.entries import comparable, entries
from matchers.linkage.explain import Pairs, explained
from matchers.linkage.fields import FIELDS, comparison
from matchers.linkage.index import Blocks, Candidates, Oversized
from matchers.linkage.number_levels import REPAIRABLE
from matchers.linkage.parameters import FeedModel, Model
from matchers.linkage.posterior import COLUMN, LevelsOf, compete, corroborated, count_once, guards, score
from matchers.linkage.terms import Rarity, Terms
from matchers.links import PLACE
from matchers.people.names import NameLevel
from matchers.people.resident_id import USABLE
from matchers.schemas import AnyRows, ComparedRows, LinkedPairs, PersonNames, PossiblePairs, Residue

LINK, REVIEW = 0.99, 0.5
LINK_COLUMNS = [*PLACE, "person_id", "tier", "probability", "explanation"]
QUESTION_COLUMNS = [*PLACE, "person_id", "kind", "probability", "explanation"]


@dataclass(frozen=True, slots=True)
class Links:
    """What linking one feed gives.

    ``links``: ``PLACE``, person_id, tier (``repaired`` or ``probable``), probability, explanation (JSON).
    ``questions``: the same with kind ``possible_match`` for the tier. A row is in one of them at most.
    ``pairs`` were compared; ``oversized`` counts rows on keys that too many recipients share.
    """

    links: LinkedPairs
    questions: PossiblePairs
    pairs: int
    oversized: Oversized


@dataclass(frozen=True, slots=True)
class Scored:
    """Compared pairs of one chunk: positions, levels and bits by field, posterior.

    ``bits`` count once what the number says already. ``without_number``: the bits of all other fields,
    each in full. ``rivals``: bits lost to the row's other candidates and to relatives. ``corroboration``:
    whether more agrees than name and birth date.
    """

    candidates: Candidates
    levels: LevelsOf
    bits: npt.NDArray[np.float64]
    without_number: npt.NDArray[np.float64]
    posterior: npt.NDArray[np.float64]
    rivals: npt.NDArray[np.float64]
    corroboration: Mask


class Linkage:
    """Recipients made ready once for the residues of several feeds."""

    def __init__(self, recipients: pd.DataFrame, former: pd.DataFrame | None = None):
        self.entries = entries(recipients, former)
        self.compare = comparison()
        self.size = len(recipients)
        self._blocks = Blocks(self.compare)
        self._rarity: Rarity | None = None

    def encoded(self, frame: AnyRows, side: Any) -> dict[str, Any]:
        """The encodings of all fields of one side."""
        return {field: self.compare.encoded(n, frame, side) for n, field in enumerate(FIELDS)}

    def levels(self, rows: ComparedRows, entry: Any, row: Any) -> LevelsOf:
        """Levels by field of the pairs at the given positions; an equal former name is ``FORMER``."""
        compared = self.compare.compute(paired(self.entries, rows, entry, row), self.entries, rows)
        levels = {field: compared[field].to_numpy() for field in FIELDS}
        former = self.entries["former"].to_numpy(bool)[entry]
        if former.any():
            name = levels["name"].copy()
            name[former] = np.where(name[former] == NameLevel.EQUAL, NameLevel.FORMER, NameLevel.DIFFERENT)
            levels["name"] = name
        return levels

    def candidates(self, rows: ComparedRows) -> Iterator[Candidates]:
        """The pairs worth comparing, chunk after chunk."""
        yield from self._blocks.candidates(self.entries, rows)

    def terms(self, rows: Residue) -> Terms:
        """How common values are among the recipients and a feed's whole residue: what its blocks go by."""
        return self._terms(_compared(rows))

    def _terms(self, rows: ComparedRows) -> Terms:
        recipients = self.encoded(self.entries, "left")
        if self._rarity is None:
            self._rarity = Rarity.of(recipients)
        return Terms.of(self._rarity, recipients, self.encoded(rows, "right"))

    def scored(self, rows: ComparedRows, feed: FeedModel, terms: Terms | None = None) -> Iterator[Scored]:
        """The candidate pairs of comparable rows, chunk after chunk, one entry for each row and person.

        ``terms``: of the whole feed, where ``rows`` are a block of it.
        """
        terms = terms or self._terms(rows)
        for candidates in self.candidates(rows):
            levels = self.levels(rows, candidates.recipient, candidates.row)
            bits = score(levels, candidates.recipient, feed, terms, self.size)
            if len(self.entries) > self.size:
                best = self._best_entry(candidates, bits)
                candidates = Candidates(
                    candidates.recipient[best], candidates.row[best], candidates.keys[best]
                )
                levels = {field: level[best] for field, level in levels.items()}
                bits = bits[best]
            without_number = bits.sum(axis=1) - bits[:, COLUMN["id_number"]]
            count_once(levels, bits)
            rivalry = compete(candidates.row, levels, bits, feed, self.size)
            corroboration = corroborated(levels, candidates.recipient, bits, terms)
            yield Scored(candidates, levels, bits, without_number, *rivalry, corroboration)

    def _best_entry(self, candidates: Candidates, bits: Any) -> Any:
        """Positions of the best entry of each row and person, sorted by row."""
        person = pd.factorize(self.entries["person_id"])[0][candidates.recipient]
        order = np.lexsort((-bits.sum(axis=1), person, candidates.row))
        pair = np.column_stack([candidates.row[order], person[order]])
        first = np.ones(len(order), bool)
        first[1:] = (pair[1:] != pair[:-1]).any(axis=1)
        return order[first]

    def link(
        self,
        rows: Residue,
        model: Model,
        feed: str,
        *,
        link: float = LINK,
        review: float = REVIEW,
        terms: Terms | None = None,
    ) -> Links:
        """Links at ``link`` and above unless a guard rail holds them; questions from ``review``.

        ``rows``: the feed's residue, ``PLACE`` and the columns of ``ROW``. Rows with a usable number are
        somebody else and are left out. ``terms``: of the whole residue, where ``rows`` are a block of it;
        the blocks in their order then give what the whole gives.
        """
        compared = _compared(rows)
        parameters = model.feed(feed)
        chosen, pairs = [], 0
        for chunk in self.scored(compared, parameters, terms):
            pairs += len(chunk.posterior)
            chosen.append(self._chosen(chunk, compared, parameters, model.version, link, review))
        best = pd.concat(chosen, ignore_index=True) if chosen else _nothing()
        is_link = best["tier"] != ""
        questions = best[~is_link].assign(kind="possible_match")
        return Links(
            best.loc[is_link, LINK_COLUMNS].reset_index(drop=True),
            questions[QUESTION_COLUMNS].reset_index(drop=True),
            pairs,
            self._blocks.oversized,
        )

    def _chosen(
        self,
        chunk: Scored,
        rows: pd.DataFrame,
        feed: FeedModel,
        version: str,
        link: float,
        review: float,
    ) -> pd.DataFrame:
        """The best candidate of each row from ``review`` on; tier is empty where it must be asked."""
        row, posterior = chunk.candidates.row, chunk.posterior
        start = np.flatnonzero(np.diff(row, prepend=-1))
        worth = np.maximum.reduceat(posterior, start) >= review if len(start) else np.empty(0, bool)
        if not worth.any():
            return _nothing()
        open_pairs = np.flatnonzero(np.repeat(worth, np.diff(np.append(start, len(row)))))
        order = open_pairs[np.lexsort((-posterior[open_pairs], row[open_pairs]))]
        first = np.flatnonzero(np.diff(row[order], prepend=-1))
        best, runner = order[first], order[np.minimum(first + 1, len(order) - 1)]
        has_runner = (row[runner] == row[best]) & (runner != best)
        levels = {field: level[best] for field, level in chunk.levels.items()}
        held = guards(levels, chunk.corroboration[best])
        people = self.entries["person_id"]
        pairs = Pairs(
            recipients=self.entries.iloc[chunk.candidates.recipient[best]],
            rows=rows.iloc[row[best]],
            levels=levels,
            bits=chunk.bits[best],
            posterior=posterior[best],
            rivals=chunk.rivals[best],
            keys=chunk.candidates.keys[best],
            held_by=np.column_stack(list(held.values())),
            runner_up=people.iloc[chunk.candidates.recipient[runner]].to_numpy(object),
            has_runner_up=has_runner,
            runner_up_posterior=posterior[runner],
        )
        free = (posterior[best] >= link) & ~pairs.held_by.any(axis=1)
        repaired = np.isin(levels["id_number"], list(REPAIRABLE))
        prior = float(np.log2(feed.share / max(self.size, 1) / (1 - feed.share)))
        chosen: pd.DataFrame = pairs.rows[PLACE].assign(
            person_id=pairs.recipients["person_id"].to_numpy(),
            tier=np.where(free, np.where(repaired, "repaired", "probable"), ""),
            probability=pairs.posterior,
            explanation=explained(pairs, prior, version),
        )
        return chosen


def _compared(rows: Residue) -> ComparedRows:
    return comparable(rows[~rows["id_class"].isin(USABLE)] if "id_class" in rows else rows)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in [*LINK_COLUMNS, "kind"]})


def link(
    rows: Residue,
    recipients: PersonNames,
    model: Model,
    *,
    feed: str = "",
    former: PersonNames | None = None,
    link: float = LINK,
    review: float = REVIEW,
) -> Links:
    """The links and questions of one feed's residue: ``Linkage.link`` for a single feed."""
    return Linkage(recipients, former).link(rows, model, feed, link=link, review=review)
