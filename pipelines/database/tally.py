"""疑点汇总 — how many candidates there are and how much money hangs on them, by district.

``counted`` adds up the tables; ``candidate_tally`` holds the same sums, so that a page need not. A run writes
them in its transaction (``write``); a decision moves those of its claim (``kept``), a first look at a case
those of its district (``looked``). Each holds the audit's turn, so that no two move a sum at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, insert, select, update

from matchers.findings import LEAD, TIERS
from matchers.lifecycle import ACTIVE, UNANSWERED
from pipelines.database import audit
from sql.tables import audit_event, candidate_tally, overpayment, preventable, suspension_candidate

VIEW: Final = "case_view"
C = suspension_candidate.c
T = candidate_tally.c
COLUMNS: Final[tuple[Column[Any], ...]] = (
    C.candidate_id, C.claim_id, C.district, C.cause, C.tier, C.status, C.first_seen_as_of,
    C.preventable_fen, C.overpaid_fen,
)  # fmt: skip
AT_ONCE: Final = 5000
SUMMED: Final = tuple(name for strength, name in TIERS.items() if strength != LEAD)
Key = tuple[str, str, str]
Sums = Counter[Key]


class Figure(StrEnum):
    """What is added up; ``item`` is what it is added up by beside the district, if anything."""

    ACTIVE = "active"  # candidates somebody has to work on; item: cause
    WAITING = "waiting"  # of those, not answered yet
    UNOPENED = "unopened"  # of those, nobody has looked at the case
    SINCE = "since"  # of those, first seen on a night; item: the night
    NEW = "new"  # all candidates first seen on a night; item: the night
    STOPPABLE = "stoppable"  # fen that can still be kept back, leads left out, each payment once
    OWED = "owed"  # fen that went out, likewise


def counted(connection: Connection, *where: ColumnElement[bool]) -> Sums:
    """The sums over the candidates that satisfy ``where``, by figure, district and item; no zeros."""
    unopened = ~select(audit_event.c.seq).where(_views(C.candidate_id)).exists()
    sums: Sums = Counter()
    claims: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(select(*COLUMNS, unopened.label("unopened")).where(*where)):
        district, night = row.district, row.first_seen_as_of.isoformat()
        sums[Figure.NEW, district, night] += 1
        if row.status not in ACTIVE:
            continue
        sums[Figure.SINCE, district, night] += 1
        sums[Figure.ACTIVE, district, row.cause] += 1
        sums[Figure.WAITING, district, ""] += row.status in UNANSWERED
        sums[Figure.UNOPENED, district, ""] += row.unopened
        if row.tier in SUMMED:
            claims[row.claim_id, district].append(row)
    several: dict[str, str] = {}
    for (_, district), rows in claims.items():
        if len(rows) > 1:
            several |= {row.candidate_id: district for row in rows}
        else:
            sums[Figure.STOPPABLE, district, ""] += rows[0].preventable_fen
            sums[Figure.OWED, district, ""] += rows[0].overpaid_fen
    for figure, amount in (
        (Figure.STOPPABLE, preventable.c.scheduled_fen),
        (Figure.OWED, overpayment.c.due_fen),
    ):
        for district, fen in _payments(connection, several, amount):
            sums[figure, district, ""] += fen
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


def _views(number: str | ColumnElement[str]) -> ColumnElement[bool]:
    return and_(audit_event.c.subject == number, audit_event.c.action == VIEW)


def _payments(
    connection: Connection, several: Mapping[str, str], amount: Column[int]
) -> Iterator[tuple[str, int]]:
    """District and fen of each payment under candidates that share their claim: once in its district.

    ``several``: the district of each candidate, by its number.
    """
    lines, numbers = amount.table.c, sorted(several)
    most: dict[tuple[str, str], int] = defaultdict(int)
    for start in range(0, len(numbers), AT_ONCE):
        own = lines.candidate_id.in_(numbers[start : start + AT_ONCE])
        wanted = select(lines.candidate_id, lines.payment_id, amount).where(
            own, lines.recoverable_from_person
        )
        for number, payment, fen in connection.execute(wanted):
            key = several[number], payment
            most[key] = max(most[key], fen)
    return ((district, fen) for (district, _), fen in most.items())


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
