"""核定月数少于应享月数 — where the policy says exactly how many months are due."""

from matchers.cleanup.entitlement import judged
from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Claims of that kind; value is what the months on record give."""
    return judged(register.claims, "under", register.complete)
