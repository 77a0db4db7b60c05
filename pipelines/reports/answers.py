"""反馈栏 — the columns that a district fills in, what each may hold, and the lists behind the drop-downs."""

from collections.abc import Mapping
from datetime import date

from matchers.lifecycle import Step
from pipelines.decisions import reviews
from pipelines.reports.workbook import Column

CONCLUSIONS: Mapping[str, str] = {
    "核查中": Step.VERIFYING,
    "属实": Step.CONFIRMED,
    "部分属实": Step.PARTLY_CONFIRMED,
    "不属实": Step.DISMISSED,
}
REASONS = {word: code for code, word in reviews.REASONS.items()}
OTHER = "other"
ANSWERED = "answered_"
HOW = ("电话核实", "上门核实", "书面核实", "数据复核", "约谈")
WAYS = ("一次性", "分期", "抵扣")
REASON_RANGE = "=字典!$B$2:$B${last}"
FIRST_DAY = date(2000, 1, 1)
LARGEST_YUAN = 10_000_000


def _listed(words: tuple[str, ...]) -> Mapping[str, object]:
    return {
        "validate": "list",
        "source": list(words),
        "error_title": "不在列表",
        "error_message": "请从下拉列表选择",
    }


def _day() -> Mapping[str, object]:
    return {
        "validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": "=TODAY()",
        "error_title": "日期有误", "error_message": "请填不晚于今天的日期，如 2026-10-20",
    }  # fmt: skip


def _amount() -> Mapping[str, object]:
    return {
        "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": LARGEST_YUAN,
        "error_title": "金额有误", "error_message": "请填不小于 0 的金额（元）",
    }  # fmt: skip


_REASON: Mapping[str, object] = {
    "validate": "list", "source": REASON_RANGE.format(last=len(REASONS) + 1),
    "error_title": "不在列表", "error_message": "请从下拉列表选择；列表见“字典”",
}  # fmt: skip
_MONTH: Mapping[str, object] = {
    "validate": "custom",
    "value": '=AND(LEN({cell})=7,MID({cell},5,1)="-",ISNUMBER(DATEVALUE({cell}&"-01")))',
    "error_title": "年月有误", "error_message": "请填 YYYY-MM，如 2026-11",
}  # fmt: skip

ANSWERS = (
    Column("核查人", "", 10, meaning="经办核查的人员姓名；填写结论时必填", answer=True),
    Column("核查方式", "answered_verified_how", 11, meaning="从列表选择", answer=True, check=_listed(HOW)),
    Column("核查日期", "answered_verified_on", 12, "date", "完成核查的日期", answer=True, check=_day()),
    Column(
        "告知日期",
        "answered_notice_on",
        12,
        "date",
        "告知本人并听取申辩的日期，本人死亡的告知遗属；认定属实前必填",
        answer=True,
        check=_day(),
    ),
    Column(
        "核查结论",
        "answered_conclusion",
        11,
        meaning="核查中、属实、部分属实、不属实",
        answer=True,
        check=_listed(tuple(CONCLUSIONS)),
    ),
    Column(
        "不属实原因",
        "answered_reason",
        22,
        meaning="结论为不属实时必填，从列表选择",
        answer=True,
        check=_REASON,
    ),
    Column(
        "停发年月",
        "answered_stop_month",
        10,
        meaning="YYYY-MM；第一个不应发放的月份，认定属实时必填",
        answer=True,
        check=_MONTH,
    ),
    Column(
        "应追回金额",
        "answered_recoverable_fen",
        13,
        "money",
        "元；核实后应退回的金额，本人死亡的由实际领取人退回",
        answer=True,
        check=_amount(),
    ),
    Column(
        "已追回金额",
        "answered_recovered_fen",
        13,
        "money",
        "元；至今已退回的金额",
        answer=True,
        check=_amount(),
    ),
    Column(
        "追回方式",
        "answered_recovery_way",
        10,
        meaning="一次性、分期、抵扣",
        answer=True,
        check=_listed(WAYS),
    ),
    Column("处理文书号", "answered_document_no", 16, meaning="责令退回决定等文书的编号", answer=True),
    Column("复核人", "", 10, meaning="复核结论的另一名人员；与核查人不得为同一人", answer=True),
    Column("销号日期", "answered_closed_on", 12, "date", "全部办结的日期", answer=True, check=_day()),
    Column("备注", "answered_note", 24, "long", "需要说明的情况", answer=True),
)
