"""A district's workbook as a person has it in hands: written by the product, edited with another program."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import Engine

from pipelines import feedback
from pipelines.base.store import Store
from pipelines.feedback import Receipt
from pipelines.reports import contents, exceptions
from pipelines.reports.exceptions import SHEET, WORK
from tests.findings import NIGHTS

TODAY = date(2026, 10, 25)
AT = datetime(2026, 10, 25, 2, 0)
DISMISSED = {"核查人": "甲", "复核人": "乙", "核查结论": "不属实", "不属实原因": "补缴以前月份"}
CONFIRMED = {
    "核查人": "甲", "复核人": "乙", "告知日期": date(2026, 10, 22), "核查结论": "属实",
    "停发年月": "2026-11", "应追回金额": 1755.5, "处理文书号": "渝失退〔2026〕1号",
}  # fmt: skip


@dataclass
class List:
    """An open workbook; rows are counted as people see them, the heading being row 1."""

    path: Path

    def __post_init__(self) -> None:
        self.book = openpyxl.load_workbook(self.path)
        self.sheet = self.book[WORK if WORK in self.book.sheetnames else SHEET]
        self.at = {cell.value: cell.column for cell in self.sheet[1]}

    def __getitem__(self, where: tuple[int, str]) -> Any:
        row, heading = where
        return self.sheet.cell(row, self.at[heading]).value

    def __setitem__(self, where: tuple[int, str], value: Any) -> None:
        row, heading = where
        self.sheet.cell(row, self.at[heading]).value = value

    def place(self, row: int, heading: str) -> str:
        """The cell as a receipt names it, ``N12``."""
        return str(self.sheet.cell(row, self.at[heading]).coordinate)

    def fill(self, row: int, answer: dict[str, Any]) -> str:
        """The number of the candidate whose row was filled in."""
        for heading, value in answer.items():
            self[row, heading] = value
        return str(self[row, "疑点编号"])

    def saved(self) -> Path:
        self.book.save(self.path)
        return self.path


def handed_out(engine: Engine, folder: Path, district: str = "500106", limit: int = 0) -> Path:
    """The list of one district as the last night wrote it."""
    own = contents.read(engine, Store(folder / "store"), NIGHTS[-1]).of_district(district)
    made = exceptions.export(own, district, limit)
    with engine.begin() as connection:
        exceptions.keep(connection, own, made)
    return exceptions.write(own, made, folder, folder)


def taken_in(engine: Engine, path: Path, *, apply: bool = True) -> Receipt:
    return feedback.take_in(engine, feedback.read(path), "丙", apply=apply, at=AT, today=TODAY)
