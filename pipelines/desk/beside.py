"""随案 — what the desk keeps beside a case: who works on it, until when, its attachments and notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from pipelines.decisions import deadlines
from pipelines.desk import assigning, attachments, notices


@dataclass(frozen=True, slots=True)
class Beside:
    """``assigned``: the name of who works on it, or empty; ``reply_by``: until when, where that was asked."""

    assigned: str
    reply_by: date | None
    attachments: Sequence[Row[Any]]
    notices: Sequence[Row[Any]]


def of(connection: Connection, candidate_id: str) -> Beside:
    """What is kept beside this candidate."""
    return Beside(
        assigned=assigning.of(connection, [candidate_id]).get(candidate_id, ""),
        reply_by=deadlines.of(connection, [candidate_id]).get(candidate_id),
        attachments=attachments.of(connection, candidate_id),
        notices=notices.of(connection, candidate_id),
    )
