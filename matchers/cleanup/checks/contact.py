"""电话或银行账号 — missing or malformed, a telephone also where more than a couple share it."""

import pandas as pd

from matchers.cleanup.contact import ACCOUNT, PHONE, users
from matchers.cleanup.register import Register
from matchers.schemas import Marked

MOST = 2


def rule(register: Register) -> Marked:
    """Registrations by the column that is wanting."""
    persons = register.persons[register.persons["relation"] == "registrations"]
    wanting = {
        "phone": ~persons["phone"].fillna("").str.fullmatch(PHONE) | (users(persons, "phone") > MOST),
        "bank_account": ~persons["bank_account"].fillna("").str.fullmatch(ACCOUNT),
    }
    return pd.concat(
        persons.loc[rows, ["person_no", "district"]]
        .set_axis(["record_key", "district"], axis=1)
        .assign(column_name=column)
        for column, rows in wanting.items()
    )
