"""补跑的申请 — which nights are to be run again, why and by whom; one range for one reason is one request."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select

from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from sql.tables import backfill


def nights(first: date, last: date, *, monthly: bool = False) -> list[date]:
    """Every night from ``first`` to ``last``, with ``monthly`` the last of each month and of all.

    ``UsageError`` where these are reversed or still to come.
    """
    if last < first:
        raise UsageError(f"补跑的截止日 {last} 早于起始日 {first}")
    clock.require_come(last)
    every = [first + timedelta(days) for days in range((last - first).days + 1)]
    return [d for d in every if not monthly or d == last or (d + timedelta(1)).month != d.month]


def ask(connection: Connection, first: date, last: date, reason: str, by: str) -> Row[Any, Any]:
    """The request as it stands, made now where there was none, in the caller's transaction with its event.

    Its done_through and finished_at are empty until its nights are run. ``UsageError`` where the range, the
    reason or the name is none.
    """
    nights(first, last)
    if not reason.strip() or not by.strip():
        raise UsageError("补跑须注明理由（--reason）和申请人（--by），二者记录在案")
    wanted = select(backfill.c.done_through, backfill.c.finished_at).where(this(first, last, reason.strip()))
    if connection.execute(wanted).first() is None:
        request = {"first_night": first, "last_night": last, "reason": reason.strip(), "asked_by": by.strip()}
        connection.execute(insert(backfill).values(asked_at=clock.now(), **request))
        audit.record(connection, by.strip(), "backfill", f"{first}…{last}", {"reason": reason.strip()})
    return connection.execute(wanted).one()


def this(first: date, last: date, reason: str) -> ColumnElement[bool]:
    """The request of this range for this reason."""
    c = backfill.c
    return and_(c.first_night == first, c.last_night == last, c.reason == reason)
