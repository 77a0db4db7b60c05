"""抽查估计 — what a year of random samples says of the claims without a suspicion, and of those dismissed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, func, select

from matchers import months
from matchers.lifecycle import PROVEN, Status
from matchers.risk import sampling
from matchers.risk.sampling import Stratum
from sql.risk_tables import quality_check
from sql.tables import suspension_candidate

WEAK, CLEAN, DISMISSED = "weak", "clean", str(Status.DISMISSED)
TITLES: Final[Mapping[str, str]] = {
    WEAK: "无疑点，有排除、未列线索或身份存疑", CLEAN: "无疑点", DISMISSED: "核查不属实的疑点",
}  # fmt: skip
HEADS: Final = ("分层", "总数", "已核对", "错", "差错率与 95% 区间", "按金额")
RIGHT, WRONG = "right", "wrong"
YEAR: Final = 12


def newest(connection: Connection) -> int | None:
    """The last month of which a sample was drawn."""
    month = connection.execute(select(func.max(quality_check.c.month))).scalar()
    return months.number(month) if month else None


def estimates(connection: Connection, month: int) -> list[dict[str, Any]]:
    """One row for each stratum over the year that ends with the month, then all, then recall.

    title, population, checked, wrong, share, low, high, and ``money``, the share by money; ``None``: unknown.
    """
    c = quality_check.c
    span = c.month.between(months.text(month - YEAR + 1), months.text(month))
    read = (c.month, c.stratum, c.population, c.paid_fen, c.verdict, c.wrong_fen)
    result = connection.execute(select(*read).where(span))
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    strata = {name: _stratum(frame[frame["stratum"] == name]) for name in TITLES}
    missed = [strata[WEAK], strata[CLEAN]]
    s = suspension_candidate.c
    year = s.first_seen_as_of.between(months.first_day(month - YEAR + 1), months.last_day(month))
    proven = connection.execute(select(func.count()).where(s.status.in_(PROVEN), year)).scalar_one()
    rows = [
        _row(TITLES[name], own, sampling.share(own), _by_money(frame[frame["stratum"] == name]))
        for name, own in strata.items()
    ]
    whole = Stratum(*(sum(getattr(s, n) for s in missed) for n in ("population", "checked", "wrong")))
    rows.append(_row("无疑点的合计", whole, sampling.overall(missed), None))
    recall = sampling.recall(proven, missed)
    rows.append(_row("查全率（满一千次核对后）", whole, recall, None))
    return rows


def in_words(row: Mapping[str, Any]) -> Sequence[object]:
    """A row of ``estimates`` under ``HEADS``."""
    share = "未满核对数，不作估计" if row["share"] is None else (
        f"{row['share']:.1%}（{row['low']:.1%}–{row['high']:.1%}）"
    )  # fmt: skip
    money = "" if row["money"] is None else f"{row['money']:.1%}"
    return row["title"], row["population"], row["checked"], row["wrong"], share, money


def _stratum(rows: pd.DataFrame) -> Stratum:
    by_month = rows.drop_duplicates("month")["population"].sum()
    checked = rows[rows["verdict"].notna()]
    return Stratum(int(by_month), len(checked), int((checked["verdict"] == WRONG).sum()))


def _by_money(rows: pd.DataFrame) -> float | None:
    checked = rows[rows["verdict"].notna()]
    paid = int(checked["paid_fen"].sum())
    return int(checked["wrong_fen"].fillna(0).sum()) / paid if paid else None


def _row(title: str, own: Stratum, of: sampling.Estimate, money: float | None) -> dict[str, Any]:
    return {
        "title": title, "population": own.population, "checked": own.checked, "wrong": own.wrong,
        "share": of.share, "low": of.low, "high": of.high, "money": money,
    }  # fmt: skip
