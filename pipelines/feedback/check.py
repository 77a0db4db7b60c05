"""核对 — a returned list against what was sent out: which row is which, and what must not have changed."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection, select

from pipelines.base.errors import DecisionRefused
from pipelines.feedback.answer import FIELDS, Answer, Problems, alike, parse
from pipelines.feedback.returned import SEAL, ReturnedRow
from pipelines.feedback.standing import Standing, alone, completed, implausible
from pipelines.readers.fields import Unreadable
from pipelines.readers.fields import date as read_date
from pipelines.reports.format import Format, of_text
from pipelines.reports.seal import broken, seal
from sql.tables import report_export, report_export_row

NOTHING: tuple[Answer, Problems, Problems] = (Answer(), {}, {})


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out under one export: its columns, each row's seal, the supporting facts it showed and the
    answers on record that stood in it, by heading.
    """

    export_id: str
    format: Format
    seals: Mapping[str, str]
    facts: Mapping[str, tuple[str, ...]]
    carried: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A returned row, the candidate it is of (empty: none of this export), its answer and its problems.

    ``carried``: what it holds is what went out in it, so nothing is new.
    """

    row: ReturnedRow
    candidate_id: str
    answer: Answer
    problems: Problems
    carried: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was filled in."""
        return self.answer == Answer()


def sent(connection: Connection, export_id: str) -> Sent:
    """What went out under ``export_id``; ``DecisionRefused`` where nothing did."""
    made = select(report_export.c.format).where(report_export.c.export_id == export_id)
    columns = connection.scalar(made)
    if columns is None:
        raise DecisionRefused(
            "封面的导出编号不在本待遇库：文件出自别处，编号被改动，或已过保存期；请交回本库导出的清单原文件，"
            "过期的改填最新的清单"
        )
    c = report_export_row.c
    wanted = select(c.candidate_id, c.seal, c.facts, c.carried).where(c.export_id == export_id)
    rows = connection.execute(wanted).all()
    facts = {row.candidate_id: tuple(json.loads(row.facts)) for row in rows}
    carried = {row.candidate_id: json.loads(row.carried) for row in rows}
    return Sent(export_id, of_text(columns), {row.candidate_id: row.seal for row in rows}, facts, carried)


def check(
    rows: Sequence[ReturnedRow], export: Sent, today: date, standing: Callable[[str], Standing]
) -> list[CheckedRow]:
    """The rows in their order, each with every cell that cannot be accepted and the reason.

    ``standing``: what is on record of a candidate by its number.
    """
    by_seal = {mark: candidate_id for candidate_id, mark in export.seals.items()}
    ids = [named(row, export, by_seal) for row in rows]
    twice = copies(rows, ids, export.format)
    checked = []
    for returned, candidate_id in zip(rows, ids, strict=True):
        row, new = fresh(returned, export, export.carried.get(candidate_id, {}), today)
        filled = bool(new) and bool(candidate_id)
        answer, unreadable, untrue = _answer(row, today, standing(candidate_id)) if filled else NOTHING
        faults = changed(returned, candidate_id, export) | twice.get(row.at, {}) | untrue | unreadable
        if faults and not unreadable:
            faults = {h: "同一行另有问题，未接收" for h in _filled(row, export.format)} | faults
        unchanged = not new and bool(_filled(returned, export.format))
        checked.append(CheckedRow(row, candidate_id, answer, faults, unchanged))
    return checked


def fresh(
    row: ReturnedRow, export: Sent, carried: Mapping[str, str], today: date
) -> tuple[ReturnedRow, frozenset[str]]:
    """The row as it is to be read, and the headings whose cells are not as they went out.

    Where only a recovery or a signature is new the other answers are those on record, and are left out.
    """
    answers = export.format.answers
    new = frozenset(h for h in answers if not alike(h, row.cells.get(h, ""), carried.get(h, ""), today))
    if not carried or not alone({FIELDS[h] for h in new if h in FIELDS}):
        return row, new
    cells = {h: text for h, text in row.cells.items() if h not in answers or h in new}
    return replace(row, cells=cells), new


def _answer(row: ReturnedRow, today: date, standing: Standing) -> tuple[Answer, Problems, Problems]:
    """The answer, the cells that are wrong in themselves, else those that cannot be true of the candidate."""
    answer, unreadable = parse(row.cells, today, lambda given: completed(given, standing))
    return answer, unreadable, {} if unreadable else implausible(answer, standing)


def named(row: ReturnedRow, export: Sent, by_seal: Mapping[str, str]) -> str:
    """What a row is of, by its number or else its seal; empty where it is of nothing in this export."""
    key = row.cells.get(export.format.key, "")
    return key if key in export.seals else by_seal.get(row.cells.get(SEAL, ""), "")


def changed(row: ReturnedRow, candidate_id: str, export: Sent) -> Problems:
    """The locked cells of a row that are not as they were sent."""
    if not candidate_id:
        return {export.format.key: "不是本次导出的行；新的情况请写在备注或另行报送"}
    cells = {h: _value(row.cells.get(h, ""), kind) for h, kind in export.format.locked.items()}
    returned = seal(export.export_id, candidate_id, cells)
    edited = broken(export.seals[candidate_id], returned, list(cells))
    problems = {heading: _how(row.cells.get(heading, "")) for heading in edited}
    if not edited and row.cells.get(SEAL, "") != export.seals[candidate_id]:
        problems[SEAL] = "隐藏的校验码被改动或清除"
    return problems


def _value(text: str, kind: str) -> object:
    """A cell read as text, as the value that was sealed."""
    if not text or kind in ("text", "long"):
        return text
    try:
        return read_date(text) if kind == "date" else float(text)
    except (Unreadable, ValueError):
        return text


def _how(text: str) -> str:
    if not text:
        return "锁定的格被清空"
    if "E+" in text.upper() or (text.isdigit() and len(text) > 15 and text.endswith("000")):
        return "锁定的格被改动：号码被转成了数值，请勿改变单元格格式"
    return "锁定的格被改动"


def copies(
    rows: Sequence[ReturnedRow], ids: Sequence[str], columns: Format
) -> dict[tuple[str, int], Problems]:
    """Rows that stand for a candidate another row stands for; of equal ones the first is good."""
    groups: dict[str, list[ReturnedRow]] = defaultdict(list)
    for row, candidate_id in zip(rows, ids, strict=True):
        if candidate_id:
            groups[candidate_id].append(row)
    twice: dict[tuple[str, int], Problems] = {}
    for group in groups.values():
        if len(group) > 1:
            lines = "、".join(f"{row.sheet}第{row.line}行" for row in group)
            same = all(_answers(row, columns) == _answers(group[0], columns) for row in group)
            for row in group[1:] if same else group:
                twice[row.at] = {
                    columns.key: f"同一疑点有多行（{lines}）"
                    + ("，只收第一行" if same else "且填写不同，均未接收")
                }
    return twice


def _answers(row: ReturnedRow, columns: Format) -> dict[str, str]:
    return {heading: row.cells[heading] for heading in _filled(row, columns)}


def _filled(row: ReturnedRow, columns: Format) -> list[str]:
    return [heading for heading in columns.answers if row.cells.get(heading, "").strip()]
