"""清理的步骤 — the stages of one run as functions of their own, for tasks that run in processes of their own.

Every step finds what earlier ones left in the store by the digest of the inputs, and makes what is missing: a
step that died is run again, and one that is done is skipped.
"""

from datetime import date
from pathlib import Path
from typing import Any

import sql
from matchers.people.signature import signature
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.cleanup import lists, quality, status
from pipelines.cleanup import run as runs
from pipelines.cleanup.batches import landed
from pipelines.database import lock


def plan(settings: Settings, as_of: date) -> list[str]:
    """The datasets of the batches known on the day, ``<batch>/<dataset>``, before anything is read."""
    return status.planned(settings, as_of)


def land(settings: Settings, named: str, as_of: date) -> dict[str, int]:
    """One dataset of one batch in the store: its rows."""
    engine = sql.connect(settings.database_url)
    try:
        of_this = landed(settings, engine, as_of, only=named)
    finally:
        engine.dispose()
    return {"rows": sum(one.delivery.rows("rows_landed") for one in of_this)}


def persons(settings: Settings, as_of: date) -> dict[str, int]:
    """The months scattered, the persons compared: shards and clusters."""
    with runs.prepared(settings, as_of) as stage:
        clusters, _ = runs.persons(stage)
        return {"shards": stage.work.shards, "clusters": len(clusters)}


def check(settings: Settings, shard: str, as_of: date) -> dict[str, int]:
    """The findings of one shard; nothing where there are fewer shards."""
    with runs.prepared(settings, as_of) as stage:
        if int(shard) >= stage.work.shards:
            return {"findings": 0}
        findings, checks = runs.check(stage, int(shard))
        return {"findings": len(findings), "claims": len(checks)}


def employers(settings: Settings, as_of: date) -> dict[str, int]:
    """The findings about employers."""
    with runs.prepared(settings, as_of) as stage:
        return {"findings": len(runs.employers(stage))}


def assemble(settings: Settings, apply: bool, by: str, as_of: date) -> dict[str, int]:
    """Everything in one transaction where it is to be applied; counts alone otherwise."""
    return runs.run(settings, as_of, apply=apply, by=by).counts


def report(settings: Settings, as_of: date, chosen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The workbooks of the districts, all where none is chosen, and the page of the data's quality."""
    with lock.opened(settings.database_url) as held:
        with held.engine.connect() as connection:
            latest = status.latest(connection)
            districts = list(chosen) or lists.districts(connection)
            page: Path | None = quality.write(settings, connection)
        if latest is None:
            return {}
        written = [lists.write(settings, held, latest.run_id, latest.as_of, one) for one in districts]
    return {one.file.name: one.proposals for one in written} | ({page.name: 1} if page else {})


def require_reason(apply: bool, by: str, reason: str) -> None:
    """``UsageError`` where something is to be written and nobody, or no reason, is named."""
    if apply and not (signature(by) and reason.strip()):
        raise UsageError("写入清理结果须注明操作人和理由")
