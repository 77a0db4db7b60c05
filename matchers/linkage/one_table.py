"""单表关联 — which registrations of one table are one person: the classes of linkage, never a row with
itself.

Every registration stands on both sides; a pair is scored in both directions, because a damaged number reads
otherwise against a sound one than the reverse. Other candidates of a row do not compete: three registrations
of one person are three pairs, all of them true.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.linkage.entries import comparable
from matchers.linkage.field_levels import PhoneLevel
from matchers.linkage.fields import FIELDS
from matchers.linkage.index import Candidates
from matchers.linkage.learning import FeedRows, learn
from matchers.linkage.linking import Linkage, Scored
from matchers.linkage.number_levels import HIDES_SERIAL, HOLDS_SERIAL
from matchers.linkage.parameters import FeedModel
from matchers.linkage.posterior import COLUMN, LevelsOf, guards
from matchers.linkage.relatives import resemblance
from matchers.links import PLACE
from matchers.people.names import NameLevel
from matchers.schemas import ComparedRows, FormerNames, Joined, RegisteredPersons, ScoredPairs

TABLE = "registrations"
PAIR = ["a", "b", "probability", "held"]
BEYOND_NUMBER = ("name", "phone", "employer")
OWN = ("bank_account", "card_no")
# What a clerk makes of one name; another character may be a brother's who borrows the number.
ONE_NAME = [*range(NameLevel.SIMILAR_SHAPE + 1), NameLevel.SWAPPED]


class OneTable(Linkage):
    """Registrations against themselves; rows name their own registration by ``line``, its position from 1."""

    def candidates(self, rows: ComparedRows) -> Iterator[Candidates]:
        """The pairs worth comparing, less each registration with itself."""
        own = rows["line"].to_numpy(np.int64) - 1
        numbers = pd.Index(self.entries["person_id"][: self.size])
        position = numbers.get_indexer(self.entries["person_id"])
        for pairs in super().candidates(rows):
            other = position[pairs.recipient] != own[pairs.row]
            yield Candidates(pairs.recipient[other], pairs.row[other], pairs.keys[other])


class SelfJoin:
    """The model of one register and what it says of pairs.

    ``persons``: person_no, id_number, id_key (where the number is usable), id_class, name_key, sex,
    birth_date, phone, district, bank_account, card_no. ``former``: person_no, name_key of former names.
    """

    def __init__(self, persons: RegisteredPersons, former: FormerNames) -> None:
        self._persons = persons.reset_index(drop=True)
        self._numbers = pd.Index(self._persons["person_no"])
        named = self._persons.rename(columns={"person_no": "person_id"})
        self._table = OneTable(named, former.rename(columns={"person_no": "person_id"}))
        lines = np.arange(1, len(named) + 1)
        self._rows = self._persons.assign(delivery_id=TABLE, file=TABLE, line=lines)
        self._model = self._learnt()

    def pairs(self, least: float) -> ScoredPairs:
        """``PAIR`` of every pair at ``least`` or above: a < b, and whether a guard rail holds it.

        A pair that is above in both directions has the better of them.
        """
        rows = comparable(self._rows)
        chunks = (
            [self._of(chunk, least) for chunk in self._table.scored(rows, self._model)] if len(rows) else []
        )
        rows = pd.concat(chunks, ignore_index=True) if chunks else pd.DataFrame(columns=PAIR)
        rows = rows.sort_values(["a", "b", "held", "probability"], ascending=[True, True, True, False])
        return rows.drop_duplicates(["a", "b"]).reset_index(drop=True)

    def same_number(self, pairs: Joined) -> npt.NDArray[np.float64]:
        """The probability of pairs a, b with equal keys that they are one: by name, telephone and employer
        alone.

        Number, birth date and sex say nothing here, and two names that differ in more than sound, shape or
        order of their characters are never more than a question.
        """
        a, b = (self._numbers.get_indexer(pairs[end]) for end in ("a", "b"))
        levels = self._table.levels(comparable(self._rows), a, b)
        bits = self._model.classifier(self._table.size).bits(np.column_stack([levels[f] for f in FIELDS]))
        beyond = bits[:, [COLUMN[field] for field in BEYOND_NUMBER]].sum(axis=1)
        equal = levels["name"] <= NameLevel.FORMER
        prior = np.log2((equal.sum() + 1) / ((~equal).sum() + 1))
        probability = 1 / (1 + np.exp2(-np.clip(prior + beyond, -500, 500)))
        return np.asarray(
            np.where(np.isin(levels["name"], ONE_NAME), probability, np.minimum(probability, 0.5)), np.float64
        )

    def _of(self, chunk: Scored, least: float) -> ScoredPairs:
        share = self._model.share
        odds = np.exp2(np.clip(chunk.bits.sum(axis=1), -500, 500)) * share / max(self._table.size, 1)
        posterior = odds / (odds * (1 + resemblance(chunk.levels, self._model)) + 1 - share)
        at = np.flatnonzero(posterior >= least)
        levels = {field: level[at] for field, level in chunk.levels.items()}
        held = np.column_stack(list(guards(levels, chunk.corroboration[at]).values())).any(axis=1)
        left = self._table.entries["person_id"].to_numpy(object)[chunk.candidates.recipient[at]]
        right = self._persons["person_no"].to_numpy(object)[chunk.candidates.row[at]]
        held |= self._alike_alone(levels, left, right)
        swap = left > right
        return pd.DataFrame(
            {
                "a": np.where(swap, right, left),
                "b": np.where(swap, left, right),
                "probability": posterior[at],
                "held": held,
            }
        )

    def _alike_alone(
        self, levels: LevelsOf, left: npt.NDArray[np.object_], right: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """Which pairs have no number to compare, and neither telephone, account nor card in common.

        A namesake born on the same day in the same district is as near as the person himself.
        """
        i, j = self._numbers.get_indexer(left), self._numbers.get_indexer(right)
        same = levels["phone"] == PhoneLevel.EQUAL
        for column in OWN:
            own = self._persons[column]
            one, other = own.iloc[i].to_numpy(object), own.iloc[j].to_numpy(object)
            same |= (one == other) & own.notna().to_numpy()[i]
        silent = ~np.isin(levels["id_number"], list(HOLDS_SERIAL | HIDES_SERIAL))
        return np.asarray(silent & ~same)

    def _learnt(self) -> FeedModel:
        """Parameters from the registrations that share a sound number and a name."""
        usable = self._persons["id_key"].notna()
        numbered = self._rows[usable]
        several = numbered[numbered["id_key"].duplicated(keep=False)]
        first = several.groupby(["id_key", "name_key"])["person_no"].transform("first")
        linked = several[first != several["person_no"]].assign(person_id=first)
        seen = FeedRows(
            linked[[*PLACE, *linked.columns.difference(PLACE)]],
            self._rows[~usable],
            int(usable.sum()),
            len(several),
        )
        return learn(self._table, {TABLE: seen}).feed(TABLE)
