"""记录没有上级 — a claim without a person on record, a payment or recovery without its claim."""

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """Such records, each under its own key."""
    return register.orphans
