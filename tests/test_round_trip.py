"""Two thousand random edits, through another spreadsheet program: each is taken in or named."""

import os
import random
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from pipelines.feedback import Receipt
from pipelines.reports.exceptions import LOCKED
from sql import tables as t
from tests.findings import city
from tests.lists import CONFIRMED, DISMISSED, List, handed_out, taken_in

EDITS = 2000
pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
WRONG = {
    "核查人": "甲1", "核查方式": "猜的", "核查日期": "昨天", "告知日期": date(2040, 1, 1),
    "核查结论": "大概属实", "不属实原因": "没空", "停发年月": "2026.1", "应追回金额": "很多",
    "已追回金额": -1, "追回方式": "慢慢还",
    "处理文书号": "长" * 80, "复核人": "乙2", "销号日期": "以后", "备注": "长" * 2000,
}  # fmt: skip
NUMBERS = {"多领月数": 99, "已发应退": 0.01, "可止付金额": 7, "已过天数": -1, "首次发现": date(2020, 1, 1)}


def office(path: Path, folder: Path) -> Path:
    """The workbook opened and saved again by LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is needed in CI")
        pytest.skip("LibreOffice is not installed")
    saved = folder / "saved"
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(saved), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return saved / path.name


@pytest.fixture
def filled(database: Engine) -> Engine:
    city(claims=700, districts=("500106",)).fill(database)
    return database


def test_a_list_saved_by_another_program_comes_back_unchanged(filled: Engine, tmp_path: Path) -> None:
    receipt = taken_in(filled, office(handed_out(filled, tmp_path), tmp_path))
    assert receipt.problems == ()
    assert receipt.outcomes["blank"] == receipt.rows > 700


def test_every_one_of_two_thousand_edits_is_taken_in_or_named(filled: Engine, tmp_path: Path) -> None:
    sheet, chance = List(handed_out(filled, tmp_path)), random.Random(11)
    edits = _edited(sheet, chance)
    receipt = taken_in(filled, office(sheet.saved(), tmp_path))
    silent = [edit for edit in edits if not _accounted(filled, receipt, *edit)]
    assert len(edits) == EDITS
    assert silent == []
    assert sum(receipt.outcomes.values()) == receipt.rows
    assert receipt.outcomes["taken"] > 100
    assert receipt.outcomes["refused"] > 300


def _edited(sheet: List, chance: random.Random) -> list[tuple[str, str, str, Any]]:
    """The edits made: (kind, candidate, heading, value); rows are copied and deleted last."""
    edits: list[tuple[str, str, str, Any]] = []
    rows = list(range(2, sheet.sheet.max_row + 1))
    chance.shuffle(rows)
    keys = {row: str(sheet[row, "疑点编号"]) for row in rows}
    deleted, copied, answered, spoilt = rows[:40], rows[40:80], rows[80:280], rows[280:]
    for row in (*answered, *copied):
        answer = chance.choice((CONFIRMED, DISMISSED))
        sheet.fill(row, answer)
        edits += [("answer", keys[row], heading, value) for heading, value in answer.items()]
    while len(edits) < EDITS - 80:
        row, locked = chance.choice(spoilt), chance.random() < 0.5
        heading = chance.choice([c.heading for c in LOCKED]) if locked else chance.choice(list(WRONG))
        value = NUMBERS.get(heading, f"{sheet[row, heading] or ''}改") if locked else WRONG[heading]
        sheet[row, heading] = value
        edits.append(("spoilt", keys[row], heading, value))
    for row in copied:
        sheet.sheet.append([cell.value for cell in sheet.sheet[row]])
        edits.append(("copied", keys[row], "疑点编号", None))
    for row in sorted(deleted, reverse=True):
        sheet.sheet.delete_rows(row)
        edits.append(("deleted", keys[row], "", None))
    return edits


def _accounted(engine: Engine, receipt: Receipt, kind: str, candidate: str, heading: str, value: Any) -> bool:
    if kind == "deleted":
        return candidate in receipt.missing
    named = {(p.candidate_id, p.heading) for p in receipt.problems}
    if kind in ("copied", "spoilt"):
        return (candidate, heading) in named
    return (candidate, heading) in named or value in _recorded(engine, candidate)


def _recorded(engine: Engine, candidate: str) -> set[Any]:
    """Every value on record for the candidate, in the words of the list."""
    joined = t.review.join(t.review_detail, t.review_detail.c.review_id == t.review.c.review_id)
    wanted = select(t.review, t.review_detail).select_from(joined).where(t.review.c.candidate_id == candidate)
    words = {"confirmed": "属实", "dismissed": "不属实", "back_paid": "补缴以前月份", 175550: 1755.5}
    with engine.connect() as connection:
        recorded = {value for row in connection.execute(wanted) for value in row}
    return {words.get(value, value) for value in recorded}
