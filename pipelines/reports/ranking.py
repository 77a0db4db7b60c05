"""办理次序与限量 — which candidates come first, and which are left out when a list is cut.

What is left out is counted and listed, never dropped.
"""

import pandas as pd

from matchers.findings import LEAD
from matchers.lifecycle import PROVEN
from matchers.schemas import ReportedCandidates

VALUE = ["preventable_fen", "overpaid_fen", "strength", "candidate_id"]
LAST = 4
DECIDED = 5


def cut(active: ReportedCandidates, limit: int) -> tuple[ReportedCandidates, ReportedCandidates]:
    """The ``limit`` most valuable of each district (0: all), and the others; both in the order of work.

    Value: money that can still be stopped, then the amount overpaid, then the tier.
    """
    ranked = active.sort_values(VALUE, ascending=[False, False, False, True])
    within = ranked.groupby("district").cumcount() < (limit or len(ranked))
    return in_order(ranked[within]), in_order(ranked[~within])


def in_order(candidates: ReportedCandidates) -> ReportedCandidates:
    """With ``turn``, and by it; inside a turn by tier, the strongest first, then by value."""
    order = ["turn", "strength", *[v for v in VALUE if v != "strength"]]
    placed = candidates.assign(turn=_turn(candidates))
    return placed.sort_values(order, ascending=[True, False, False, False, True], ignore_index=True)


def _turn(candidates: pd.DataFrame) -> "pd.Series[int]":
    """1 where money can still be stopped, 2 for other precise ones, 3 for important ones, 4 for leads,
    5 for those that two people have confirmed: there is nothing left to check before money goes out.
    """
    of_tier = LAST + LEAD - candidates["strength"]
    turn = of_tier.mask((candidates["preventable_fen"] > 0) & (of_tier < LAST), 1)
    return turn.mask(candidates["status"].isin(PROVEN), DECIDED)
