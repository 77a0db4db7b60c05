"""月报的页面 — the month on one self-contained page: no name of an operator, no script, nothing outside."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Connection, func, select

from matchers import months
from matchers.lifecycle import ACTIVE, SignalStatus
from matchers.risk import funnel
from matchers.risk.ground import Ground, in_force
from matchers.risk.policy import INVOLUNTARY, OTHER, VOLUNTARY
from matchers.risk.rules import rules
from matchers.risk.signals import Level
from matchers.schemas import AnyRows, Prelisted, RankedSignals
from pipelines.decisions.precision import wilson
from pipelines.reports.words import district as district_name
from pipelines.reports.words import yuan
from pipelines.risk import drawing, estimates, impact, words
from pipelines.risk.drawing import Drawn
from pipelines.risk.prelist import EMPLOYER, ITEMS, LACKS, PERSON
from sql.risk_tables import risk_run
from sql.tables import suspension_candidate

SHOWN: Final = 40
OLD: Final = timedelta(days=92)
MEANINGS: Final = {INVOLUNTARY: "非本人意愿", VOLUNTARY: "本人意愿", OTHER: "其他", "": "代码含义不清"}
LEVELS: Final = tuple(str(level) for level in Level)
LEVEL_HEADS: Final = tuple(words.level(level) for level in Level)
TABLES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "money": ("资金（疑点，截至今日）", ("事项", "金额（元）")),
    "rules": (
        "信号：规则与等级；核定成立的占比与 95% 区间", ("规则", *LEVEL_HEADS, "成立", "不成立", "成立占比"),
    ),
    "districts": ("信号：区县", ("区县", *LEVEL_HEADS)),
    "first": ("按可止付金额、等级、先后排列", ("信号", "等级", "规则", "对象", "区县", "所见", "先问什么")),
    "duties": ("全市；涉及的人员与每份备案只见于基金监督的工作簿", ("事项", "条数")),
    "reasons": ("十二个月内登记的申领", ("减员原因（口径）", "申领", "其中原因不符的信号")),
    "checks": ("近一年，随机抽取", estimates.HEADS),
    "ageing": ("信号的状态与账龄", ("状态", "条数", "其中首次提示超过三个月")),
    "prelist": ("移送前预列", ("对象", "条数", "各事项俱全的")),
    "unseen": ("未列入与未提供", ("规则", "超出上限未列", "未提供")),
}  # fmt: skip


def figures(
    connection: Connection, ground: Ground, signals: RankedSignals, counts: AnyRows, listed: Prelisted
) -> Mapping[str, Any]:
    """What the month's page and workbook show: the rows of each of ``TABLES``, the ``funnels``, the notes.

    ``signals``: the month's, ranked; ``counts``: by rule; ``listed``: the pre-list.
    """
    public = signals[signals["subject_kind"] != "operator"]
    month = months.text(ground.month)
    return {
        "month": month, "as_of": ground.as_of, "policy": ground.policy.version,
        "before": _before(connection, month, ground.policy.version), "signed": _signed(connection),
        "money": _money(connection), "rules": _rules(signals), "districts": _districts(public),
        "funnels": _funnels(ground), "first": _first(public), "reasons": _reasons(ground, public),
        "checks": [
            estimates.in_words(row) for row in estimates.estimates(connection, ground.month)
        ],
        "ageing": _ageing(signals, pd.Timestamp(ground.as_of)), "prelist": _prelist(listed),
        "operators": ground.operators is not None, "excepted": ground.exceptions is not None,
        "unseen": [
            (row["title"], int(row["cut"]), row["missing"])
            for row in counts.to_dict("records") if row["cut"] or row["missing"]
        ],
        "duties": _duties(ground, signals),
    }  # fmt: skip


def render(values: Mapping[str, Any]) -> str:
    """The page of ``figures``."""
    style = (files("pipelines.reports.page") / "templates" / "style.css").read_text("utf-8")
    loader = PackageLoader("pipelines.risk")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    pictures = [(drawing.funnel(f), f.described) for f in values["funnels"]]
    page = made.get_template("month.html.j2")
    return page.render(**values, pictures=pictures, tables=TABLES, style=Markup(style))


def _before(connection: Connection, month: str, version: str) -> str:
    """The policy of the newest month before, where it was another one."""
    c = risk_run.c
    newest = select(c.policy_version).where(c.month < month).order_by(c.month.desc()).limit(1)
    before = connection.execute(newest).scalar()
    return str(before) if before and before != version else ""


def _signed(connection: Connection) -> str:
    signed = impact.signature_of(connection)
    return f"{signed[0]} 签署" if signed else "未签署"


def _money(connection: Connection) -> list[tuple[str, str]]:
    c = suspension_candidate.c
    sums = select(func.sum(c.overpaid_fen), func.sum(c.preventable_fen)).where(c.status.in_(ACTIVE))
    owed, kept = connection.execute(sums).one()
    return [("可止付金额", yuan(int(kept or 0))), ("多领待追回", yuan(int(owed or 0)))]


def _by_level(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    return pd.crosstab(rows[by], rows["level"]).reindex(columns=list(LEVELS)).fillna(0).astype(int)


def _rules(signals: pd.DataFrame) -> list[Sequence[object]]:
    by_level = _by_level(signals, "rule")
    shown: list[Sequence[object]] = []
    for code in by_level.index:
        own = signals.loc[signals["rule"] == code, "status"]
        right = int(own.isin([SignalStatus.FOUNDED, SignalStatus.CONTROL_FIXED]).sum())
        wrong = int((own == SignalStatus.UNFOUNDED).sum())
        shown.append(
            (rules()[code].title, *by_level.loc[code], right, wrong, _interval(right, right + wrong))
        )
    return shown


def _interval(right: int, of: int) -> str:
    if not of:
        return "尚无核定"
    low, high = wilson(right, of)
    return f"{right / of:.0%}（{low:.0%}–{high:.0%}）"


def _districts(public: pd.DataFrame) -> list[Sequence[object]]:
    by_level = _by_level(public, "district")
    return [(district_name(code) if code else "未定", *by_level.loc[code]) for code in by_level.index]


def _funnels(ground: Ground) -> list[Drawn]:
    short, off = "单位：短期参保后的申领与同类的比值", "办公室：服务时间以外柜面操作的占比"
    asked = (
        ("employers", short, "同类单位应有的笔数", funnel.employers(ground), "{:g} 倍"),
        ("offices", off, "柜面操作次数", funnel.offices(ground), "{:.1%}"),
    )
    return [
        Drawn(name, title, axis, of, shown.format) for name, title, axis, of, shown in asked if of is not None
    ]


def _duties(ground: Ground, signals: pd.DataFrame) -> list[tuple[str, int]]:
    """Duty faults and what was excepted in writing, of the whole city: who it is stands in 基金监督 alone."""
    faults = ("岗位兼任、一人通办（一人一月为一条）", int((signals["rule"] == "DUTY_CONFLICT").sum()))
    if ground.exceptions is None:
        return [faults]
    rows = ground.exceptions[in_force(ground.exceptions, ground.first, ground.last)]
    ends = rows["until"].dt.to_period("M") == ground.last.to_period("M")
    return [
        faults,
        ("年内有效的书面备案", len(rows)),
        ("其中本月到期", int(ends.sum())),
        ("其中没有止日", int(rows["until"].isna().sum())),
    ]


def _first(public: pd.DataFrame) -> list[Sequence[object]]:
    columns = ["signal_id", "level_word", "title", "subject", "district_name", "summary", "counter"]
    return list(public.head(SHOWN)[columns].itertuples(index=False))


def _reasons(ground: Ground, public: pd.DataFrame) -> list[Sequence[object]]:
    claims = ground.claims[ground.within(ground.claims["registered_on"])]
    pairs = zip(claims["separation_reason"], claims["registered_on"], strict=True)
    meaning = pd.Series([ground.policy.reason(str(c), d.date()) for c, d in pairs], index=claims["claim_id"])
    marked = set(public.loc[public["rule"] == "REASON_CONFLICT", "subject_key"])
    return [
        (word, int((meaning == code).sum()), int(meaning[meaning == code].index.isin(marked).sum()))
        for code, word in MEANINGS.items()
    ]


def _ageing(signals: pd.DataFrame, as_of: pd.Timestamp) -> list[Sequence[object]]:
    old = pd.to_datetime(signals["first_seen_as_of"]) < as_of - OLD
    return [
        (
            words.status(status),
            int((signals["status"] == status).sum()),
            int(old[signals["status"] == status].sum()),
        )
        for status in sorted(signals["status"].unique())
    ]


def _prelist(listed: pd.DataFrame) -> list[Sequence[object]]:
    def complete(rows: AnyRows) -> int:
        lacks = rows[list(ITEMS)].apply(lambda column: column.astype(str).str.startswith(LACKS))
        return int((~lacks.any(axis=1)).sum()) if len(rows) else 0

    parts = {kind: listed[listed["kind"] == kind] for kind in (PERSON, EMPLOYER)}
    return [(kind, len(rows), complete(rows)) for kind, rows in parts.items()]
