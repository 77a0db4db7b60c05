"""缴费月份不可能 — before the insurance began, or later than the month in which it was settled."""

from matchers.cleanup.ledger import spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Persons with such months."""
    rows = register.ledger.rows
    return by_person(register, spans_text(rows[rows["bad"]]))
