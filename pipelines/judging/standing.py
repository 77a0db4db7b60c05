"""所余研判 — what still holds of an earlier night's judgement, so that only the others are judged anew.

What is judged of somebody rests on nobody but on who is tied to them. So all together is to the byte what
judging everybody gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchers import notices
from matchers.judge import JUDGED, within_notice_period
from matchers.law import policy
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.judging import changed
from pipelines.judging.merged import BATCH, Part
from pipelines.judging.parts import ORDER

MOST = 0.5  # of the claims: where more are judged anew, judging all costs no more


@dataclass(frozen=True, slots=True)
class Standing:
    """What ``earlier`` left of a judgement but for ``gone``, claims and candidates; materials are ``due_on``
    another day. ``people`` are those to be judged anew.
    """

    earlier: Night
    gone: pa.Array
    due_on: date
    people: frozenset[str]

    def part(self, name: str) -> Part:
        """The rows of a frame that hold tonight too."""
        return Part(pq.read_schema(self.earlier.path(f"judged/{name}")), self._rows(name), ORDER[name])

    def shows_types(self, name: str) -> bool:
        """Whether each column of these rows by themselves would be stored as it is in the whole frame: that
        depends on whether some or all of it is missing.
        """
        whole = pq.ParquetFile(self.earlier.path(f"judged/{name}"))
        left, all_rows = _missing(self._rows(name)), _missing(whole.iter_batches(BATCH))
        return left is None or left == all_rows

    def _rows(self, name: str) -> Iterator[pa.RecordBatch]:
        for batch in pq.ParquetFile(self.earlier.path(f"judged/{name}")).iter_batches(BATCH):
            rows = batch.filter(pc.invert(pc.is_in(batch.column(ORDER[name]), self.gone)))
            if "due_on" in rows.schema.names:
                due = pa.array([self.due_on] * len(rows), pa.date32())
                rows = rows.set_column(rows.schema.get_field_index("due_on"), "due_on", due)
            yield rows


def standing(settings: Settings, earlier: Night, as_of: date) -> Standing | None:
    """What holds of the judgement of an earlier night, under the same law and in the same month; None where
    that is too little, or its columns do not show what those of all rows would be.
    """
    night, rules = Night.of(settings, as_of), policy(settings.policy)
    differing = changed.people(settings, earlier, night)
    if differing is None:
        return None
    candidates = earlier.frame("judged/candidates")
    within = within_notice_period(candidates, rules, as_of)
    differing |= set(candidates.loc[candidates["within_notice_period"] != within, "person_id"])
    people = changed.with_tied(differing, earlier, night)
    if len(night.frame("claims", ("person_id", people))) > MOST * night.rows("claims"):
        return None
    claims = set(earlier.frame("claims", ("person_id", people))["claim_id"])
    numbers = set(candidates.loc[candidates["claim_id"].isin(claims), "candidate_id"])
    gone = pa.array(sorted(claims | numbers), pa.string())
    left = Standing(earlier, gone, notices.due_on(rules, as_of), people)
    return left if all(map(left.shows_types, JUDGED)) else None


def _missing(batches: Iterator[pa.RecordBatch]) -> list[tuple[bool, bool]] | None:
    """Of each column whether some and whether not all of it is missing; None where there is no row."""
    counted = [(len(rows), [column.null_count for column in rows.columns]) for rows in batches if len(rows)]
    if not counted:
        return None
    total = sum(rows for rows, _ in counted)
    return [(n > 0, n < total) for n in np.sum([nulls for _, nulls in counted], axis=0)]
