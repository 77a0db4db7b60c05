"""风险分析月报 — a month's signals as workbooks: for the city, for each district, and for 基金监督 alone.

Signals about operators stand in ``基金监督/`` and nowhere else; a district sees those of its own claims,
accounts and employers. Rank: money that can still be kept back, then level, then age.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, func, select

from matchers import months
from matchers.lifecycle import ACTIVE, SignalStatus
from matchers.risk.ground import Ground, in_force
from matchers.risk.signals import Level
from matchers.schemas import RankedSignals
from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.lock import Lock
from pipelines.reports import workbook
from pipelines.reports.words import SUPERVISION
from pipelines.reports.words import district as district_name
from pipelines.reports.workbook import Column
from pipelines.risk import month_sheets, page, words
from pipelines.risk.prelist import COLUMNS as PRELIST
from pipelines.risk.prelist import prelist
from pipelines.risk.tied import COLUMNS as TIED
from pipelines.risk.tied import tied
from sql.risk_tables import risk_fact, risk_run, risk_seen, risk_signal
from sql.tables import suspension_candidate

FOOTER = "信号只提示哪里需要看一看，不是结论；认定之前须听取说明并由两人核定"
KEY_SHOWN = 12
SIGNALS = (
    Column("信号编号", "signal_id", 21),
    Column("等级", "level_word", 10),
    Column("规则", "title", 22),
    Column("对象", "subject", 10),
    Column("对象编号", "subject_shown", 22),
    Column("区县", "district_name", 12),
    Column("期间", "period", 9),
    Column("所见", "summary", 60, "long"),
    Column("年内已发（元）", "paid_fen", 14, "money"),
    Column("可止付金额（元）", "preventable_fen", 15, "money"),
    Column("先问什么", "counter", 50, "long"),
    Column("依据", "legal_basis", 30, "long"),
    Column("状态", "status_word", 11),
    Column("首次提示", "first_seen_as_of", 12, "date"),
)
FACTS = (
    Column("信号编号", "signal_id", 21),
    Column("事实", "reason_word", 40, "long"),
    Column("申领编号", "claim_id", 14),
    Column("事件编号", "event_id", 14),
    Column("发放编号", "payment_id", 14),
    Column("批次", "delivery_id", 28),
    Column("文件", "file", 40),
    Column("行号", "line", 8, "count"),
)
EXCEPTIONS = (
    Column("经办人员", "operator_id", 14),
    Column("岗位或行为", "pair_word", 24),
    Column("自何日", "since_day", 12, "date"),
    Column("至何日", "until_day", 12, "date"),
    Column("批准人", "by", 14),
    Column("备案文号", "reference", 26),
)
COUNTS = (
    Column("规则", "title", 26),
    *(Column(words.level(level), level, 10, "count") for level in Level),
    Column("超出上限未列", "cut", 13, "count"),
    Column("未提供", "missing", 44, "long"),
)


def write(settings: Settings, held: Lock, ground: Ground) -> list[Path]:
    """Writes the month's workbooks and its page; where they lie, the city's workbook first.

    ``CrossmatchError`` where the month was not analysed.
    """
    text, as_of = months.text(ground.month), ground.as_of
    folder = settings.reports / "risk" / text
    with held.engine.connect() as connection:
        listed = prelist(connection, ground.policy, as_of)
        signals, facts = ranked(connection, text), _facts(connection)
        run = connection.execute(select(risk_run).where(risk_run.c.month == text)).mappings().first()
    if run is None:
        raise CrossmatchError(f"{text} 尚未分析；请先运行 crossmatch risk {text}")
    with held.engine.connect() as connection:
        month = page.figures(connection, ground, signals, _counts(signals, dict(run)), listed)
    about_operators = signals["subject_kind"] == "operator"
    public = signals[~about_operators]
    city = Path(f"风险分析月报-{text}.xlsx")
    parts = {
        city: public,
        Path(SUPERVISION) / f"经办信号-{text}.xlsx": signals[about_operators],
    }
    parts |= {Path(f"风险信号-{code!s}.xlsx"): own for code, own in public.groupby("district") if code}
    _prepare(folder, parts)
    with Store(settings.store).scratch() as scratch:
        for name, own in parts.items():
            counts = _counts(own, dict(run))
            with workbook.writing(folder / name, as_of, f"风险信号 {text}", FOOTER, scratch) as book:
                book.table("概况", COUNTS, counts)
                book.table("信号", SIGNALS, own)
                shown = facts[facts["signal_id"].isin(own["signal_id"])]
                book.table("依据", FACTS, shown)
                if name == city:
                    book.table("移送前预列", PRELIST, listed)
                    book.table("关联申领", TIED, tied(ground, shown))
                    month_sheets.add(book, month)
                if name.parent == Path(SUPERVISION):
                    book.table("兼任备案", EXCEPTIONS, _exceptions(ground))
    with Store.replacing(folder / f"风险分析月报-{text}.html") as unfinished:
        unfinished.write_text(page.render(month), "utf-8")
    with held.writing() as connection:
        for name, own in parts.items():
            audit.record(connection, "crossmatch", "risk_export", f"{text}/{name}", {"signals": len(own)})
    return [*(folder / name for name in parts), folder / f"风险分析月报-{text}.html"]


def ranked(connection: Connection, month: str) -> RankedSignals:
    """What the month's analysis said of each signal, in the words of that month, with where it stands now.

    First the one under which most money can still be kept back, then by level and age.
    """
    c, seen = risk_signal.c, risk_seen.c
    then = ("level", "figures", "summary")
    wanted = select(*(column for column in c if column.name not in then), *(seen[name] for name in then))
    joined = wanted.join_from(risk_signal, risk_seen, seen.signal_id == c.signal_id)
    result = connection.execute(
        joined.where(seen.month == month, c.status != SignalStatus.WITHDRAWN).order_by(c.signal_id)
    )
    rows = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    order = {str(level): n for n, level in enumerate(Level)}
    preventable = _preventable(connection)
    made = rows.assign(
        level_word=rows["level"].map(words.level),
        title=rows["rule"].map(words.title),
        subject=rows["subject_kind"].map(words.subject),
        subject_shown=_shown(rows["subject_kind"], rows["subject_key"]),
        district_name=rows["district"].map(district_name),
        status_word=rows["status"].map(words.STATUS),
        paid_fen=[json.loads(f)["paid_fen"] for f in rows["figures"]],
        preventable_fen=[preventable.get(s, 0) for s in rows["signal_id"]],
        rank=rows["level"].map(order),
    )
    return made.sort_values(
        ["preventable_fen", "rank", "first_seen_as_of", "signal_id"], ascending=[False, True, True, True]
    )


def _exceptions(ground: Ground) -> pd.DataFrame:
    """The exceptions from the matrix that were in force or ended in the twelve months."""
    if ground.exceptions is None:
        return pd.DataFrame(columns=[c.name for c in EXCEPTIONS])
    rows = ground.exceptions[in_force(ground.exceptions, ground.first, ground.last)]
    pairs = [words.pair(p) if ":" not in p else p for p in rows["pair"]]
    ends = pd.Series([None if pd.isna(d) else d.date() for d in rows["until"]], rows.index, dtype=object)
    return rows.assign(pair_word=pairs, since_day=rows["since"].dt.date, until_day=ends)


def _prepare(folder: Path, parts: Iterable[Path]) -> None:
    """Only the owner enters the supervision's folder; a district without signals keeps no older workbook."""
    (folder / SUPERVISION).mkdir(parents=True, exist_ok=True)
    (folder / SUPERVISION).chmod(0o700)
    kept = {folder / name for name in parts}
    for left in folder.glob("风险信号-*.xlsx"):
        if left not in kept:
            left.unlink()


def _preventable(connection: Connection) -> dict[str, int]:
    """By signal, in fen, what can still be kept back under the open candidates of its claims."""
    c, claims = (
        suspension_candidate.c,
        select(risk_fact.c.signal_id, risk_fact.c.claim_id).distinct().subquery(),
    )
    asked = select(claims.c.signal_id, func.sum(c.preventable_fen)).join_from(
        claims, suspension_candidate, c.claim_id == claims.c.claim_id
    )
    rows = connection.execute(asked.where(c.status.in_(ACTIVE)).group_by(claims.c.signal_id))
    return {signal: int(fen) for signal, fen in rows}


def _shown(kinds: Iterable[str], subjects: Iterable[str]) -> list[str]:
    """A subject as people read it: of an account's key the beginning."""
    return [s[:KEY_SHOWN] if kind == "account" else s for kind, s in zip(kinds, subjects, strict=True)]


def _facts(connection: Connection) -> pd.DataFrame:
    rule = select(risk_fact, risk_signal.c.rule).join(
        risk_signal, risk_signal.c.signal_id == risk_fact.c.signal_id
    )
    result = connection.execute(rule.order_by(risk_fact.c.signal_id, risk_fact.c.fact_no))
    rows = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    return rows.assign(
        reason_word=[words.reason(r, c) for r, c in zip(rows["rule"], rows["reason"], strict=True)]
    )


def _counts(signals: pd.DataFrame, run: Mapping[str, str]) -> pd.DataFrame:
    """One row for each rule that has signals, cut leads or something that was not provided."""
    gone, beyond = json.loads(run["missing"]), pd.Series(json.loads(run["cut"]), dtype="int64")
    partly = json.loads(run["counts"]).get("partly", {})
    gone |= {code: [*names, "（有关线索未看，其余照常）"] for code, names in partly.items()}
    cut_by_rule = beyond.groupby(beyond.index.str.split("/").str[-1]).sum() if len(beyond) else beyond
    by_level = (
        pd.crosstab(signals["rule"], signals["level"])
        .reindex(columns=[str(level) for level in Level])
        .fillna(0)
    )
    codes = sorted({*by_level.index, *gone, *cut_by_rule.index})
    rows = by_level.reindex(codes).fillna(0)
    return rows.assign(
        title=[words.title(code) for code in codes],
        cut=cut_by_rule.reindex(codes).fillna(0),
        missing=["、".join(gone.get(code, ())) for code in codes],
    )
