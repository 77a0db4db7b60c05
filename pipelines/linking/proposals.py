"""推测匹配 — what the model proposes stands among the linked rows; what nobody has decided yet is asked."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from matchers.schemas import Questions
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.linking import residue, rows
from pipelines.linking.step import ByNumber, together


def propose(
    settings: Settings, as_of: date, by_number: ByNumber, decisions: Mapping[str, str]
) -> residue.Proposed:
    """The proposed links, all open questions of the night, and why nothing is proposed, if so.

    Keeps ``probable_links`` and ``questions``, and puts the links into ``linked/<feed>``.
    """
    night = Night.of(settings, as_of)
    proposed = residue.propose(settings, as_of, by_number.shares, by_number.names, decisions)
    _add(night, proposed)
    questions = _undecided(together([by_number.questions, proposed.questions]), decisions)
    night.keep("questions", questions)
    return residue.Proposed(proposed.links, questions, proposed.drift)


def _add(night: Night, proposed: residue.Proposed) -> None:
    """Proposed links stand among the linked rows of their feed, and by themselves with their reasons."""
    night.keep("probable_links", proposed.links)
    for feed, links in proposed.links.groupby("feed"):
        added = residue.linked_rows(rows.residue(night, str(feed)), links)
        both = (night.table(f"linked/{feed}"), pa.Table.from_pandas(added, preserve_index=False))
        rows.keep_linked(night, str(feed), both)


def _undecided(questions: Questions, decisions: Mapping[str, str]) -> Questions:
    undecided = questions[~questions["question_id"].isin(tuple(decisions))]
    return undecided.astype({"probability": "float64"})
