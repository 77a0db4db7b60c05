"""疑点清单 — the workbook that a district works with, and the masked one that the city supervises by.

A district's copy has the full numbers and the columns to fill in; what was sent is kept in the database, row
by row, so that a returned copy can be held against it. The city's copy has neither. What an officer works
with is in sight, the rest of a row is folded behind it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, insert, select

from matchers.schemas import ListedCandidates
from pipelines.database import audit
from pipelines.reports import carried, cover, dictionary, shown, words
from pipelines.reports.answers import ANSWERS
from pipelines.reports.contents import Contents
from pipelines.reports.cover import Line
from pipelines.reports.format import Format, of_columns
from pipelines.reports.ranking import cut
from pipelines.reports.seal import canonical, content_digest, of_texts
from pipelines.reports.workbook import Column, writing
from sql.tables import report_export, report_export_row

SHEET, WORK = "疑点清单", "办理"
KEY = "疑点编号"
LOCKED = (
    Column(KEY, "candidate_id", 21, meaning="同一申领、同一情形每晚不变"),
    Column("序号", "serial", 6, "count", meaning="本清单内的顺序号，排序之后可据此还原"),
    Column(
        "办理次序",
        "turn",
        15,
        meaning="先办 1：待发款在下次发放前还来得及；再办 2 精确、3 重要、4 一般；5 已认定，待追回销号",
    ),
    Column("姓名", "name", 10, meaning="待遇库登记的姓名"),
    Column(
        "疑点等级", "tier", 10, meaning="精确：身份与事实都确凿；重要：其一较弱；一般：值得一看，不计入合计"
    ),
    Column("停领情形", "cause", 16, "long", meaning="涉嫌的停止领取情形"),
    Column("公民身份号码", "id_number", 21, meaning="待遇库登记的证件号码"),
    Column("联系电话", "phone", 14, meaning="待遇库登记的电话"),
    Column("经办机构", "district", 14, meaning="申领的经办机构"),
    Column("申领编号", "claim_id", 13, meaning="待遇库的申领编号"),
    Column("享受起始年月", "start_month", 11, meaning="第一个待遇月份"),
    Column("疑点事实", "summary", 52, "long", meaning="一句话说明；逐条证据见“证据”"),
    Column("对当事人有利的事实", "against", 28, "long", meaning="核查时必须一并考虑"),
    Column("数据来源与日期", "sources", 22, "long", meaning="支持证据来自哪些数据、哪一批"),
    Column("事由年月", "event_month", 10, meaning="事实开始的月份"),
    Column("建议停发年月", "stop_month", 11, meaning="核实后第一个不应发放的月份，仅为建议"),
    Column("冲突起止年月", "conflict", 17, meaning="事实与领取重叠的月份"),
    Column("多领月数", "overpaid_months", 8, "count", meaning="已发失业保险金的重叠月数"),
    Column(
        "已发应退",
        "overpaid_fen",
        13,
        "money",
        meaning="元；可向本人（死亡的向实际领取人）追回的已发金额减已追回",
    ),
    Column(
        "可止付金额",
        "preventable_fen",
        13,
        "money",
        meaning="元；尚未发出、核实后可以不发的金额；逐笔见多领报告",
    ),
    Column(
        "发放前待核",
        "at_risk_fen",
        13,
        "money",
        meaning="元；待发名册上尚无记录可据的月份，没有终止记录的，发放前一并核实；不含在可止付金额之内",
    ),
    Column(
        "计入合计",
        "in_totals",
        26,
        "long",
        meaning="一般疑点不计；同一申领同月同项目只计一次，写明计在哪一情形",
    ),
    Column("政策依据", "legal_basis", 28, "long", meaning="法律条文"),
    Column("身份比对", "link", 24, "long", meaning="凭什么认定是同一人"),
    Column("提示", "hints", 22, "long", meaning="先做什么、要注意什么"),
    Column("状态", "status", 9, meaning="本系统中的办理状态"),
    Column("首次发现", "first_seen_as_of", 12, "date", meaning="第一次出现的比对日"),
    Column("已过天数", "age_days", 8, "count", meaning="首次发现至比对日"),
    Column("此前处理", "earlier", 26, "long", meaning="以前的决定；新事实使已排除的疑点重新提出时必看"),
)
IN_SIGHT = frozenset({
    "序号", "办理次序", "姓名", "停领情形", "疑点事实", "对当事人有利的事实", "已发应退",
    "核查人", "核查日期", "告知日期", "核查结论", "不属实原因", "停发年月", "应追回金额", "复核人",
})  # fmt: skip
BRIEF = ("candidate_id", "turn", "tier", "cause", "district", "claim_id", "event_month", "stop_month",
         "overpaid_fen", "preventable_fen", "status", "first_seen_as_of")  # fmt: skip
LEFT_OUT = tuple(column for column in LOCKED if column.name in BRIEF)
EVIDENCE = (
    Column(KEY, "candidate_id", 21),
    Column("性质", "weight", 11),
    Column("数据来源", "feed", 14),
    Column("交付日期", "delivered", 12),
    Column("文件", "file", 30, "long"),
    Column("行号", "line", 9, "count"),
    Column("涉及月份", "months", 17),
    Column("说明", "note", 34, "long"),
    Column("原始内容", "content", 70, "long"),
)
QUESTIONS = (
    Column("问题编号", "question_id", 21),
    Column("申领编号", "claim_id", 13),
    Column("姓名", "name", 10),
    Column("公民身份号码", "id_number", 21),
    Column("经办机构", "district", 14),
    Column("问题", "kind", 24, meaning="身份存疑的种类；判断之前不产生疑点"),
    Column("原始记录", "place", 44, "long"),
    Column("说明", "sentence", 70, "long"),
)
DISTRICT_ADVICE = (
    "打开“办理”，从第一行起按“办理次序”办：1 发放前先核实，逐笔待发款见多领报告的“可止付金额”；"
    "2 精确疑点；3 重要疑点；4 一般疑点有余力再看；5 已认定的，登记追回和销号。",
    "提示栏写有“先核实身份”的，先确认是不是同一个人，再看事实。“身份存疑”表另列尚不成疑点的记录，"
    "能判断是不是同一个人的，请告诉市级督办。",
    "“证据”写明每项事实的原文；要看原始记录的，凭文件和行号向市级督办调阅。“对当事人有利的事实”必须一并核实。",
    "“办理”只露出常用的栏，点表头上方的“+”展开其余各栏（证件号码、电话、法律依据、已追回金额等）；打印只印"
    "露出的栏。可以筛选和排序，按“序号”排序即还原。",
    "只填黄色表头的各栏（有下拉列表和检查），怎么填见“字典”；其余各栏与库中逐格核对，请勿改动、复制行或删除行。",
    "已登记的反馈已带入黄色各栏，没有变化的行不必再填；有变化的只改那几栏，改动由新填的核查人、复核人负责。",
    "认定属实须已告知本人并听取申辩（填告知日期），由核查人和复核人两人签认；认定不属实须选择原因。"
    "停发、追回在业务系统里办理，本表只登记结论。",
    "情形为死亡的：向遗属核实、告知、听取申辩，告知日期填告知遗属之日；一并告知遗属待遇（见多领报告“权益提示”）。",
    "填好后把本文件交回市级督办，可以分几次；收回时没有接收的格会逐格说明原因。",
)
CITY_ADVICE = (
    "本表供全市督办，证件号码、姓名和电话已遮盖，不接收反馈；区县清单是各自的文件。",
    "先看“可止付金额”大的区县，再看精确疑点多而“待下发、已下发”多的区县。",
)


@dataclass(frozen=True, slots=True)
class Export:
    """What one workbook shows: its number, its columns, its rows as listed, and what was left out of it.

    ``carried``: of each row the answers on record that stand in it, by heading, as JSON.
    """

    export_id: str
    district: str
    format: Format
    listed: ListedCandidates
    left_out: ListedCandidates
    sha256: str
    seals: pd.Series
    carried: list[str]


def export(contents: Contents, district: str, limit: int) -> Export:
    """The list of a district (``words.CITY``: of all) with its number and the seal of every row.

    The number is made of the night, the district, the columns and the content: the same list has the same
    number.
    """
    chosen, others = cut(contents.active, limit)
    masked = district == words.CITY
    listed = shown.candidates(contents, chosen, masked=masked)
    answered = carried.answers(contents.reviews, chosen)
    given = carried.texts(answered)
    columns = of_columns(LOCKED, ANSWERS)
    rows = _locked(listed)
    contained = ["\x1f".join(row) for row in rows]
    sha256 = content_digest([columns.text, *contained, *(text for text in given if text != carried.NOTHING)])
    export_id = f"{contents.as_of:%Y%m%d}-{district}-{sha256[:10]}"
    sealed = [
        of_texts(export_id, number, dict(zip(columns.locked, row, strict=True)))
        for number, row in zip(listed["candidate_id"], rows, strict=True)
    ]
    seals = pd.Series(sealed, index=listed.index, dtype=object)
    left_out = shown.candidates(contents, others, masked=True)
    listed = listed.assign(seal=seals).join(answered)
    return Export(export_id, district, columns, listed, left_out, sha256, seals, given)


def write(contents: Contents, made: Export, folder: Path, scratch: Path) -> Path:
    """The workbook ``疑点清单-<district>.xlsx``. Unfinished, it lies in ``scratch``."""
    city = made.district == words.CITY
    path = folder / f"{SHEET}-{made.district}.xlsx"
    place = made.district if city else f"{words.district(made.district)}（{made.district}）"
    footer = f"{made.export_id}　比对日 {contents.as_of}　疑点不是结论"
    active = contents.active
    counted = cover.figures(active)
    if len(made.left_out):
        counted = [
            *counted,
            Line("另有未列入清单（件）", f"{len(made.left_out)}；见“未列入”，金额已含在以上数字内"),
        ]
    identity = [
        Line("经办机构", place),
        Line("导出编号", made.export_id),
        Line("内容校验（SHA-256）", made.sha256),
    ]
    answers = () if city else ANSWERS
    with writing(path, contents.as_of, f"{SHEET} {place} {contents.as_of}", footer, scratch) as book:
        cover.write(
            book, contents, f"{SHEET}　{place}", identity, counted, CITY_ADVICE if city else DISTRICT_ADVICE
        )
        if city:
            book.table(SHEET, LOCKED, made.listed, keep=4)
        else:
            book.table(WORK, folded([*LOCKED, *answers]), made.listed, keep=3, hidden="seal")
        book.table("证据", EVIDENCE, shown.evidence(contents, made.listed, masked=city))
        if len(made.left_out):
            book.table("未列入", LEFT_OUT, made.left_out)
        if len(contents.questions):
            book.table("身份存疑", QUESTIONS, shown.questions(contents, masked=city))
        dictionary.write(book, contents, [*LOCKED, *answers])
    return path


def folded(columns: Sequence[Column]) -> list[Column]:
    """The columns in sight first; of the others, folded behind them, those to fill in come first."""
    behind = [replace(column, folded=column.heading not in IN_SIGHT) for column in columns]
    return sorted(behind, key=lambda column: (column.folded, column.folded and not column.answer))


def keep(connection: Connection, contents: Contents, made: Export) -> None:
    """Remember what a district was sent: the columns, the seal of each row and the facts it rests on."""
    if _kept(connection, made.export_id):
        return
    facts = contents.candidates.set_index("candidate_id")["facts"]
    connection.execute(
        insert(report_export).values(
            export_id=made.export_id,
            as_of=contents.as_of,
            district=made.district,
            format=made.format.text,
        )
    )
    rows = [
        {
            "export_id": made.export_id,
            "candidate_id": key,
            "seal": mark,
            "facts": json.dumps(facts[key]),
            "carried": given,
        }
        for key, mark, given in zip(made.listed["candidate_id"], made.seals, made.carried, strict=True)
    ]
    if rows:
        connection.execute(insert(report_export_row), rows)
    detail = {"district": made.district, "rows": len(rows), "sha256": made.sha256}
    audit.record(connection, "crossmatch", "report", made.export_id, detail)


def _kept(connection: Connection, export_id: str) -> bool:
    wanted = select(report_export.c.export_id).where(report_export.c.export_id == export_id)
    return connection.execute(wanted).first() is not None


def _locked(listed: pd.DataFrame) -> Sequence[tuple[str, ...]]:
    """The locked cells of each row as they are sealed: amounts in yuan, what comes again spelt once."""
    columns = []
    for column in LOCKED:
        values = listed[column.name].tolist()
        amounts = column.kind == "money"
        spelt = {value: canonical(value / 100 if amounts else value) for value in set(values)}
        columns.append([spelt[value] for value in values])
    return list(zip(*columns, strict=True))
