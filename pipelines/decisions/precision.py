"""查实率 — how often people found a rule right: by cause, tier and policy version, with its interval.

A rule is judged by the tier and version under which people judged its candidates, so that a demoted rule
keeps its record; a changed rule (a new policy version) starts afresh.
"""

import math
from datetime import date

import pandas as pd
from sqlalchemy import ColumnElement, Engine, select

from matchers.law import Policy
from matchers.lifecycle import CONFIRMING, PROVEN, Step
from matchers.schemas import RulePrecision
from sql.tables import review, review_detail, suspension_candidate

RULE = ["cause", "tier", "policy_version"]
Z95 = 1.959963984540054


def precision(engine: Engine, *concerned: ColumnElement[bool]) -> RulePrecision:
    """One row per judged rule: ``RULE``, confirmed, dismissed, reviewed, precision, low, high.

    ``concerned``: which candidates count, all of them where nothing is said.
    The last decision with two signatures on a candidate counts; partly confirmed is confirmed. ``low`` and
    ``high`` bound the precision with 95 % confidence. Empty where nothing has been decided.
    """
    wanted = (
        select(review.c.candidate_id, review.c.decision, *(review_detail.c[name] for name in RULE))
        .join(review_detail, review_detail.c.review_id == review.c.review_id)
        .where(review.c.decision.in_((*CONFIRMING, Step.DISMISSED)), review.c.second_by.is_not(None))
        .order_by(review.c.second_at, review.c.decided_at, review.c.review_id)
    )
    if concerned:
        own = select(suspension_candidate.c.candidate_id).where(*concerned)
        wanted = wanted.where(review.c.candidate_id.in_(own))
    with engine.connect() as connection:
        decided = pd.DataFrame(connection.execute(wanted).all(), columns=["candidate_id", "decision", *RULE])
    last = decided.drop_duplicates("candidate_id", keep="last")
    counted = (
        last.assign(right=last["decision"].isin(CONFIRMING).astype(int))
        .groupby(RULE)["right"]
        .agg(["sum", "size"])
    )
    rules = counted.reset_index().rename(columns={"sum": Step.CONFIRMED, "size": "reviewed"})
    bounds = [wilson(int(k), int(n)) for k, n in zip(rules[Step.CONFIRMED], rules["reviewed"], strict=True)]
    return rules.assign(
        dismissed=rules["reviewed"] - rules[Step.CONFIRMED],
        precision=rules[Step.CONFIRMED] / rules["reviewed"],
        low=[low for low, _ in bounds],
        high=[high for _, high in bounds],
    )


def below_floor(rules: RulePrecision, policy: Policy, on: date) -> "pd.Series[bool]":
    """Whether each rule was judged often enough, and right less often than the floor.

    Both bounds are values of the policy as they hold on the day: ``precision_floor``, ``precision_reviews``.
    """
    least, floor = int(policy.value("precision_reviews", on)), float(policy.value("precision_floor", on))
    return (rules["reviewed"] >= least) & (rules["precision"] < floor)


def fallen(rules: RulePrecision, policy: Policy, on: date) -> "pd.Series[bool]":
    """Which rules of ``precision`` the night demotes: of this version of the policy and ``below_floor``."""
    return below_floor(rules, policy, on) & (rules["policy_version"] == policy.stamp)


def demoted(engine: Engine, policy: Policy, on: date) -> dict[str, str]:
    """Rules demoted to ``lead``, ``<cause>/<tier>`` → the Chinese sentence that says why."""
    rules = precision(engine)
    own = rules[fallen(rules, policy, on)]
    floor = float(policy.value("precision_floor", on))
    return {
        f"{cause}/{tier}": f"该规则查实率{share:.0%}（{right}/{of}），低于{floor:.0%}，降为一般疑点"
        for cause, tier, share, right, of in own[
            ["cause", "tier", "precision", Step.CONFIRMED, "reviewed"]
        ].itertuples(index=False, name=None)
    }


def confirmed(engine: Engine) -> tuple[str, ...]:
    """The candidates that two people found right, in order: a weak rule takes nothing from what is proven."""
    c = suspension_candidate.c
    wanted = select(c.candidate_id).where(c.status.in_(PROVEN)).order_by(c.candidate_id)
    with engine.connect() as connection:
        return tuple(connection.execute(wanted).scalars())


def wilson(right: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The bounds of a proportion (Wilson 1927): sound for few reviews and for 0 or all right."""
    share, spread = right / of, z * z / of
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(centre - half, 0.0), min(centre + half, 1.0)
