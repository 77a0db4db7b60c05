"""经办行为 — whose acts they were, what he was on that day and what was excepted."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from matchers.risk.ground import Ground, in_force
from matchers.risk.signals import Fact, Level, Signal
from matchers.schemas import AccountPayments, OfficeActs, OperatorActs, PairedActs, RiskExceptions

BUSINESS = (
    "accept", "review", "approve", "reject", "change_account", "change_identity", "change_reason",
    "override", "manual", "payroll_make", "payroll_check",
)  # fmt: skip


def own(ground: Ground) -> OperatorActs:
    """The events that an operator did himself, with ``day``; what ran in a batch is nobody's act."""
    assert ground.events is not None
    events = ground.events[ground.events["who"].notna()]
    return events.assign(day=events["at"].dt.normalize())


def acted(ground: Ground, who: str, payments: AccountPayments) -> bool:
    """Whether an operator did anything on one of the claims that were paid; no where there is no log."""
    if ground.events is None:
        return False
    own = ground.events[ground.events["who"] == who]
    return bool(own["claim_id"].isin(payments["claim_id"]).any())


def excepted(acts: PairedActs, exceptions: RiskExceptions) -> "pd.Series[bool]":
    """Which rows (who, pair, day) an exception covers that somebody else signed and that was in force."""
    keyed = acts[["who", "pair", "day"]].astype({"who": object, "pair": object})
    rows = keyed.rename_axis("row").reset_index().merge(exceptions, on=["who", "pair"])
    valid = rows[(rows["by"] != rows["who"]) & in_force(rows, rows["day"], rows["day"])]
    return pd.Series(acts.index.isin(valid["row"]), index=acts.index)


def districts(ground: Ground) -> "pd.Series[str]":
    """The district of each operator, by the latest of his rows."""
    assert ground.operators is not None
    return ground.operators.sort_values(["since", "operator_id"]).groupby("who")["district"].last()


def signals(ground: Ground, code: str) -> Callable[..., Signal]:
    """What makes a rule's signal about an operator, in his district; of the year where no period is given."""
    where = districts(ground)

    def signal(
        who: object,
        level: Level,
        figures: Mapping[str, Any],
        facts: tuple[Fact, ...],
        *,
        period: str = ground.year,
        expected: str = "",
    ) -> Signal:
        district = where.get(str(who), "")
        return Signal(code, "operator", str(who), district, period, level, figures, facts, expected)

    return signal


def placed(ground: Ground, acts: OperatorActs) -> OfficeActs:
    """The acts (event_id, who, day) with ``office``: that of the latest post in force that day, or empty."""
    posts = _of_the_year(ground)[["who", "operator_id", "office", "since", "until"]]
    rows = acts[["event_id", "who", "day"]].merge(posts, on="who")
    held = rows[in_force(rows, rows["day"], rows["day"])]
    office = held.sort_values(["since", "operator_id", "office"]).groupby("event_id")["office"].last()
    return acts.assign(office=acts["event_id"].map(office).astype(object))


def accepted(ground: Ground) -> OperatorActs:
    """Claims accepted in the twelve months, each by its first acceptance, less assigned employers'."""
    assert ground.exceptions is not None
    events = own(ground)
    events = events[(events["kind"] == "accept") & ground.within(events["at"])].sort_values("at")
    rows = events.drop_duplicates("claim_id").merge(ground.claims[["claim_id", "employer"]], on="claim_id")
    pairs = "accept:" + rows["employer"].fillna("")
    return rows[~excepted(rows.assign(pair=pairs), ground.exceptions)]


def main_offices(acts: OfficeActs) -> "pd.Series[str]":
    """The office in which each operator did most of the acts (who, office); of two the smaller."""
    counts = acts.groupby(["who", "office"]).size().rename("n").reset_index()
    first = counts.sort_values(["n", "office"], ascending=[False, True]).drop_duplicates("who")
    return first.set_index("who")["office"]


def staff(ground: Ground) -> "pd.Series[int]":
    """How many people had a post in each office in the twelve months."""
    return _of_the_year(ground).groupby("office")["who"].nunique()


def _of_the_year(ground: Ground) -> pd.DataFrame:
    """The posts that were in force on a day of the twelve months."""
    assert ground.operators is not None
    return ground.operators[in_force(ground.operators, ground.first, ground.last)]
