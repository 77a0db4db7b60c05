"""收款账户 — which payments went to an account that is neither a registered agent's nor a known dummy."""

import pandas as pd

from matchers.risk.ground import Ground, in_force
from matchers.schemas import AccountPayments, AccountRows, RiskAgents


def covered(accounts: AccountRows, agents: RiskAgents, day: str) -> "pd.Series[bool]":
    """Which rows (account and a day) concern an account that was a registered agent's on that day."""
    rows = accounts[["account", day]].rename_axis("row").reset_index().merge(agents, on="account")
    on = rows[day].dt.normalize()
    inside = rows[in_force(rows, on, on)]
    return pd.Series(accounts.index.isin(inside["row"]), index=accounts.index)


def personal(ground: Ground, payments: AccountPayments) -> AccountPayments:
    """The payments on an account that stands for people: no dummy, no registered agent's on the day."""
    agents = ground.agents
    assert agents is not None
    named = payments[payments["account"].notna() & ~payments["account"].isin(ground.policy.dummies)]
    return named[~covered(named, agents, "paid_on")]


def people(payments: AccountPayments) -> "pd.Series[int]":
    """How many people each account was paid for."""
    return payments.groupby("account")["person"].nunique()
