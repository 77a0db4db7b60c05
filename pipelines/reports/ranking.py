"""排序与限量 — which candidates come first, and which are left out when a list is cut.

What is left out is counted and listed, never dropped.
"""

import pandas as pd

VALUE = ["preventable_fen", "overpaid_fen", "strength", "candidate_id"]


def cut(active: pd.DataFrame, limit: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ``limit`` most valuable of each district (0: all), and the others; both in the order of work.

    Value: money that can still be stopped, then the amount overpaid, then the tier.
    """
    ranked = active.sort_values(VALUE, ascending=[False, False, False, True])
    within = ranked.groupby("district").cumcount() < (limit or len(ranked))
    return in_order(ranked[within]), in_order(ranked[~within])


def in_order(candidates: pd.DataFrame) -> pd.DataFrame:
    """By tier, the strongest first; inside a tier by value."""
    order = ["strength", *[v for v in VALUE if v != "strength"]]
    return candidates.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
