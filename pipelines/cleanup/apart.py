"""另列 — what no district's list of corrections holds: questions for supervision, and contacts on request.

Who edits the keys of a record, or collects the accounts of others, may sit in the district that the list goes
to; supervision alone reads of them, in a folder that only the owner enters.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import queue
from pipelines.cleanup.lists import ASKED, QUESTIONS, RELATION, grounds
from pipelines.cleanup.places import named, reports
from pipelines.reports.words import SUPERVISION
from pipelines.reports.workbook import Column, writing

WANTING = {"phone": "联系电话", "bank_account": "银行账号"}
PLACED = (Column("区县", "place", 10), *ASKED)
CONTACTS = (Column("个人编号", "record_key", 20), Column("缺失或不合格", "wanting", 16))


def supervised(settings: Settings, connection: Connection, run_id: str, as_of: date) -> tuple[Path, int]:
    """The questions of the whole city that supervision asks, and how many; the same run, the same bytes."""
    rows = queue.supervised(connection)
    asked = rows.assign(
        place=rows["district"].map(named),
        relation=rows["relation"].map(RELATION),
        evidence=grounds(rows["why"], rows["check"], rows["evidence"]),
    )
    folder = reports(settings) / SUPERVISION
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    return _written(settings, folder / "待核问题.xlsx", run_id, as_of, QUESTIONS, PLACED, asked), len(asked)


def contacts(
    settings: Settings, connection: Connection, run_id: str, as_of: date, district: str
) -> tuple[Path, int]:
    """The registrations of a district without a usable telephone or account, and how many lines."""
    rows = queue.contacts(connection, district)
    listed = rows.assign(wanting=rows["column_name"].map(WANTING))
    file = reports(settings) / f"联系方式-{named(district)}.xlsx"
    return _written(settings, file, run_id, as_of, "联系方式", CONTACTS, listed), len(listed)


def _written(
    settings: Settings, file: Path, run_id: str, as_of: date, sheet: str, columns: Sequence[Column],
    rows: pd.DataFrame,
) -> Path:  # fmt: skip
    footer = f"运行 {run_id}"
    with Store(settings.store).scratch() as scratch, writing(file, as_of, file.stem, footer, scratch) as book:
        book.table(sheet, columns, rows)
    return file
