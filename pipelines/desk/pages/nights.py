"""夜 — the runs with their times and what they say of themselves, held ones and who lets them go on."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from expectations.feed import feeds
from pipelines.base.errors import DecisionRefused
from pipelines.decisions.release import STATES, release
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import STEWARD
from pipelines.desk.visit import Visit
from pipelines.judging.gate import PEOPLE
from sql.tables import backfill, match_run, release_decision

RUNS: Final = 60
STEPS: Final = ("匹配", "研判", "写回")
NO_REASON: Final = "须写明放行的理由：核对过什么，为什么数量属实"


@dataclass(frozen=True, slots=True)
class Night:
    """One run as the page shows it. ``held``: why the gate holds it; ``missing``: feeds that were out;
    ``seen``: how many candidates it had, None where it wrote none; ``released``: who let it go on, and why.
    """

    run: Row[Any]
    held: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    seen: int | None
    released: tuple[Row[Any], ...]

    @property
    def waits(self) -> bool:
        """Whether it still lacks people who release it."""
        return self.run.status == "held" and len(self.released) < PEOPLE

    @property
    def took(self) -> timedelta | None:
        """From the beginning of the run to its end; None while it has none."""
        ended = self.run.finished_at
        return _seconds(ended - self.run.started_at) if ended else None

    @property
    def steps(self) -> tuple[tuple[str, timedelta], ...]:
        """What each step took that has ended: matching, judging, writing back."""
        ends = (self.run.started_at, self.run.linked_at, self.run.judged_at, self.run.finished_at)
        between = zip(STEPS, ends, ends[1:], strict=False)
        return tuple((word, _seconds(end - begun)) for word, begun, end in between if begun and end)


def _seconds(took: timedelta) -> timedelta:
    return timedelta(seconds=took // timedelta(seconds=1))


def answer(visit: Visit) -> Response:
    """The newest runs and all that are held."""
    return _shown(visit)


def let_go(visit: Visit) -> Response:
    """One signature for a held run; the second lets the next run of that night write."""
    subject, reason = visit.typed("run"), visit.typed("reason")
    if not reason:
        return _shown(visit, 400, error=NO_REASON, at=subject)
    try:
        release(visit.engine, subject, visit.account.name, reason)
    except DecisionRefused as refused:
        return _shown(visit, 400, error=refused.reason, at=subject)
    return go("/nights")


def objected(visit: Visit, error: str) -> Response:
    """The nights with why a backfill was not asked for."""
    return _shown(visit, 400, ask_error=error)


def _shown(visit: Visit, status: int = 200, error: str = "", at: str = "", ask_error: str = "") -> Response:
    with visit.engine.connect() as connection:
        nights = _nights(connection)
        asked = select(backfill).order_by(backfill.c.asked_at.desc()).limit(RUNS)
        backfills = connection.execute(asked).all()
    return page(
        visit, "nights", status, nights=nights, held=[n for n in nights if n.run.status == "held"],
        backfills=backfills, states=STATES, people=PEOPLE, error=error, at=at or visit.put_back_at("run"),
        ask_error=ask_error,
        may_release=visit.account.role in STEWARD and visit.account.whole_city,
    )  # fmt: skip


def _nights(connection: Connection) -> list[Night]:
    """The newest runs, newest first, and every one that is held."""
    r, d = match_run.c, release_decision.c
    order = (r.as_of.desc(), r.started_at.desc())
    newest = select(r.run_id).order_by(*order).limit(RUNS).subquery()
    shown = r.run_id.in_(select(newest.c.run_id)) | (r.status == "held")
    runs = connection.execute(select(match_run).where(shown).order_by(*order)).all()
    released: dict[str, list[Row[Any]]] = {}
    own = d.subject.in_([run.run_id for run in runs])
    for row in connection.execute(select(release_decision).where(own).order_by(d.released_at)):
        released.setdefault(row.subject, []).append(row)
    return [_night(run, tuple(released.get(run.run_id, ()))) for run in runs]


def _night(run: Row[Any], released: tuple[Row[Any], ...]) -> Night:
    counts = json.loads(run.counts)
    return Night(
        run=run,
        held=tuple(counts.get("held", ())),
        missing=tuple(feeds()[name].title for name in counts.get("unavailable", ()) if name in feeds()),
        notes=tuple(counts.get("notes", ())),
        seen=sum(counts["seen"].values()) if "seen" in counts else None,
        released=released,
    )
