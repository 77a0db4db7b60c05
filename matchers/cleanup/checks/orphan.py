"""记录没有上级 — a claim without a person on record, a payment or recovery without its claim."""

import pandas as pd

from matchers.cleanup.register import Register


def rule(register: Register) -> pd.DataFrame:
    """Such records, each under its own key."""
    return register.orphans
