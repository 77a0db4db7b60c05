"""审计查询 — events of the chain for the auditor: newest first, a page at a time, by who, what and which."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from pipelines.base import clock
from sql.tables import audit_event

ROWS: Final = 100
HOUR: Final = timedelta(hours=1)
C = audit_event.c
SHOWN: Final[tuple[ColumnElement[Any], ...]] = (
    C.seq,
    C.at,
    C.actor,
    C.action,
    C.subject,
    C.detail,
    C.os_user,
    C.database_user,
    C.hash,
)
HEADINGS: Final = ("序号", "时间（UTC）", "人员", "事项", "对象", "内容", "系统用户", "数据库用户", "散列")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WORDS: Final = {
    "case_view": "查看疑点", "reveal": "显示号码", "reveal_many": "一小时内显示号码过多", "search": "查找",
    "search_many": "一小时内查找过多",
    "review": "办理疑点", "import_feedback": "收回反馈", "release": "放行", "identity": "身份判断",
    "sign_in": "登录", "sign_in_failed": "登录失败", "sign_out": "退出", "second_factor": "第二因素",
    "second_factor_begun": "设置第二因素", "second_factor_failed": "第二因素不正确",
    "password_change": "修改口令", "password_change_failed": "修改口令失败", "refused": "被拒绝的访问",
    "account_add": "建立账号", "account_lock": "锁定账号", "account_reset": "重置口令",
    "account_move": "更改岗位或区县", "account_bind": "对应统一身份认证",
    "audit_view": "查看审计", "audit_verify": "校验审计链",
    "audit_export": "导出审计", "export": "导出", "dispatch": "下发", "notice": "出具文书",
    "attach": "添加附件", "upload_refused": "未接收的文件", "attachment": "下载附件", "assign": "分派",
    "filter": "常用筛选",
    "reply_day": "更改答复期限", "draft": "暂存没有交上的内容", "backfill": "申请补跑",
    "check_delivery": "试读文件", "check_feedback": "核对反馈", "download": "下载报表",
    "cleanup": "历史清理写入", "correction": "更正决定", "correction_view": "查看更正建议",
    "correction_feedback": "收回更正清单", "correction_export": "导出更正",
    "night": "夜间比对", "report": "写出报表", "payment_check": "发放前核对", "ask_undo": "申请撤销一夜",
    "undo": "撤销一夜", "quality_sample": "质量抽查抽样", "quality_check": "质量抽查", "risk": "风险分析",
    "risk_review": "风险信号办理", "risk_export": "导出风险清单", "risk_impact": "签署影响评估",
    "risk_retention": "清除到期的风险数据", "retention": "清除到期数据", "queue_message": "登记通知",
    "send_message": "发出通知",
    "identity_opinion": "身份意见", "identity_view": "查看身份问题",
}  # fmt: skip
ALARMS: Final = ("reveal_many", "search_many")
ACCOUNTS: Final = ("account_add", "account_lock", "account_reset", "account_move", "account_bind")


def events(connection: Connection, asked: Mapping[str, str]) -> Sequence[RowMapping]:
    """One page of the events that ``asked`` narrows by actor, action, subject and before (a number)."""
    wanted = select(*SHOWN).where(*_conditions(asked)).order_by(C.seq.desc()).limit(ROWS)
    return connection.execute(wanted).mappings().all()


def exported(connection: Connection, asked: Mapping[str, str]) -> tuple[str, int]:
    """All those events, oldest first, as CSV that no spreadsheet takes for formulas; and their number."""
    written, rows = io.StringIO(), 0
    lines = csv.writer(written)
    lines.writerow(HEADINGS)
    for row in _rows(connection, asked):
        lines.writerow([harmless(str(value)) for value in row.values()])
        rows += 1
    return written.getvalue(), rows


def newest(connection: Connection, actions: Collection[str]) -> Sequence[RowMapping]:
    """The newest events of these actions: an auditor looks at ``ALARMS`` first, then at ``ACCOUNTS``."""
    wanted = select(*SHOWN).where(C.action.in_(actions)).order_by(C.seq.desc()).limit(ROWS)
    return connection.execute(wanted).mappings().all()


def last(connection: Connection, action: str, subjects: Collection[str]) -> dict[str, RowMapping]:
    """The newest event of the action about each of the subjects that has one."""
    wanted = select(C.subject, C.actor, C.at).where(C.action == action, C.subject.in_(subjects))
    return {row["subject"]: row for row in connection.execute(wanted.order_by(C.seq)).mappings()}


def within_the_hour(connection: Connection, action: str, actor: str) -> int:
    """How often somebody did so within the last hour, what this transaction has recorded counted too."""
    recent = (C.action == action, C.actor == actor, C.at > clock.now() - HOUR)
    return connection.execute(select(func.count()).where(*recent)).scalar_one()


def harmless(text: str) -> str:
    """The text as a cell that is text in any spreadsheet."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _rows(connection: Connection, asked: Mapping[str, str]) -> Iterator[RowMapping]:
    wanted = select(*SHOWN).where(*_conditions(asked), C.at <= clock.now()).order_by(C.seq)
    yield from connection.execute(wanted).mappings()


def _conditions(asked: Mapping[str, str]) -> list[ColumnElement[bool]]:
    given = {name: value for name, value in asked.items() if value}
    narrowing = [C[name] == given[name] for name in ("actor", "action", "subject") if name in given]
    if given.get("before", "").isdecimal():
        narrowing.append(C.seq < int(given["before"][:18]))
    return narrowing
