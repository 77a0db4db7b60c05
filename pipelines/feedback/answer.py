"""一行反馈 — the answer cells of one row as values, or what is wrong with each of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from matchers import months
from matchers.causes import causes
from matchers.findings import PERSON
from matchers.lifecycle import CONFIRMING, Step
from matchers.people.signature import same, signature
from pipelines.readers.fields import Unreadable
from pipelines.readers.fields import date as read_date
from pipelines.readers.fields import money as read_money
from pipelines.readers.fields import month as read_month
from pipelines.reports.answers import CONCLUSIONS, FIRST_DAY, HOW, LARGEST_YUAN, OTHER, REASONS, WAYS

ASSENTS = ("同意", "已核实", "核实", "已复核", "已核查", "属实无误", "无", "是", "否", "有", "略", "同上")
LONGEST_TEXT = {"核查人": 20, "复核人": 20, "处理文书号": 60, "备注": 1000}
CAUSE = "停领情形"
NAME = re.compile(r"\s*[^\W\d_]+(?:[\s·•．.'’-]+[^\W\d_]+)*[.．。]?\s*(?:[(（][^()（）]*[)）])?")
NO_NAMES = frozenset((*CONCLUSIONS, *HOW, *WAYS, *REASONS, *LONGEST_TEXT, *ASSENTS))
Problems = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a district filled in on one row; empty texts and None where it did not."""

    verified_by: str = ""
    verified_how: str | None = None
    verified_on: date | None = None
    notice_on: date | None = None
    conclusion: str = ""
    reason_code: str = ""
    stop_month: str | None = None
    recoverable_fen: int | None = None
    recovered_fen: int | None = None
    recovery_way: str | None = None
    document_no: str | None = None
    second_by: str = ""
    closed_on: date | None = None
    note: str = ""


def parse(
    cells: Mapping[str, str], today: date, complete: Callable[[Answer], Answer] = lambda given: given
) -> tuple[Answer, Problems]:
    """The answer in the cells (by heading), and for each heading that cannot be accepted the reason.

    ``complete``: the answer as a whole, of what a row brings and what is on record.
    """
    values: dict[str, Any] = {}
    problems: Problems = {}
    for field, (heading, reading) in zip(fields(Answer), READINGS.items(), strict=True):
        text = cells.get(heading, "").strip()
        if text:
            try:
                values[field.name] = reading(heading, text, today)
            except ValueError as unreadable:
                problems[heading] = str(unreadable)
    answer = complete(Answer(**values))
    addressee = notice_to(cells.get(CAUSE, ""))
    return answer, problems | ({} if problems else _contradictions(answer, addressee))


def notice_to(title: str) -> str:
    """Who is notified under the cause of this title."""
    return next((cause.notice_to for cause in causes().values() if cause.title == title), PERSON)


def _contradictions(answer: Answer, addressee: str) -> Problems:
    """What does not go together: each under the heading to be mended; ``addressee`` is to be notified."""
    confirming, dismissing = answer.conclusion in CONFIRMING, answer.conclusion == Step.DISMISSED
    tests = {
        "核查人": (not answer.verified_by, "填写反馈须注明核查人"),
        "复核人": (
            same(answer.second_by, answer.verified_by),
            "复核人与核查人不得为同一人",
        ),
        "告知日期": (
            confirming and not answer.notice_on,
            f"认定属实须先告知{addressee}并听取申辩，填告知日期",
        ),
        "停发年月": (
            (confirming and not answer.stop_month) or (bool(answer.stop_month) and not confirming),
            "认定属实须填停发年月" if confirming else "只有认定属实才填停发年月",
        ),
        "不属实原因": (
            dismissing != bool(answer.reason_code),
            "不属实须选择原因" if dismissing else "只有不属实才填原因",
        ),
        "备注": (answer.reason_code == OTHER and not answer.note, "原因为其他时须在备注写明"),
        "应追回金额": (bool(answer.recoverable_fen) and not confirming, "只有认定属实才填应追回金额"),
        "已追回金额": (bool(answer.recovered_fen) and not confirming, "只有认定属实才填已追回金额"),
        "追回方式": (bool(answer.recovery_way) and not confirming, "只有认定属实才填追回方式"),
        "销号日期": (
            bool(answer.closed_on) and not (confirming and answer.second_by),
            "销号须在认定属实并经复核之后",
        ),
    }
    return {heading: reason for heading, (wrong, reason) in tests.items() if wrong}


def _text(heading: str, text: str, _: date) -> str:
    most = LONGEST_TEXT[heading]
    if len(text) > most:
        raise ValueError(f"过长，最多 {most} 字")
    return text


def _name(heading: str, text: str, today: date) -> str:
    if re.search(r"\d", text):
        raise ValueError("请填姓名，不含数字")
    if not NAME.fullmatch(text) or not signature(text) or text in NO_NAMES:
        raise ValueError("请填姓名")
    return _text(heading, text, today)


def _choice(of: Mapping[str, str]) -> Callable[[str, str, date], str]:
    def read(_heading: str, text: str, _: date) -> str:
        if text not in of:
            raise ValueError("不在列表中，请从下拉列表选择")
        return of[text]

    return read


def _day(_heading: str, text: str, today: date) -> date:
    try:
        day = read_date(text)
    except Unreadable:
        raise ValueError("不是日期，请填如 2026-10-20") from None
    if day is None or not FIRST_DAY <= day <= today:
        raise ValueError("日期须在 2000 年以后、不晚于今天")
    return day


def _month(_heading: str, text: str, _: date) -> str:
    try:
        month = read_month(text)
    except Unreadable:
        month = None
    if month is None:
        raise ValueError("不是年月，请填如 2026-11")
    return months.text(month)


def _amount(_heading: str, text: str, _: date) -> int:
    try:
        fen = read_money(text)
    except Unreadable:
        raise ValueError("不是金额，请填数字（元）") from None
    if not 0 <= fen <= LARGEST_YUAN * 100:
        raise ValueError("金额须不小于 0 且不超过一千万元")
    return fen


READINGS: Mapping[str, Callable[[str, str, date], Any]] = {
    "核查人": _name,
    "核查方式": _choice({word: word for word in HOW}),
    "核查日期": _day,
    "告知日期": _day,
    "核查结论": _choice(CONCLUSIONS),
    "不属实原因": _choice(REASONS),
    "停发年月": _month,
    "应追回金额": _amount,
    "已追回金额": _amount,
    "追回方式": _choice({word: word for word in WAYS}),
    "处理文书号": _text,
    "复核人": _name,
    "销号日期": _day,
    "备注": _text,
}
FIELDS: Mapping[str, str] = dict(zip(READINGS, (field.name for field in fields(Answer)), strict=True))


def alike(heading: str, text: str, other: str, today: date) -> bool:
    """Whether two texts of a column mean the same, however they are written."""
    text, other = text.strip(), other.strip()
    if text == other or not (text and other):
        return text == other
    try:
        reading = READINGS[heading]
        return bool(reading(heading, text, today) == reading(heading, other, today))
    except (KeyError, ValueError):
        return False
