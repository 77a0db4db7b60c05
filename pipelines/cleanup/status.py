"""清理进度 — what a clean-up is about to read, how far it is, and what waits for people."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select

from expectations.history import datasets
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.cleanup.batches import folders
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


def latest(connection: Connection) -> Row[Any] | None:
    """The run that was applied last."""
    c = t.cleanup_run.c
    finished = select(t.cleanup_run).where(c.status == "finished").order_by(c.finished_at.desc(), c.run_id)
    return connection.execute(finished.limit(1)).first()


def status(connection: Connection) -> dict[str, Any]:
    """The latest run, its chunks, and how many proposals stand in each status, by district."""
    run, c, p = latest(connection), t.cleanup_chunk.c, t.correction_proposal.c
    if run is None:
        return {"run": None, "chunks": {}, "proposals": []}
    chunks = select(c.stage, func.count()).where(c.run_id == run.run_id).group_by(c.stage).order_by(c.stage)
    counted = select(p.district, p.status, func.count()).group_by(p.district, p.status)
    return {
        "run": {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "policy": run.policy_version},
        "chunks": {stage: n for stage, n in connection.execute(chunks)},
        "proposals": [
            {"district": district, "status": state, "count": n}
            for district, state, n in connection.execute(counted.order_by(p.district, p.status))
        ],
    }
