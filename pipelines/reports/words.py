"""用语 — the Chinese words that people read for codes; an unknown code is shown as it is.

``districts.toml`` holds the names of the handling agencies, ``codes.toml`` the meaning of columns' codes.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from expectations.feed import Column, feeds
from matchers.causes import causes
from matchers.findings import EVERY_CAUSE, TIER_WORDS
from matchers.lifecycle import Status
from matchers.people.resident_id import mask
from matchers.summary import OWN_RECORDS
from matchers.text import fold
from pipelines.base import site
from pipelines.base.errors import UsageError
from pipelines.base.logs import DATE, LONG, MOBILE

CITY = "全市"
SUPERVISION = "基金监督"  # the folder of what supervision alone reads
TIERS = ("precise", "important", "lead")
SUMMED = ("precise", "important")
TURN = {1: "1 发放前先核实", 2: "2 精确疑点", 3: "3 重要疑点", 4: "4 一般疑点", 5: "5 已认定，待追回销号"}
STATUS: Mapping[str, str] = {
    Status.OPEN: "待下发",
    Status.DISPATCHED: "已下发",
    Status.VERIFYING: "核查中",
    Status.NOTIFIED: "已告知",
    Status.CONFIRMED: "属实",
    Status.DISMISSED: "不属实",
    Status.RECOVERING: "追回中",
    Status.CLOSED: "已销号",
    Status.WITHDRAWN: "已撤回",
}
WEIGHT = {"supports": "支持", "against": "对当事人有利"}
HEALTH = {"accepted": "已接收", "held": "待放行", "refused": "已拒收"}
BENEFIT = {
    "unemployment_benefit": "失业保险金",
    "medical_insurance": "代缴医保",
    "pension_reimbursement": "养老保险补助",
    "price_subsidy": "价格临时补贴",
    "maternity": "生育补助",
    "funeral": "丧葬补助",
    "survivors": "抚恤金",
}
QUESTION = {
    "one_id_two_persons": "号码相同但像是两个人",
    "shared_id": "两名领取人员登记了同一号码",
    "two_person_ids": "一人有两个个人编号",
    "possible_match": "可能是同一人，证据不足",
}
NOTICE = {"survivors": "遗属待遇", "underpayment": "少发待补"}
REQUEST = {"deemed_contribution": "视同缴费无法比对", "unusable_id": "证件号码无法核对"}
WHO_DREW = (
    "如死亡属实，请查明死亡之后的待遇由谁领取、怎样领取、领取人是否知道本人已故；应退金额向实际领取人追回，"
    "查明之前不认定任何人，是遗属也不等于是领取人"
)
REJECT = {
    "column_count": "列数不符",
    "unbalanced_quote": "引号不成对",
    "undecodable": "字符无法解码",
    "nul": "含空字符",
    "too_long": "行过长",
    "unread_sheet": "工作表没有表头",
    "empty_required": "必填项为空",
    "bad_month": "年月无法读取",
    "ambiguous_month": "年月有歧义",
    "bad_date": "日期无法读取",
    "bad_number": "数字无法读取",
    "bad_span": "期间无法读取",
    "unknown_code": "代码未约定",
    "numeric_id": "证件号码被存成数字",
    "before_birth": "早于出生日期",
    "under_age": "未满十六周岁",
}
OWN_COLUMNS = {
    "payment_id": "支付编号",
    "claim_id": "申领编号",
    "benefit_month": "待遇月份",
    "benefit_kind": "待遇项目",
    "paid_fen": "已发金额",
    "recovered_fen": "已追回金额",
    "state": "支付状态",
    "paid_on": "发放日期",
    "sex": "性别",
    "birth_date": "出生日期",
    "registered_on": "失业登记日期",
    "commitment_signed_on": "承诺书签署日期",
    "start_month": "起领年月",
    "entitled_months": "核定月数",
}
NUMBERS = re.compile(f"(?P<kept>{DATE})|{LONG}|{MOBILE}")
GAPS = re.compile(r"[\W_]")
LETTERS = re.compile("（[^（）]*／[^（）]*）")
PERSONAL = ("id_number", "old_id_number", "name", "old_name", "phone", "birth_date")


@cache
def districts() -> dict[str, str]:
    """The name of each handling agency by its six-digit code, the site's own names before ours."""
    own = site.part("districts.toml")
    ours = (files(__package__) / "districts.toml").read_text("utf-8")
    try:
        names = tomllib.loads(ours) | (tomllib.loads(own.read_text("utf-8")) if own else {})
    except ValueError as error:
        raise UsageError(f"{own} 不是有效的 TOML（{error}）") from None
    for code, named in names.items():
        if not (re.fullmatch("[0-9]{6}", code) and isinstance(named, str) and named.strip()):
            raise UsageError(f'{own} 的 {code}：应为 六位代码 = "名称"，如 500106 = "沙坪坝区"')
    return names


@cache
def codes() -> dict[str, dict[str, str]]:
    """What the codes of each column mean."""
    return tomllib.loads((files(__package__) / "codes.toml").read_text("utf-8"))


def district(code: str) -> str:
    """The agency as people know it, ``沙坪坝区``; the code itself where no name is on file."""
    return districts().get(code, code)


def cause(code: str) -> str:
    """The title of a cause."""
    return causes()[code].title if code in causes() else code


def tier(code: str) -> str:
    """The class of a candidate, as ``精确疑点``."""
    return TIER_WORDS.get(code, code)


def reason(cause_code: str, code: str) -> str:
    """The sentence of a reason code, of the cause or of every cause."""
    own = causes()[cause_code].words if cause_code in causes() else {}
    return own.get(code, EVERY_CAUSE.get(code, code))


def feed(name: str) -> str:
    """The title of a feed, or of one of the agency's own records."""
    return feeds()[name].title if name in feeds() else OWN_RECORDS.get(name, name)


def standing(health: str, released: bool) -> str:
    """What became of a delivery, as ``已放行`` once a person has let it go on."""
    return "已放行" if released else HEALTH[health]


def place(feed_name: str, file: str, line: int) -> str:
    """Where a row stands, ``参保缴费《缴费.csv》第12行``; a record of the agency's own has no file."""
    return f"{feed(feed_name)}《{file}》第{line}行" if line else feed(feed_name)


def fact(feed_name: str, stored: str, *, masked: bool) -> str:
    """A stored fact as ``列名：值；…``, a person's own particulars masked if asked."""
    content = json.loads(stored)
    columns = feeds()[feed_name].columns if feed_name in feeds() else {}
    parts = []
    for name, value in (_covered(content) if masked else content).items():
        heading, money = _column(columns, name)
        parts.append(f"{heading}：{f'{yuan(int(value))}元' if money else meaning(name, str(value))}")
    return "；".join(parts)


def heading(feed_name: str, name: str) -> str:
    """The heading of a column of a feed or of our own records."""
    return _column(feeds()[feed_name].columns if feed_name in feeds() else {}, name)[0]


def _column(columns: Mapping[str, Column], name: str) -> tuple[str, bool]:
    """The heading of a column of a feed or of our own records, and whether it holds money."""
    column = columns.get(name)
    heading = column.headings[0] if column else OWN_COLUMNS.get(name, name)
    return heading, name.endswith("_fen") or (column is not None and column.type == "money")


def benefit(kind: str) -> str:
    """What people call a kind of benefit; one that the agency's system alone knows, as it is there."""
    return BENEFIT.get(kind, kind)


def covered_fact(stored: str) -> str:
    """A stored fact with the particulars of a person covered, in a text of any other column too."""
    return json.dumps(_covered(json.loads(stored)), ensure_ascii=False)


def _covered(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _covered_value(name, value) for name, value in content.items()}


def meaning(column: str, value: str) -> str:
    """A coded value with its meaning; any other as it is."""
    if column == "benefit_kind":
        return benefit(value)
    meaning = codes().get(column.removeprefix("old_"), {}).get(value)
    return value if meaning is None else meaning if value.isalpha() or "_" in value else f"{value} {meaning}"


def covered(column: str, value: str) -> str:
    """A person's particular as it may be shown outside the district: ``500106********3004``, ``金**``,
    ``1966年``: the whole birth date would tell the hidden part of the number.
    """
    if column == "birth_date":
        return f"{value[:4]}年"
    if column in ("name", "old_name"):
        return value[:1] + "*" * max(len(value) - 1, 1)
    if column == "phone":
        return value[:3] + "*" * max(len(value) - 7, 0) + value[-4:] if len(value) >= 8 else "*" * len(value)
    return mask(value)


def without_letters(explained: str) -> str:
    """Why two names are alike, without the characters in which they differ: these may be all of a name."""
    return LETTERS.sub("", explained)


def without_numbers(text: str) -> str:
    """A raw line with every run of digits that may be an ID number or a phone masked, spaced, full-width or
    broken by invisible signs too, and with the dates that tell the hidden part of such a number.
    """
    numbers = [GAPS.sub("", fold(match[0])) for match in NUMBERS.finditer(text) if not match["kept"]]
    for number in numbers:
        if len(number) > 11:
            born = number[6:14] if len(number) > 15 else f"19{number[6:12]}"
            day = rf"{born[:4]}\D?0?{int(born[4:6])}\D?0?{int(born[6:8])}日?"
            text = re.sub(rf"(?<!\d){day}(?!\d)", f"{born[:4]}****", text)
    return NUMBERS.sub(_masked, text)


def _covered_value(column: str, value: object) -> object:
    """A number of ours and the code of an enterprise are no person's, however long they are."""
    if column in PERSONAL:
        return covered(column, str(value))
    if column in OWN_COLUMNS or column.endswith("_uscc") or not isinstance(value, str):
        return value
    return without_numbers(value)


def _masked(match: re.Match[str]) -> str:
    if match["kept"]:
        return match[0]
    number = GAPS.sub("", fold(match[0]))
    return mask(number) if len(number) > 11 else covered("phone", number)


def yuan(fen: int) -> str:
    """An amount as the page shows it: ``1,710.00``."""
    return f"{fen // 100:,}.{fen % 100:02d}"
