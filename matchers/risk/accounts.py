"""收款账户 — which payments went to an account that is neither a registered agent's nor a known dummy."""

import pandas as pd

from matchers.risk.ground import Ground, in_force
from matchers.risk.signals import Fact
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


def of_operators(ground: Ground) -> AccountRows:
    """who, person, account: what operators have registered, and where benefits of their own went."""
    assert ground.operators is not None
    staff = ground.operators[["who", "person", "account"]]
    paid = ground.payments[["person", "account"]].astype(object)
    own = ground.operators[["who", "person"]].merge(paid, on="person")
    return pd.concat([staff, own]).dropna().drop_duplicates(["who", "account"])


def paid_facts(reason: str, payments: AccountPayments) -> tuple[Fact, ...]:
    """A fact of each payment (claim_id, payment_id), in the order they have."""
    pairs = zip(payments["claim_id"], payments["payment_id"], strict=True)
    return tuple(Fact(reason, claim, payment_id=payment) for claim, payment in pairs)
