"""清理的步骤 — the stages of one run as functions of their own, for tasks that run in processes of their own.

The sources are gathered once; every later step finds what earlier ones left in the store by the run's digest
and makes what is missing: a step that died is run again, and one that is done is skipped.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

import sql
from matchers.evidence import digest
from matchers.people.signature import signature
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.cleanup import apart, lists, places, quality, score, status
from pipelines.cleanup import run as runs
from pipelines.cleanup.batches import folders, landed
from pipelines.database import lock
from sql.tables import AGENCY


def plan(settings: Settings, as_of: date) -> list[str]:
    """The datasets of the batches known on the day, ``<batch>/<dataset>``, before anything is read."""
    return status.planned(settings, as_of)


def require_batch(settings: Settings, batch: str) -> None:
    """``UsageError`` where a batch was asked for, and none of the folder of history has that name."""
    named = [name for name, _, _ in folders(settings.history, date.max)] if settings.history.is_dir() else []
    if batch and batch not in named:
        raise UsageError(f"历史目录中没有批次 {batch}；可用：{'、'.join(named) or '没有'}")


def land(settings: Settings, named: str, as_of: date) -> dict[str, int]:
    """One dataset of one batch in the store: its rows."""
    engine = sql.connect(settings.database_url)
    try:
        of_this = landed(settings, engine, as_of, only=named)
    finally:
        engine.dispose()
    return {"rows": sum(one.delivery.rows("rows_landed") for one in of_this)}


def persons(settings: Settings, as_of: date) -> list[str]:
    """Everything gathered once and the persons compared: ``<digest of the run>/<shard>`` of each shard."""
    digest_of_run = runs.begun(settings, as_of)
    run = runs.taken_up(settings, digest_of_run)
    runs.persons(run)
    return [f"{digest_of_run}/{shard}" for shard in range(run.plan.shards)]


def check(settings: Settings, shard: str) -> dict[str, int]:
    """The findings and the claims of one shard, as ``persons`` names it."""
    findings, checks = runs.check(_taken_up(settings, [shard]), int(shard.partition("/")[2]))
    return {"findings": len(findings), "claims": len(checks)}


def employers(settings: Settings, shards: Sequence[str]) -> dict[str, int]:
    """The findings about employers; ``shards``: of the run."""
    return {"findings": len(runs.employers(_taken_up(settings, shards)))}


def assemble(settings: Settings, apply: bool, by: str, reason: str, shards: Sequence[str]) -> dict[str, int]:
    """Everything in one transaction where it is to be applied; counts alone otherwise."""
    require_reason(apply, by, reason)
    return runs.ended(settings, _taken_up(settings, shards), apply=apply, by=by, reason=reason).counts


def report(settings: Settings, chosen: tuple[str, ...] = (), *, contacts: bool = False) -> dict[str, Any]:
    """The workbooks of the districts, all where none is chosen, the page of the data's quality, and what goes
    to supervision; lists of contacts where they are wanted. By file what it holds.
    """
    with lock.opened(settings.database_url) as held:
        with held.engine.connect() as connection:
            latest = status.latest(connection)
            districts = list(chosen) or lists.districts(connection)
            page: Path | None = quality.write(settings, connection)
        if latest is None:
            return {}
        written = [lists.write(settings, held, latest.run_id, latest.as_of, one) for one in districts]
        run = latest.run_id, latest.as_of
        with held.engine.connect() as connection:
            others = [apart.supervised(settings, connection, *run)]
            if contacts:
                others += [apart.contacts(settings, connection, *run, one) for one in districts]
    root = places.reports(settings)
    return (
        {one.file.name: one.proposals for one in written}
        | {str(file.relative_to(root)): count for file, count in others}
        | ({page.name: 1} if page else {})
    )


def scored(settings: Settings, path: Path, as_of: date) -> score.Score:
    """How a run on the day comes out against the truth of the made-up register at ``path``; nothing is
    written to the database.
    """
    before, stated = _agency(settings), score.truth(path)
    run = runs.taken_up(settings, runs.begun(settings, as_of))
    result = runs.made(run)
    return score.score(run.plan, result, stated, before == _agency(settings))


def _taken_up(settings: Settings, shards: Sequence[str]) -> runs.Run:
    return runs.taken_up(settings, shards[0].partition("/")[0])


def _agency(settings: Settings) -> list[str]:
    """A digest of each of the agency's relations."""
    engine = sql.connect(settings.database_url)
    with engine.connect() as connection:
        digests = [
            digest(sorted(str(tuple(row)) for row in connection.execute(select(table))))
            for table in AGENCY.sorted_tables
        ]
    engine.dispose()
    return digests


def require_reason(apply: bool, by: str, reason: str) -> None:
    """``UsageError`` where something is to be written and nobody, or no reason, is named."""
    if apply and not (signature(by) and reason.strip()):
        raise UsageError("写入清理结果须注明操作人和理由")
