"""补跑 — nights of the past, run again in order: with a reason, on record, resumed where they broke off."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update

from pipelines import night
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import audit, lock
from pipelines.database.lock import Lock
from pipelines.database.transaction import deciding
from pipelines.past.rehearsal import Difference, difference
from sql.tables import backfill

Progress = Callable[[date], None]


def nights(first: date, last: date) -> list[date]:
    """Every night from ``first`` to ``last``; ``UsageError`` where these are reversed or still to come."""
    if last < first:
        raise UsageError(f"补跑的截止日 {last} 早于起始日 {first}")
    clock.require_come(last)
    return [first + timedelta(days) for days in range((last - first).days + 1)]


def preview(settings: Settings, first: date, last: date) -> Difference:
    """What running these nights would change in the candidates; nothing is written."""
    return difference(settings, nights(first, last))


def run(
    settings: Settings, first: date, last: date, reason: str, by: str, progress: Progress = lambda _: None
) -> list[date]:
    """The nights that were run now: all of the range, less those an earlier, broken-off call has done.

    The same range for the same reason is the same backfill. ``progress`` is called
    with each night when it is done.
    """
    if not reason.strip() or not by.strip():
        raise UsageError("补跑须注明理由（--reason）和申请人（--by），二者记录在案")
    wanted = nights(first, last)
    done = []
    with lock.opened(settings.database_url) as held:
        for as_of in _left(held, wanted, reason.strip(), by.strip()):
            night.propose(settings, as_of, within=held)
            _mark(held, first, last, reason.strip(), as_of)
            done.append(as_of)
            progress(as_of)
    return done


def _left(held: Lock, wanted: list[date], reason: str, by: str) -> Iterator[date]:
    first, last = wanted[0], wanted[-1]
    with deciding(held) as connection:
        earlier = connection.execute(select(backfill).where(_this(first, last, reason))).first()
        if earlier is None:
            asked = {"asked_by": by, "asked_at": clock.now(), "reason": reason}
            connection.execute(insert(backfill).values(first_night=first, last_night=last, **asked))
            audit.record(connection, by, "backfill", f"{first}…{last}", {"reason": reason})
    reached = earlier.done_through if earlier and not earlier.finished_at else None
    return (day for day in wanted if reached is None or day > reached)


def _mark(held: Lock, first: date, last: date, reason: str, as_of: date) -> None:
    finished = clock.now() if as_of == last else None
    with held.writing() as connection:
        reached = update(backfill).where(_this(first, last, reason))
        connection.execute(reached.values(done_through=as_of, finished_at=finished))


def _this(first: date, last: date, reason: str) -> ColumnElement[bool]:
    c = backfill.c
    return and_(c.first_night == first, c.last_night == last, c.reason == reason)
