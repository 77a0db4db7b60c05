"""退收没有对应的缴费 — a refund for which the same person, employer and month have nothing to cancel."""

import pandas as pd

from matchers.cleanup.ledger import PAYER, spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Persons with such months."""
    rows = register.ledger.rows
    rows = rows[rows["person_no"].isin(rows.loc[rows["refund"], "person_no"])]
    refund, other = rows[rows["refund"]], rows[~rows["refund"] & (rows["flag"] == "1")]
    met = pd.MultiIndex.from_frame(refund[PAYER]).isin(pd.MultiIndex.from_frame(other[PAYER]))
    return by_person(register, spans_text(refund[~met]))
