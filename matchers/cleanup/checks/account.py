"""三人以上同一银行账号 — people are counted by their number, else by 个人编号."""

import pandas as pd

from matchers.cleanup.contact import ACCOUNT, users
from matchers.cleanup.register import Register
from matchers.schemas import Marked

MOST = 2


def rule(register: Register) -> Marked:
    """Accounts of more people than a couple; the members, sorted, are the key."""
    persons = register.persons
    rows = persons[persons["bank_account"].fillna("").str.fullmatch(ACCOUNT)]
    rows = rows[users(rows, "bank_account") > MOST]
    members = rows.sort_values("person_no").groupby("bank_account")["person_no"].agg("+".join)
    return pd.DataFrame({"record_key": members.to_numpy(), "value": members.index})
