"""读取一件疑点 — the rows behind one candidate as they stand in the tables, nothing covered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, select

from pipelines.base.errors import UsageError
from sql import tables as t

Row = Mapping[str, Any]
PLACE = ("feed", "delivery_id", "file", "line")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by table, in the order of their keys; ``reviews`` with the columns of their detail, oldest first.

    ``recipient``: None where the agency has no such person. ``links``: proposed links of the person with rows
    that the evidence rests on. ``claims`` and ``siblings``: the person's claims and other candidates.
    """

    candidate: Row
    recipient: Row | None
    evidence: Sequence[Row]
    links: Sequence[Row]
    overpayments: Sequence[Row]
    preventable: Sequence[Row]
    excluded: Sequence[Row]
    claims: Sequence[Row]
    siblings: Sequence[Row]
    reviews: Sequence[Row]


def rows(connection: Connection, candidate_id: str) -> Rows:
    """What is stored of the candidate; ``UsageError`` where there is none of that number."""
    candidate = _one(connection, t.suspension_candidate, "candidate_id", candidate_id)
    if candidate is None:
        raise UsageError(f"没有疑点 {candidate_id}；编号见疑点清单，或运行 crossmatch report")
    person_id = candidate["person_id"]
    return Rows(
        candidate=candidate,
        recipient=_one(connection, t.recipient, "person_id", person_id),
        evidence=_of(connection, t.evidence, "candidate_id", candidate_id),
        links=_links(connection, candidate_id, person_id),
        overpayments=_of(connection, t.overpayment, "candidate_id", candidate_id),
        preventable=_of(connection, t.preventable, "candidate_id", candidate_id),
        excluded=_of(connection, t.excluded_match, "claim_id", candidate["claim_id"]),
        claims=_of(connection, t.claim, "person_id", person_id),
        siblings=[
            row
            for row in _of(connection, t.suspension_candidate, "person_id", person_id)
            if row["candidate_id"] != candidate_id
        ],
        reviews=_reviews(connection, candidate_id),
    )


def history(connection: Connection, candidate_id: str) -> list[Row]:
    """The audit's events about the candidate, oldest first: seq, at, actor, action, detail (JSON)."""
    c = t.audit_event.c
    wanted = select(c.seq, c.at, c.actor, c.action, c.detail).where(c.subject == candidate_id)
    return _rows(connection, wanted.order_by(c.seq))


def _links(connection: Connection, candidate_id: str, person_id: str) -> list[Row]:
    link, fact = t.probable_link, t.evidence
    same_row = and_(*(link.c[name] == fact.c[name] for name in PLACE))
    wanted = select(link).join(fact, same_row).distinct()
    wanted = wanted.where(fact.c.candidate_id == candidate_id, link.c.person_id == person_id)
    return _rows(connection, wanted.order_by(*link.primary_key))


def _reviews(connection: Connection, candidate_id: str) -> list[Row]:
    review, detail = t.review, t.review_detail
    further = [column for column in detail.c if column.name != "review_id"]
    joined = review.outerjoin(detail, detail.c.review_id == review.c.review_id)
    wanted = select(review, *further).select_from(joined).where(review.c.candidate_id == candidate_id)
    return _rows(connection, wanted.order_by(review.c.decided_at, review.c.review_id))


def _of(connection: Connection, table: Table, column: str, value: str) -> list[Row]:
    return _rows(connection, select(table).where(table.c[column] == value).order_by(*table.primary_key))


def _one(connection: Connection, table: Table, column: str, value: str) -> Row | None:
    return next(iter(_of(connection, table, column, value)), None)


def _rows(connection: Connection, wanted: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(wanted).mappings()]
