"""经办行为 — whose acts they were, what he was on that day and what was excepted."""

import pandas as pd

from matchers.risk.ground import Ground

BUSINESS = (
    "accept", "review", "approve", "reject", "change_account", "change_identity", "change_reason",
    "override", "manual", "payroll_make", "payroll_check",
)  # fmt: skip


def own(ground: Ground) -> pd.DataFrame:
    """The events that an operator did himself, with ``day``; what ran in a batch is nobody's act."""
    assert ground.events is not None
    events = ground.events[ground.events["who"].notna()]
    return events.assign(day=events["at"].dt.normalize())


def excepted(acts: pd.DataFrame, exceptions: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows (who, pair, day) an exception covers that somebody else signed and that was in force."""
    keyed = acts[["who", "pair", "day"]].astype({"who": object, "pair": object})
    rows = keyed.rename_axis("row").reset_index().merge(exceptions, on=["who", "pair"])
    until = rows["until"].fillna(pd.Timestamp.max)
    valid = rows[(rows["by"] != rows["who"]) & (rows["since"] <= rows["day"]) & (rows["day"] <= until)]
    return pd.Series(acts.index.isin(valid["row"]), index=acts.index)


def districts(ground: Ground) -> "pd.Series[str]":
    """The district of each operator, by the latest of his rows."""
    assert ground.operators is not None
    return ground.operators.sort_values(["since", "operator_id"]).groupby("who")["district"].last()


def offices(ground: Ground) -> "pd.Series[str]":
    """The office of each operator, by the latest of his rows."""
    assert ground.operators is not None
    return ground.operators.sort_values(["since", "operator_id"]).groupby("who")["office"].last()
