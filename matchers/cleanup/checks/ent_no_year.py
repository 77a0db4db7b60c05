"""可复算的缴费不足十二个月 — a question only: months may lie elsewhere, or before the records."""

from matchers.cleanup.entitlement import judged
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Claims of that kind; value is what the months on record give."""
    return judged(register.claims, "no_year", register.complete)
