"""答复期限 — until when a district is asked to answer for a candidate that was handed to it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from pipelines.database import audit, tally
from sql.desk_tables import reply_deadline

MOVED = "reply_day"


def put(
    connection: Connection, candidate_ids: Sequence[str], reply_by: date, by: str, at: datetime
) -> dict[str, date]:
    """The days that stood there before, now that each of the candidates is to be answered by that day.

    It is part of the caller's transaction, whose audit events name who handed out.
    """
    c, values = reply_deadline.c, {"reply_by": reply_by, "set_by": by, "set_at": at}
    before = of(connection, candidate_ids)
    for number in candidate_ids:
        moved = update(reply_deadline).where(c.candidate_id == number).values(**values)
        if connection.execute(moved).rowcount == 0:
            connection.execute(insert(reply_deadline).values(candidate_id=number, **values))
        tally.dated(connection, number, before.get(number), reply_by)
    return before


def move(connection: Connection, candidate_ids: Sequence[str], reply_by: date, by: str, at: datetime) -> None:
    """Another day for each of the candidates; what stood there and what stands now is on record."""
    before = put(connection, candidate_ids, reply_by, by, at)
    for number in candidate_ids:
        was = str(before[number]) if number in before else ""
        audit.record(connection, by, MOVED, number, {"reply_by": str(reply_by), "before": was})


def of(connection: Connection, candidate_ids: Sequence[str]) -> dict[str, date]:
    """The day of each candidate that has one."""
    c = reply_deadline.c
    wanted = select(c.candidate_id, c.reply_by).where(c.candidate_id.in_(candidate_ids))
    return {row.candidate_id: row.reply_by for row in connection.execute(wanted)}
