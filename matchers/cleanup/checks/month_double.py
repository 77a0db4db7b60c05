"""同一月份重复缴费 — two counting rows in one month, whatever the employers; an adjustment (34) doubles
nothing.
"""

import pandas as pd

from matchers.cleanup.ledger import spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register


def rule(register: Register) -> pd.DataFrame:
    """Persons with such months."""
    table = register.ledger.months
    return by_person(register, spans_text(table[table["rows"] > 1]))
