"""撤回一夜 — a night that should not have run is taken back, as if it had never been; decisions stay.

Two people ask for it. Candidates, evidence, requests and notices return to what the other nights say, from
the frames that those left; what people have taken up keeps its status and its record.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select

from matchers.judge import Judgement
from matchers.people.signature import among, signature
from pipelines import runs
from pipelines.base import clock, crash
from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit, lock
from pipelines.database.transaction import deciding
from pipelines.decisions.release import signed
from pipelines.judging import moved, restore, step
from pipelines.judging.writeback import Who
from sql.tables import match_run, release_decision

PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Undone:
    """How many people have asked for it, whether it was done, and what came of it: counts by kind."""

    night: date
    people: int
    done: bool
    counts: dict[str, int]


def undo(settings: Settings, as_of: date, by: Sequence[str], reason: str) -> Undone:
    """Takes the night back once two people have asked for it; before, their names are kept.

    ``UsageError`` where no such night has run or a name or the reason is missing; ``CrossmatchError`` where
    the frames of a night that now counts again are past their time.
    """
    if not by or not all(map(signature, by)) or not reason.strip():
        raise UsageError("撤回一夜须注明申请人（--by）和理由（--reason）")
    with lock.opened(settings.database_url) as held:
        with deciding(held) as connection:
            subject = _subject(connection, as_of)
            people = _sign(connection, subject, by, reason.strip())
        if people < PEOPLE:
            return Undone(as_of, people, False, {})
        with deciding(held) as connection:
            counts = take_back(connection, as_of, lambda night: _judged(settings, night))
            moved.write(connection, Store(settings.store))
            detail = {"reason": reason.strip(), **counts}
            audit.record(connection, by[-1].strip(), "undo", as_of.isoformat(), detail)
        shutil.rmtree(Store(settings.store).night(as_of))
        crash.point("night:removed")
    return Undone(as_of, people, True, counts)


def take_back(connection: Connection, as_of: date, judged: restore.Judged) -> dict[str, int]:
    """How many candidates were restored, removed, opened again and kept for a decision that people took.

    ``judged``: the judgement of another night. Runs inside the caller's transaction.
    """
    connection.execute(delete(match_run).where(match_run.c.as_of == as_of))
    return restore.without(connection, as_of, runs.later_nights(connection, date.min).out, judged)


def _subject(connection: Connection, as_of: date) -> str:
    """What people sign: the runs of this night as they ended, so that another run takes other signatures."""
    c = match_run.c
    newest = select(c.run_id, c.started_at).where(c.as_of == as_of).order_by(c.started_at.desc(), c.run_id)
    run = connection.execute(newest).first()
    if run is None:
        raise UsageError(f"{as_of} 没有运行记录，无可撤回；请核对日期")
    return f"undo {run.run_id} {run.started_at.isoformat()}"


def _sign(connection: Connection, subject: str, by: Sequence[str], reason: str) -> int:
    """How many people have signed, these among them; who signed before changes nothing."""
    for name in by:
        if not among(name, signed(connection, subject)):
            row = {"subject": subject, "released_by": name.strip(), "reason": reason}
            connection.execute(insert(release_decision).values(**row, released_at=clock.now()))
            audit.record(connection, name.strip(), "ask_undo", subject, {"reason": reason})
    return len(signed(connection, subject))


def _judged(settings: Settings, as_of: date) -> tuple[Judgement, Who]:
    try:
        return step.kept(settings, as_of)
    except FileNotFoundError:
        raise CrossmatchError(
            f"{as_of} 的中间数据已过保存期（{Night.of(settings, as_of).folder}）；"
            f"请先运行 crossmatch backfill {as_of} {as_of} --apply 重算该夜，再撤回"
        ) from None
