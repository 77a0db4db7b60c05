"""发放前核对 — three rules every day, before money goes out; for 基金监督 to look at, and nothing is stopped.

Nothing is written to the tables: the month's analysis alone raises signals.
"""

from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from expectations.feed import feeds as declared
from matchers import months
from matchers.risk.judge import answered, lacking
from matchers.risk.rules import rules
from matchers.risk.signals import Signal
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit, lock
from pipelines.database.lock import Lock
from pipelines.reports import workbook
from pipelines.reports.words import SUPERVISION, district
from pipelines.reports.workbook import Column
from pipelines.risk import impact, memory, words
from pipelines.risk.ground import ground as read_ground

RULES: Final = ("ACCOUNT_FLIP", "NO_TRACE", "DUTY_CONFLICT")
COLUMNS: Final = (
    Column("规则", "title", 24), Column("等级", "level", 10), Column("对象", "subject", 10),
    Column("编号", "key", 16), Column("区县", "district", 12), Column("期间", "period", 9),
    Column("所见", "summary", 70, "long"), Column("先问什么", "counter", 50, "long"),
)  # fmt: skip


def run(settings: Settings, as_of: date, within: Lock | None = None) -> dict[str, Any]:
    """What the three rules see of this month: how many signals, what was missing, the file."""
    month = months.of(as_of)
    with lock.opened(settings.database_url, within) as held:
        with held.engine.connect() as connection:
            impact.require_signed(connection)
            unfounded = memory.unfounded(connection)
        ground = read_ground(settings, held.engine, month)
        titles = {name: feed.title for name, feed in declared().items()}
        missing = {code: gone for code in RULES if (gone := lacking(ground, rules()[code], titles))}
        seen = [s for code in RULES if code not in missing for s in rules()[code].look(ground)]
        now = (months.text(month), ground.year)
        kept = [s for s in seen if s.period in now and not answered(s, unfounded)]
        frame = pd.DataFrame([_row(s) for s in kept], columns=[c.name for c in COLUMNS])
        path = _write(settings, as_of, frame)
        with held.writing() as connection:
            audit.record(connection, "crossmatch", "payment_check", as_of.isoformat(), {"signals": len(kept)})
    return {"signals": len(kept), "missing": missing, "file": str(path)}


def _row(signal: Signal) -> dict[str, str]:
    return {
        "title": words.title(signal.rule), "level": words.level(signal.level),
        "subject": words.subject(signal.subject_kind), "key": signal.subject,
        "district": district(signal.district), "period": signal.period,
        "summary": words.summary(signal), "counter": rules()[signal.rule].counter,
    }  # fmt: skip


def _write(settings: Settings, as_of: date, rows: pd.DataFrame) -> Path:
    folder = settings.reports / "risk" / months.text(months.of(as_of)) / SUPERVISION
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / f"发放前核对-{as_of}.xlsx"
    title, footer = f"发放前核对 {as_of}", "只提示哪里需要看一看；不停发也不延迟任何待遇"
    with (
        Store(settings.store).scratch() as scratch,
        workbook.writing(path, as_of, title, footer, scratch) as book,
    ):
        book.table("核对", COLUMNS, rows)
    return path
