"""补跑 — nights of the past, run again in order: with a reason, on record, resumed where they broke off."""

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import update

from pipelines import night
from pipelines.base import clock
from pipelines.base.settings import Settings
from pipelines.database import lock
from pipelines.database.lock import Lock
from pipelines.database.transaction import deciding
from pipelines.past.asked import ask, nights, this
from pipelines.past.rehearsal import Difference, Judged, difference
from sql.tables import backfill

Progress = Callable[[date], None]
MONTHLY = "（每月一夜）"


def preview(
    settings: Settings, first: date, last: date, *, monthly: bool = False, progress: Judged = lambda *_: None
) -> Difference:
    """What running these nights would change in the candidates; nothing is written.

    ``progress`` is called with each night and its counts when it has been tried.
    """
    return difference(settings, nights(first, last, monthly=monthly), progress)


def run(
    settings: Settings,
    first: date,
    last: date,
    reason: str,
    by: str,
    progress: Progress = lambda _: None,
    *,
    monthly: bool = False,
) -> list[date]:
    """The nights that were run now: all of the range, less those an earlier, broken-off call has done.

    The same range for the same reason is the same backfill; a ``monthly`` one says so in its reason.
    ``progress`` is called with each night when it is done.
    """
    wanted = nights(first, last, monthly=monthly)
    reason = f"{reason.strip()}{MONTHLY}" if monthly and reason.strip() else reason
    done = []
    with lock.opened(settings.database_url) as held:
        for as_of in _left(held, first, wanted, reason.strip(), by.strip()):
            night.propose(settings, as_of, within=held)
            _mark(held, first, last, reason.strip(), as_of)
            done.append(as_of)
            progress(as_of)
    return done


def _left(held: Lock, first: date, wanted: list[date], reason: str, by: str) -> Iterator[date]:
    with deciding(held) as connection:
        request = ask(connection, first, wanted[-1], reason, by)
    reached = None if request.finished_at else request.done_through
    return (day for day in wanted if reached is None or day > reached)


def _mark(held: Lock, first: date, last: date, reason: str, as_of: date) -> None:
    finished = clock.now() if as_of == last else None
    with held.writing() as connection:
        reached = update(backfill).where(this(first, last, reason))
        connection.execute(reached.values(done_through=as_of, finished_at=finished))
