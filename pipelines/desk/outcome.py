"""办成了什么 — what became of the form that somebody sent last on a case, as it stands on record."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from matchers.lifecycle import TWO_PEOPLE
from pipelines.desk import notice_kinds
from pipelines.desk.beside import Beside
from pipelines.reports import words
from pipelines.reports.case.values import Case, Decided

DECISION, NOTICE, ATTACHMENT = "decision", "notice", "attachment"


def sentence(form: str, case: Case, beside: Beside, by: str) -> str:
    """What ``by`` did last by this form; empty where they did nothing by it."""
    made = SENTENCES.get(form)
    return made(case, beside, by) if made else ""


def issued(form: str, beside: Beside, by: str) -> str:
    """The number of the notice that ``by`` issued last, where they come from that form; else empty."""
    last = _last(beside.notices, "issued_by", by) if form == NOTICE else None
    return str(last.number) if last else ""


def _decision(case: Case, _: Beside, by: str) -> str:
    own = [made for made in case.reviews if by in (made.decided_by, made.second_by)]
    if not own:
        return ""
    last = max(own, key=_moment)
    if last.decision in TWO_PEOPLE and not last.second_by:
        return f"已登记“{last.words}”，由区县复核签认后生效"
    act = "已签认" if last.second_by == by else "已登记"
    return f"{act}“{last.words}”，现在的状态是“{words.STATUS[case.candidate['status']]}”"


def _notice(_: Case, beside: Beside, by: str) -> str:
    last = _last(beside.notices, "issued_by", by)
    return f"已出具{notice_kinds.WORDS[last.kind]} {last.number}，请下载、盖章送达" if last else ""


def _attachment(_: Case, beside: Beside, by: str) -> str:
    return "已添加附件" if _last(beside.attachments, "added_by", by) else ""


def _last(rows: Sequence[Row[Any]], column: str, by: str) -> Row[Any] | None:
    return next((row for row in reversed(rows) if getattr(row, column) == by), None)


def _moment(made: Decided) -> datetime:
    return max(filter(None, (made.decided_at, made.second_at)))


SENTENCES: Final[dict[str, Callable[[Case, Beside, str], str]]] = {
    DECISION: _decision,
    NOTICE: _notice,
    ATTACHMENT: _attachment,
}
