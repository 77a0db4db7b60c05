"""较上夜 — what each candidate of the newest night says of the night before it, kept with the candidate.

It follows from the nights that ended and from the frames they left, not from their order, so it is written
anew after every night and after one that was taken back. Where the frames are gone only the new are known.
"""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Select, bindparam, select, update

from matchers.schemas import Candidates
from matchers.since import NEW, moves
from pipelines.base.frames import Night
from pipelines.base.store import Store
from sql import tables as t

JUDGED = "judged/candidates"


def write(connection: Connection, store: Store) -> None:
    """Brings ``moved`` of every candidate to what the newest night says; inside the caller's transaction."""
    c = t.suspension_candidate.c
    wanted = _wanted(connection, store)
    standing = _pairs(connection, select(c.candidate_id, c.moved).where(c.moved != ""))
    rows = [
        {"number": number, "words": wanted.get(number, "")}
        for number in sorted(standing.keys() | wanted.keys())
        if standing.get(number, "") != wanted.get(number, "")
    ]
    if rows:
        row = update(t.suspension_candidate).where(c.candidate_id == bindparam("number"))
        connection.execute(row.values(moved=bindparam("words")), rows)


def _wanted(connection: Connection, store: Store) -> dict[str, str]:
    """By candidate that the newest night saw; of one that rests on what was out then, nothing has changed."""
    c, run = t.suspension_candidate.c, t.match_run.c
    ended = select(run.as_of).where(run.status == "succeeded").distinct().order_by(run.as_of.desc()).limit(2)
    nights = connection.execute(ended).scalars().all()
    if len(nights) < 2:
        return {}
    newest, before = nights
    seen = select(c.candidate_id, c.first_seen_as_of).where(c.last_seen_as_of == newest)
    first = _pairs(connection, seen)
    new = {number: NEW for number, day in first.items() if day > before}
    return {n: words for n, words in between(store, before, newest).items() if n in first} | new


def between(store: Store, before: date, after: date) -> dict[str, str]:
    """By candidate that both nights saw and that differs; nothing where the frames of one are gone."""
    was, now = (judged(Night(store.night(day))) for day in (before, after))
    return {} if was is None or now is None else moves(was, now)


def judged(night: Night) -> Candidates | None:
    """The candidates as a night judged them; None where that frame is past its time or damaged."""
    try:
        return night.frame(JUDGED)
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def _pairs(connection: Connection, wanted: Select[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in connection.execute(wanted)}
