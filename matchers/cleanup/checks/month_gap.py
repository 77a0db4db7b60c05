"""缴费月份之间有空缺 — months between the first and last paid that are neither paid, owed nor drawn."""

from matchers.cleanup.ledger import gaps, spans_text
from matchers.cleanup.monthly import by_person
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Persons with such months."""
    return by_person(register, spans_text(gaps(register.ledger, register.benefits)))
