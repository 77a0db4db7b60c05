"""疑点汇总 — how many candidates there are and how much money hangs on them, by district.

``counted`` adds up the tables; ``candidate_tally`` holds the same sums, so that a page need not. A run writes
them in its transaction (``write``); a decision moves those of its claim (``kept``), a first look at a case
(``looked``) and a day of answer (``dated``) those of its district. Each holds the audit's turn, so that no
two move a sum at once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from matchers.findings import LEAD, TIERS
from matchers.lifecycle import ACTIVE, PROVEN, UNANSWERED, Status
from pipelines.database import audit, upheld
from sql.desk_tables import reply_deadline
from sql.tables import (
    audit_event,
    candidate_tally,
    overpayment,
    preventable,
    suspension_candidate,
)

VIEW: Final = "case_view"
C = suspension_candidate.c
T = candidate_tally.c
# Of the money of a figure: the sum of one candidate, and what each payment is worth.
MONEY: Final = (
    (C.preventable_fen, preventable.c.scheduled_fen),
    (C.overpaid_fen, overpayment.c.due_fen),
)
SUMMED: Final = tuple(name for strength, name in TIERS.items() if strength != LEAD)
Key = tuple[str, str, str]
Sums = Counter[Key]


class Figure(StrEnum):
    """What is added up; ``item`` is what it is added up by beside the district, if anything."""

    ACTIVE = "active"  # candidates somebody has to work on; item: cause
    WAITING = "waiting"  # of those, not answered yet
    UNOPENED = "unopened"  # of those, nobody has looked at the case
    DUE = "due"  # of those handed out, to be answered by a day; item: the day
    SINCE = "since"  # of those, first seen on a night; item: the night
    NEW = "new"  # all candidates first seen on a night; item: the night
    STOPPABLE = "stoppable"  # fen that can still be kept back, leads left out, each payment once
    OWED = "owed"  # fen that went out, likewise
    UPHELD = "upheld"  # fen that two people have confirmed as overpaid
    PREVENTED = "prevented"  # fen of those candidates that were kept back after it
    RECOVERED = "recovered"  # of those candidates, fen on record as come back; the newest record counts


def unopened() -> ColumnElement[bool]:
    """Whether nobody has looked at the candidate."""
    return ~select(audit_event.c.seq).where(_views(C.candidate_id)).exists()


def counted(connection: Connection, *where: ColumnElement[bool]) -> Sums:
    """The sums over the candidates that satisfy ``where``, by figure, district and item; no zeros.

    ``where`` holds for all candidates of a claim or for none.
    """
    sums: Sums = Counter()
    active = C.status.in_(ACTIVE)
    nights = (C.district, C.first_seen_as_of)
    confirmed = func.sum(case((C.status.in_(PROVEN), C.overpaid_fen), else_=0))
    wanted = select(*nights, func.count(), _number(active), confirmed).where(*where).group_by(*nights)
    for district, night, new, since, fen in connection.execute(wanted):
        sums[Figure.NEW, district, night.isoformat()] = new
        sums[Figure.SINCE, district, night.isoformat()] = since
        sums[Figure.UPHELD, district, ""] += int(fen)
    for district, day, n in connection.execute(_due(*where)):
        sums[Figure.DUE, district, day.isoformat()] = n
    for figure, wanted in (
        (Figure.RECOVERED, upheld.recovered(*where)),
        (Figure.PREVENTED, upheld.prevented(*where)),
    ):
        for district, fen in connection.execute(wanted):
            sums[figure, district, ""] = int(fen)
    numbers = (func.count(), _number(C.status.in_(UNANSWERED)), _number(unopened()))
    causes = (C.district, C.cause)
    for district, cause, n, waiting, never in connection.execute(
        select(*causes, *numbers).where(active, *where).group_by(*causes)
    ):
        sums[Figure.ACTIVE, district, cause] = n
        sums[Figure.WAITING, district, ""] += waiting
        sums[Figure.UNOPENED, district, ""] += never
    for figure, district, fen in connection.execute(_money(active, C.tier.in_(SUMMED), *where)):
        sums[figure, district, ""] += int(fen)
    return Counter({key: n for key, n in sums.items() if n})


def write(connection: Connection) -> None:
    """The sums of all candidates, in the transaction of a run that works alone; only what differs is written.

    From here to its end nobody looks at a case: the look would move a sum that is being written.
    """
    audit.take_turn(connection)
    rows = connection.execute(select(candidate_tally))
    standing = {(figure, district, item): amount for figure, district, item, amount in rows}
    _move(connection, standing, counted(connection))


@contextmanager
def kept(connection: Connection, claim_id: str) -> Iterator[None]:
    """What is done to the candidates of this claim inside the block moves the sums too."""
    own = C.claim_id == claim_id
    before = counted(connection, own)
    yield
    after = counted(connection, own)
    moved = {key: after[key] - before[key] for key in after.keys() | before.keys()}
    _add(connection, {key: n for key, n in moved.items() if n})


def looked(connection: Connection, candidate_id: str) -> None:
    """Before the event of a look at a case is recorded: the first makes one less that nobody has opened."""
    audit.take_turn(connection)
    wanted = select(C.district).where(C.candidate_id == candidate_id, C.status.in_(ACTIVE))
    district = connection.execute(wanted).scalar()
    before = connection.execute(select(audit_event.c.seq).where(_views(candidate_id)).limit(1)).first()
    if district is not None and before is None:
        _add(connection, {(Figure.UNOPENED, str(district), ""): -1})


def dated(connection: Connection, candidate_id: str, was: date | None, day: date) -> None:
    """What became of the sums when a candidate's day of answer moved from ``was``, None where it had none."""
    wanted = select(C.district).where(C.candidate_id == candidate_id, C.status == Status.DISPATCHED)
    district = connection.execute(wanted).scalar()
    if district is not None and was != day:
        moved: Sums = Counter({(Figure.DUE, str(district), day.isoformat()): 1})
        if was is not None:
            moved[Figure.DUE, str(district), was.isoformat()] = -1
        _add(connection, moved)


def _views(number: str | ColumnElement[str]) -> ColumnElement[bool]:
    return and_(audit_event.c.subject == number, audit_event.c.action == VIEW)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _due(*where: ColumnElement[bool]) -> Select[Any]:
    """District, day and how many of those handed out are to be answered by it."""
    by_day = (C.district, reply_deadline.c.reply_by)
    handed = select(*by_day, func.count()).join(
        reply_deadline, reply_deadline.c.candidate_id == C.candidate_id
    )
    return handed.where(C.status == Status.DISPATCHED, *where).group_by(*by_day)


def _money(*where: ColumnElement[bool]) -> CompoundSelect[Any]:
    """``figure``, ``district``, fen: of a claim with one candidate its sum, else each payment once."""
    claims = (C.claim_id, C.district)
    by_claim = select(*claims, func.count().label("n"), *(func.sum(own).label(own.name) for own, _ in MONEY))
    claim = by_claim.where(*where).group_by(*claims).cte("claim_sum")
    several = select(C.candidate_id, C.district).join(
        claim, and_(claim.c.claim_id == C.claim_id, claim.c.district == C.district, claim.c.n > 1)
    )
    candidate = several.where(*where).cte("of_several")
    parts: list[Select[Any]] = []
    for figure, (own, amount) in zip((Figure.STOPPABLE, Figure.OWED), MONEY, strict=True):
        alone = select(literal(figure.value), claim.c.district, func.sum(claim.c[own.name]))
        parts.append(alone.where(claim.c.n == 1).group_by(claim.c.district))
        line = amount.table.c
        each = (
            select(candidate.c.district, func.max(amount).label("fen"))
            .join_from(candidate, amount.table, line.candidate_id == candidate.c.candidate_id)
            .where(line.recoverable_from_person)
            .group_by(candidate.c.district, line.payment_id)
            .subquery()
        )
        shared = select(literal(figure.value), each.c.district, func.sum(each.c.fen))
        parts.append(shared.group_by(each.c.district))
    return union_all(*parts)


def _move(connection: Connection, standing: Mapping[Key, int], sums: Mapping[Key, int]) -> None:
    """The table with these sums, whose rows were ``standing``."""
    for key in standing.keys() - sums.keys():
        connection.execute(delete(candidate_tally).where(_at(key)))
    for key in standing.keys() & sums.keys():
        if standing[key] != sums[key]:
            connection.execute(update(candidate_tally).where(_at(key)).values(amount=sums[key]))
    if new := sums.keys() - standing.keys():
        names = candidate_tally.c.keys()
        rows = [dict(zip(names, (*key, sums[key]), strict=True)) for key in sorted(new)]
        connection.execute(insert(candidate_tally), rows)


def _add(connection: Connection, moved: Mapping[Key, int]) -> None:
    """The table with these sums more; one that comes to nothing goes, as if all had been written anew."""
    for key, n in moved.items():
        amount = connection.execute(select(T.amount).where(_at(key))).scalar()
        standing = {} if amount is None else {key: amount}
        _move(connection, standing, {key: total} if (total := (amount or 0) + n) else {})


def _at(key: Key) -> ColumnElement[bool]:
    figure, district, item = key
    return and_(T.figure == figure, T.district == district, T.item == item)
