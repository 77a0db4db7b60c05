"""身份问题 — the open questions of the account's districts, each with the two sides, masked, and opinions."""

import json
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
Q, R = identity_question.c, recipient.c
PERSON: Final = (R.name, R.id_number, R.sex, R.birth_date, R.phone, R.district)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``sides``: by field in words what the register has and what each of ``others`` has,
    masked: the row, or further registrations, of which ``elsewhere`` many lie in other districts.
    ``read``: whether the row is still in the store. ``reasons``: a sentence, and a picture where the model
    weighed the pair. ``place`` of the row is empty where the question is about registrations alone.
    """

    row: RowMapping
    kind: str
    place: str
    others: Sequence[str]
    sides: Sequence[tuple[str, str, Sequence[str]]]
    elsewhere: int
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
    connection: Connection,
    account: Account,
    rows: Sequence[RowMapping],
    arrived: Sequence[Delivery],
    store: Store,
) -> list[Question]:
    """The questions as the page shows them; ``arrived``: the deliveries that their rows stand in."""
    by_number = {delivery.delivery_id: delivery for delivery in arrived}
    given = identities.opinions(connection, [row["question_id"] for row in rows])
    registered = _registered(connection, account, [person for row in rows for person in _named(row)])
    questions = []
    for row in rows:
        own = row["feed"] == OWN
        delivered = None if own else _delivered(row, by_number, store)
        beside = [registered[n] for n in _named(row) if n in registered] if own else [delivered or {}]
        opinions = given.get(row["question_id"], ())
        questions.append(_question(row, beside, read=own or delivered is not None, opinions=opinions))
    return questions


def _wanted(account: Account) -> Any:
    c = claim.c
    joined = identity_question.join(claim, c.claim_id == Q.claim_id).join(
        recipient, R.person_id == Q.person_id
    )
    decided = exists().where(identity_decision.c.pair_id == Q.question_id)
    return (
        select(identity_question, *PERSON)
        .select_from(joined)
        .where(~decided, scope.condition(account, c.district))
    )


def _registered(
    connection: Connection, account: Account, people: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """By person_id the registrations of these people who have a claim within the account's bounds."""
    within = exists().where(claim.c.person_id == R.person_id, scope.condition(account, claim.c.district))
    wanted = select(R.person_id, *PERSON).where(R.person_id.in_(people), within)
    return {row["person_id"]: dict(row) for row in connection.execute(wanted).mappings()}


def _named(row: RowMapping) -> list[str]:
    """The other registrations that a question is about, by person_id."""
    return list(json.loads(row["explanation"]).get("others", ()))


def _question(
    row: RowMapping, beside: Sequence[Mapping[str, Any]], *, read: bool, opinions: Sequence[Opinion]
) -> Question:
    own = row["feed"] == OWN
    sides = [
        (word, _covered(field, row.get(field)), [_covered(field, other.get(field)) for other in beside])
        for field, word in FIELD_WORDS.items()
    ]
    return Question(
        row=row,
        kind=words.QUESTION.get(row["kind"], row["kind"]),
        place="" if own else words.place(row["feed"], row["file"], row["line"]),
        others=["另一份登记" if own else "数据中的一行"] * len(beside),
        sides=[side for side in sides if side[1] or any(side[2])],
        elsewhere=len(_named(row)) - len(beside) if own else 0,
        read=read,
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
