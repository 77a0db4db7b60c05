"""风险月度分析 — one month, top to bottom: accept what has come, read, judge, write, report."""

from collections.abc import Callable, Sequence
from typing import Any

from matchers import months
from pipelines import deliveries
from pipelines.base.errors import DeliveryRejected
from pipelines.base.settings import Settings
from pipelines.database import lock
from pipelines.database.lock import Lock
from pipelines.risk import feeds, impact, report, retention, writeback
from pipelines.risk.ground import ground as read_ground
from pipelines.risk.judging import judged

Progress = Callable[[str], None]


def run(
    settings: Settings, month: int, progress: Progress = lambda _: None, within: Lock | None = None
) -> dict[str, Any]:
    """The signals of the twelve months that end with ``month``: counts by level, what was missing or cut.

    ``UsageError`` where nobody has signed the assessment of personal information.
    """
    with lock.opened(settings.database_url, within) as held:
        with held.engine.connect() as connection:
            impact.require_signed(connection)
        progress("接收")
        refused = _accept(settings, held, month)
        progress("读取")
        ground = read_ground(settings, held.engine, month)
        progress("研判")
        outcome = judged(held.engine, ground)
        progress("写入")
        with held.writing() as connection:
            counts = writeback.write(connection, ground, outcome)
            erased = retention.erase(connection, ground.as_of)
        progress("报告")
        files = [str(path) for path in report.write(settings, held, ground)]
    cut = sum(outcome.cut.values())
    return counts | {
        "missing": outcome.missing, "cut": cut, "refused": refused, "erased": erased, "files": files,
    }  # fmt: skip


def _accept(settings: Settings, held: Lock, month: int) -> Sequence[str]:
    """Lands what has come by the month's last day of the feeds that the rules read; the feeds refused."""
    refused = []
    for name in feeds.READ if settings.inbox.is_dir() else ():
        try:
            deliveries.accept(settings, name, months.last_day(month), held)
        except DeliveryRejected:
            refused.append(name)
    return refused
