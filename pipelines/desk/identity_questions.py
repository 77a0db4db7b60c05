"""身份问题 — the open questions of the account's districts, each with the two sides, masked, and opinions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow.parquet as pq
from sqlalchemy import Connection, RowMapping, exists, select

from matchers.linkage.picture import FIELD_WORDS
from pipelines.base.store import Store
from pipelines.decisions import identities
from pipelines.decisions.identities import Opinion
from pipelines.deliveries import Delivery
from pipelines.desk import scope
from pipelines.desk.accounts import Account
from pipelines.reports import words
from pipelines.reports.page.lists import explained
from sql.tables import claim, identity_decision, identity_question, recipient

AT_ONCE: Final = 20
OWN: Final = "recipient"
Q = identity_question.c


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``sides``: by field in words what the register has and what the row has, masked;
    ``read``: whether the row is still in the store. ``reasons``: a sentence, and a picture where the model
    weighed the pair. ``place`` of the row is empty where the question is about registrations alone.
    """

    row: RowMapping
    kind: str
    place: str
    sides: Sequence[tuple[str, str, str]]
    read: bool
    reasons: Mapping[str, Any]
    opinions: Sequence[Opinion]


def asked(connection: Connection, account: Account, after: str) -> Sequence[RowMapping]:
    """Some open questions behind the one of that number, in their order, each with its recipient."""
    wanted = _wanted(account).where(Q.question_id > after).order_by(Q.question_id).limit(AT_ONCE)
    return connection.execute(wanted).mappings().all()


def is_asked(connection: Connection, account: Account, question_id: str) -> bool:
    """Whether there is such an open question within the account's bounds."""
    return connection.execute(_wanted(account).where(Q.question_id == question_id)).first() is not None


def shown(
    connection: Connection, rows: Sequence[RowMapping], arrived: Sequence[Delivery], store: Store
) -> list[Question]:
    """The questions as the page shows them; ``arrived``: the deliveries that their rows stand in."""
    by_number = {delivery.delivery_id: delivery for delivery in arrived}
    given = identities.opinions(connection, [row["question_id"] for row in rows])
    return [
        _question(row, _delivered(row, by_number, store), given.get(row["question_id"], ())) for row in rows
    ]


def _wanted(account: Account) -> Any:
    r, c = recipient.c, claim.c
    joined = identity_question.join(claim, c.claim_id == Q.claim_id).join(
        recipient, r.person_id == Q.person_id
    )
    decided = exists().where(identity_decision.c.pair_id == Q.question_id)
    person = (r.name, r.id_number, r.sex, r.birth_date, r.phone, r.district)
    return (
        select(identity_question, *person)
        .select_from(joined)
        .where(~decided, scope.condition(account, c.district))
    )


def _question(row: RowMapping, delivered: Mapping[str, Any] | None, opinions: Sequence[Opinion]) -> Question:
    other = delivered or {}
    sides = [
        (word, _covered(field, row.get(field)), _covered(field, other.get(field)))
        for field, word in FIELD_WORDS.items()
    ]
    return Question(
        row=row,
        kind=words.QUESTION.get(row["kind"], row["kind"]),
        place="" if row["feed"] == OWN else words.place(row["feed"], row["file"], row["line"]),
        sides=[side for side in sides if side[1] or side[2]],
        read=delivered is not None,
        reasons=explained(row["explanation"]),
        opinions=opinions,
    )


def _delivered(row: RowMapping, arrived: Mapping[str, Delivery], store: Store) -> Mapping[str, Any] | None:
    """The row that the question is about; None where its extract is not kept any more, or it has none."""
    delivery = arrived.get(row["delivery_id"])
    for part in delivery.landed_files(store, "extract") if delivery else ():
        at = [("file", "==", row["file"]), ("line", "==", row["line"])]
        if rows := pq.read_table(part, filters=at).to_pylist():
            return dict(rows[0])
    return None


def _covered(field: str, value: object) -> str:
    text = "" if value is None else str(value)
    if not text:
        return ""
    if field == "sex":
        return words.meaning(field, text)
    if field == "district":
        return words.district(text)
    return words.covered(field, text) if field in words.PERSONAL else words.without_numbers(text)
