"""清理进度 — what a clean-up is about to read, how far it is, and what waits for people."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select

from expectations.history import datasets
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup.batches import folders
from pipelines.cleanup.folder import every
from sql import cleanup_tables as t


def planned(settings: Settings, as_of: date) -> list[str]:
    """``<batch>/<dataset>`` of all that a run on the day reads; ``UsageError`` where there is no history."""
    if not settings.history.is_dir():
        raise UsageError(f"历史数据目录 {settings.history} 不存在；请建立目录或修改配置项 history")
    return [
        f"{batch}/{name}"
        for batch, _, folder in folders(settings.history, as_of)
        for name in datasets()
        if (folder / name).is_dir()
    ]


def removed(gap: str) -> str:
    """What a file that was removed means for a run, and what to do about it."""
    return f"{gap}：已过保存期并已清除，其中的记录没有计入；请把原文件放回收件目录后重跑"


def latest(connection: Connection) -> Row[Any] | None:
    """The run that was applied last."""
    c = t.cleanup_run.c
    finished = select(t.cleanup_run).where(c.status == "finished").order_by(c.finished_at.desc(), c.run_id)
    return connection.execute(finished.limit(1)).first()


def under_way(settings: Settings, connection: Connection) -> list[dict[str, Any]]:
    """Each run of which the store has work and nothing was written: its day, shards and finished parts.

    It goes on, it died and the next one takes it up, or it was a dry run: the store cannot tell.
    """
    written = set(connection.execute(select(t.cleanup_run.c.run_id)).scalars())
    begun = [(folder, folder.plan()) for folder in every(Store(settings.store))]
    return [
        {
            "run_id": folder.run_id,
            "as_of": plan.as_of,
            "policy": plan.policy,
            "persons": plan.persons,
            "shards": plan.shards,
            "done": folder.done(),
            "removed": list(plan.removed),
            "touched": folder.touched().astimezone(clock.SHANGHAI).isoformat(timespec="seconds"),
        }
        for folder, plan in begun
        if plan and folder.run_id not in written
    ]


def status(settings: Settings, connection: Connection) -> dict[str, Any]:
    """What is under way, the latest run with its chunks, and the proposals by district and status."""
    run, c, p = latest(connection), t.cleanup_chunk.c, t.correction_proposal.c
    going = under_way(settings, connection)
    if run is None:
        return {"under_way": going, "run": None, "chunks": {}, "proposals": []}
    chunks = select(c.stage, func.count()).where(c.run_id == run.run_id).group_by(c.stage).order_by(c.stage)
    counted = select(p.district, p.status, func.count()).group_by(p.district, p.status)
    return {
        "under_way": going,
        "run": {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "policy": run.policy_version},
        "chunks": {stage: n for stage, n in connection.execute(chunks)},
        "proposals": [
            {"district": district, "status": state, "count": n}
            for district, state, n in connection.execute(counted.order_by(p.district, p.status))
        ],
    }
