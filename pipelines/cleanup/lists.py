"""更正建议清单 — the workbook in which a district decides: proposals with columns to fill in, and questions.

What was sent is kept row by row, so that a returned copy can be held against it. What a person need not read
stands in the tables alone, and is counted on the cover.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, select

from matchers import cleanup
from matchers.cleanup.proposals import EDITORS, needs_two
from matchers.cleanup.steps import DECISIONS, STATUS
from matchers.evidence import digest
from matchers.lifecycle import FindingStatus
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup.places import named, reports
from pipelines.cleanup.queue import questions
from pipelines.database.lock import Lock
from pipelines.database.sync import sync
from pipelines.reports.format import of_columns
from pipelines.reports.seal import seal
from pipelines.reports.workbook import HEAD, Book, Column, writing
from sql import cleanup_tables as t

SHEET, QUESTIONS = "更正建议", "待核问题"
FAVOURS = {"person": "本人", "fund": "基金", "nobody": "—"}
FAVOURED_FIRST = ("person", "nobody", "fund")
CONFIDENCE = {"certain": "确定", "likely": "很可能", "ask": "待问"}
RELATION = {
    "registrations": "参保登记", "recipient": "领取人员", "claim": "申领", "payment": "支付",
    "recovery": "追回", "employers": "单位", "contribution_history": "缴费历史",
    "key_changes": "关键信息变更",
}  # fmt: skip
COLUMN = {
    "id_number": "证件号码", "name": "姓名", "person_no": "个人编号", "entitled_months": "核定月数",
    "last_employer_id": "原单位编号", "employer_id": "单位编号",
}  # fmt: skip
LISTED = ("proposed", "deferred")
ANSWERS_WITH = tuple(DECISIONS[d] for d in ("accepted", "rejected", "deferred"))
LOCKED = (
    Column("建议编号", "proposal_id", 19, meaning="同一建议每次运行不变"),
    Column("检查", "check", 20, "long", meaning="发现问题的检查"),
    Column("记录所在", "relation", 10, meaning="哪一类记录"),
    Column("记录", "record_key", 24, "long", meaning="记录的编号；合并的各编号以 + 相连"),
    Column("栏目", "column_name", 14, meaning="要更正的栏目"),
    Column("更正前", "before_value", 22, "long", meaning="现在的值"),
    Column("更正后", "after_value", 22, "long", meaning="建议的值；合并为保留的编号"),
)
SHOWN = (
    Column("把握", "confidence", 8, meaning="确定、很可能"),
    Column("有利于", "favours", 8, meaning="更正后对谁有利"),
    Column("依据", "evidence", 40, "long", meaning="建议所依据的事实"),
    Column("所需证明", "proof_needed", 18, "long", meaning="更正前应取得的证明"),
    Column("须两人", "two", 8, meaning="关键信息、合并和待遇期限须两人签认"),
    Column("状态", "status", 8, meaning="决定到了哪一步"),
)
ANSWERS = (
    Column("决定", "", 10, meaning="从列表选择", answer=True,
           check={"validate": "list", "source": list(ANSWERS_WITH), "error_title": "不在列表",
                  "error_message": "请从下拉列表选择"}),
    Column("理由", "", 24, "long", meaning="必填", answer=True),
    Column("决定人", "", 10, meaning="必填；不得是受理、审批该笔申领或改过该记录的人", answer=True),
    Column("复核人", "", 10, meaning="须两人的必填；与决定人不得为同一人", answer=True),
)  # fmt: skip
ASKED = (
    Column("检查", "check", 22, "long"),
    Column("记录所在", "relation", 10),
    Column("记录", "record_key", 26, "long"),
    Column("年月", "months", 28, "long"),
    Column("值", "value", 20, "long"),
    Column("依据", "evidence", 36, "long"),
    Column("可能的无辜解释", "innocent", 30, "long"),
)
FORMAT = of_columns(LOCKED, ANSWERS)


@dataclass(frozen=True, slots=True)
class Listed:
    """One district's workbook: its file, its proposals and questions, and what it leaves out, by check."""

    district: str
    file: Path
    proposals: int
    questions: int
    left_out: dict[str, int]


def write(settings: Settings, held: Lock, run_id: str, as_of: date, district: str) -> Listed:
    """The workbook of one district after a run; the same run writes the same bytes."""
    with held.engine.connect() as connection:
        proposals = _proposals(connection, district)
        asked, left_out = questions(connection, district)
    asked = asked.assign(
        relation=asked["relation"].map(RELATION),
        evidence=grounds(asked["why"], asked["check"], asked["evidence"]),
    )
    list_id = digest([run_id, district, proposals["proposal_id"].tolist()])[:12].upper()
    cells = proposals[[c.name for c in LOCKED]].set_axis([c.heading for c in LOCKED], axis=1)
    rows = [dict(zip(cells.columns, row, strict=True)) for row in cells.itertuples(index=False, name=None)]
    seals = [seal(list_id, str(row["建议编号"]), row) for row in rows]
    proposals = proposals.assign(seal=seals)
    file = reports(settings) / f"更正建议-{named(district)}.xlsx"
    footer = f"清单 {list_id}　运行 {run_id}"
    with Store(settings.store).scratch() as scratch, writing(file, as_of, file.stem, footer, scratch) as book:
        _cover(book, district, list_id, run_id, as_of, len(proposals), len(asked), left_out)
        book.table(SHEET, [*LOCKED, *SHOWN, *ANSWERS], proposals, hidden="seal", rows=100_000)
        book.table(QUESTIONS, ASKED, asked)
    with held.writing() as connection:
        _kept(connection, list_id, run_id, district, proposals)
    return Listed(district, file, len(proposals), len(asked), left_out)


def districts(connection: Connection) -> list[str]:
    """Every district that has something open, in order; empty stands for the city."""
    p, f = t.correction_proposal.c, t.cleanup_finding.c
    proposed = select(p.district).where(p.status.in_(LISTED))
    noticed = select(f.district).where(f.status == FindingStatus.OPEN)
    return sorted(set(connection.execute(proposed.union(noticed)).scalars()))


def grounds(reasons: Iterable[str], titles: Iterable[str], evidence: Iterable[str]) -> list[str]:
    """What stands behind each row: its reason, where that is more than its check's title, and the facts."""
    return [
        "；".join(part for part in ("" if reason == title else reason, evidence_text(facts)) if part)
        for reason, title, facts in zip(reasons, titles, evidence, strict=True)
    ]


def evidence_text(text: str) -> str:
    """The evidence of a proposal or finding as people read it: without who may not sign."""
    if not text.startswith("{"):
        return text
    given = {k: v for k, v in json.loads(text).items() if k != EDITORS and v not in ("", {}, [])}
    record = given.pop("record", {})
    parts = [f"{WORDS.get(k, k)} {_plain(v)}" for k, v in given.items()]
    parts += [f"{WORDS.get(k, k)}：{value}（{source}，{why}）" for k, (value, source, why) in record.items()]
    return "；".join(parts)


def _plain(value: object) -> str:
    return "，".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


WORDS = {
    "counted": "计入缴费月数", "deemed": "视同缴费月数", "left": "结转月数", "expected": "应享月数",
    "recorded": "核定月数", "months_short": "少核月数", "short_fen": "少发（分）", "overlap": "重复月份",
    "claims": "所涉申领及月份", "history": "缴费记录",
    "id_number": "号码", "name": "姓名", "birth_date": "出生日期", "sex": "性别", "phone": "电话",
    "bank_account": "银行账号", "card_no": "社会保障卡号", "employers": "单位编号", "names": "单位名称",
}  # fmt: skip


def _proposals(connection: Connection, district: str) -> pd.DataFrame:
    c = t.correction_proposal.c
    wanted = select(t.correction_proposal).where(c.district == district, c.status.in_(LISTED))
    result = connection.execute(wanted)
    rows = pd.DataFrame(result.mappings().all(), columns=list(result.keys()))
    titles = {code: check.title for code, check in cleanup.catalogue().items()}
    order = rows["favours"].map({favour: n for n, favour in enumerate(FAVOURED_FIRST)})
    two = [
        needs_two(code, column) for code, column in zip(rows["check_code"], rows["column_name"], strict=True)
    ]
    shown = rows.assign(
        order=order,
        check=rows["check_code"].map(titles),
        relation=rows["relation"].map(RELATION),
        column_name=rows["column_name"].map(COLUMN),
        confidence=rows["confidence"].map(CONFIDENCE),
        favours=rows["favours"].map(FAVOURS),
        evidence=grounds(rows["why"], rows["check_code"].map(titles), rows["evidence"]),
        status=rows["status"].map(STATUS),
        two=["是" if needed else "" for needed in two],
    )
    return shown.sort_values(["order", "check_code", "record_key", "proposal_id"], ignore_index=True)


def _cover(
    book: Book, district: str, list_id: str, run_id: str, as_of: date, proposals: int, asked: int,
    left_out: dict[str, int],
) -> None:  # fmt: skip
    sheet = book.book.add_worksheet("封面")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    titles = {code: check.title for code, check in cleanup.catalogue().items()}
    lines = [
        ("历史数据更正建议", ""),
        ("导出编号", list_id),
        ("区县", named(district)),
        ("运行编号", run_id),
        ("截至日", as_of.isoformat()),
        ("更正建议（条）", str(proposals)),
        ("待核问题（条）", str(asked)),
        *((f"未列入：{titles[code]}（条）", str(n)) for code, n in left_out.items()),
        ("原则", "本表只是建议，不改任何记录：由人决定，签名的文件交业务系统执行。"),
        (
            "怎样填写",
            "在“更正建议”表填决定、理由、决定人；须两人的另填复核人。其他格与库中逐格核对，请勿改动。",
        ),
    ]
    for row, (label, value) in enumerate(lines):
        style = book.style(bold=True, font_size=16 if row == 0 else 10, font_color=HEAD)
        sheet.write_string(row, 0, label, style)
        sheet.write_string(row, 1, value, book.style(text_wrap=True))
    sheet.protect("", {"select_locked_cells": True})


def _kept(connection: Connection, list_id: str, run_id: str, district: str, rows: pd.DataFrame) -> None:
    sent = pd.DataFrame([{"list_id": list_id, "run_id": run_id, "district": district, "format": FORMAT.text}])
    scope = t.correction_list.c.list_id == list_id
    sync(connection, t.correction_list, sent, key=["list_id"], scope=scope)
    sealed = rows[["proposal_id", "seal"]].assign(list_id=list_id)
    own = t.correction_list_row.c.list_id == list_id
    sync(connection, t.correction_list_row, sealed, key=["list_id", "proposal_id"], scope=own)
