"""已申报未缴费 — owed months in which nothing was paid."""

from matchers.cleanup.ledger import spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Persons with such months."""
    table = register.ledger.months
    return by_person(register, spans_text(table[table["owed"] & ~table["cleared"]]))
