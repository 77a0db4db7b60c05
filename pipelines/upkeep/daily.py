"""维护 — what is done by day: the alarm for a night that did not finish, the removal of old frames."""

import shutil
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from pipelines.base import clock
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit, lock
from pipelines.database.lock import Lock
from pipelines.database.migrate import opened
from sql.tables import match_run

HOW_IT_ENDED: Final = {
    "running": "尚在运行或已中断",
    "failed": "出错",
    "held": "被闸门拦下，等待两人放行",
}


def require_finished(settings: Settings, as_of: date) -> dict[str, str]:
    """The newest run of the night that came to an end; ``CrossmatchError`` says how where it did not succeed.

    An earlier one that succeeded is no comfort: what arrived since, or was asked for anew, is not in it.
    """
    c = match_run.c
    newest_last = select(c.run_id, c.status).where(c.as_of == as_of).order_by(c.started_at, c.run_id)
    with opened(settings.database_url) as engine, engine.connect() as connection:
        runs = connection.execute(newest_last).all()
    newest = ([run for run in runs if run.status != "running"] or runs)[-1:]
    if [run.status for run in newest] == ["succeeded"]:
        return {"run_id": newest[0].run_id}
    ended = HOW_IT_ENDED[newest[0].status] if newest else "没有运行记录"
    earlier = any(run.status == "succeeded" for run in runs)
    still = "，库里仍是较早一次的结果" if earlier else ""
    raise CrossmatchError(
        f"{as_of} 的夜间比对没有完成（{ended}{still}）；请看日志后重跑 crossmatch night {as_of}"
    )


def retain(settings: Settings, as_of: date) -> dict[str, int]:
    """How many nights' frames, clean-ups' frames, landed deliveries and exports were removed; findings and
    records stay.

    Frames older than ``retention_nights``, those of clean-ups that nothing was written for as long, extracts
    that no night has needed for as long, and exports older than ``export_nights`` that nobody works with; of
    the last two the audit keeps the names.
    """
    from pipelines.cleanup.folder import retire
    from pipelines.deliveries import retention

    oldest = as_of - timedelta(days=settings.retention_nights)
    past = [folder for folder in settings.store.glob("nights/*") if folder.name < oldest.isoformat()]
    for folder in past:
        shutil.rmtree(folder)
    cleanups = retire(Store(settings.store), datetime.combine(oldest, time.min, clock.SHANGHAI))
    with lock.opened(settings.database_url) as held:
        gone = retention.past(settings, held.engine, oldest)
        if gone:
            with held.writing() as connection:
                removed = {"deliveries": [delivery.delivery_id for delivery in gone]}
                audit.record(connection, "crossmatch", "retention", oldest.isoformat(), removed)
        for delivery in gone:
            Store(settings.store).remove(delivery.feed, delivery.delivered_on)
        expired = _expired(held, as_of - timedelta(days=settings.export_nights))
    return {
        "removed_nights": len(past), "removed_cleanups": cleanups, "removed_deliveries": len(gone),
        "removed_exports": len(expired),
    }  # fmt: skip


def _expired(held: Lock, oldest: date) -> list[str]:
    """The exports that were removed."""
    from pipelines.reports import exports

    with held.writing() as connection:
        gone = exports.past(connection, oldest)
        if gone:
            exports.remove(connection, gone)
            audit.record(connection, "crossmatch", "retention", oldest.isoformat(), {"exports": gone})
    return gone
