"""多领 — which payments of a claim were not payable, to the fen, month by month.

A month is overpaid when it is at or after the stop month, its payment went out, and the fact holds in
that very month; while the payment is still scheduled it is preventable. The amount actually paid counts.
"""

import pandas as pd

from matchers.joined import joined
from matchers.schemas import (
    ClaimKeys,
    ClaimPayments,
    ConflictMonths,
    CountableLines,
    Heads,
    LineTotals,
    NamedPayments,
    OutgoingPayments,
    OverpaidLines,
    Payments,
    Recoveries,
    ScheduledLines,
    StoppedPayments,
    SumsAtRisk,
    WeighedFacts,
)

SPENT = ("paid", "in_transit")
SCHEDULED = "scheduled"
BENEFIT = "unemployment_benefit"
FOR_THE_FAMILY = ("funeral", "survivors")
MONTH_AND_KIND = ["claim_id", "benefit_month", "benefit_kind"]
NOT_FROM_PERSON = ("medical_insurance",)
LINES = [
    "claim_id", "cause", "payment_id", "benefit_month", "benefit_kind",
    "paid_fen", "recovered_fen", "due_fen", "recoverable_from_person", "counted",
]  # fmt: skip
LATER_LINES = [
    "claim_id", "cause", "payment_id", "benefit_month", "benefit_kind",
    "scheduled_fen", "recoverable_from_person",
]  # fmt: skip


def conflict_months(facts: WeighedFacts) -> ConflictMonths:
    """One row per claim_id, cause and month in which a supporting fact holds: the union, gaps kept."""
    held = facts[(facts["weight"] == "supports") & (facts["last"] >= facts["first"])]
    spans = [range(int(a), int(b) + 1) for a, b in zip(held["first"], held["last"], strict=True)]
    holding = pd.Series(spans, index=held.index, dtype=object)
    exploded = held[["claim_id", "cause"]].assign(benefit_month=holding).explode("benefit_month")
    return exploded.drop_duplicates().astype({"benefit_month": "int64"})


def outgoing(payments: ClaimPayments, claims: ClaimKeys, *kinds: str) -> OutgoingPayments:
    """The payments of the claims that went out or are on the roll; ``row`` is the position in ``payments``.

    The columns of ``claims`` (claim_id and others) stand beside them. Only of these ``kinds``; where none is
    named, of every kind but those to the family.
    """
    own = payments.rename_axis("row").reset_index()
    wanted = own["benefit_kind"].isin(kinds) if kinds else ~own["benefit_kind"].isin(FOR_THE_FAMILY)
    return own[wanted & own["state"].isin((*SPENT, SCHEDULED))].merge(claims, on="claim_id", validate="m:1")


def from_stop_month(payments: ClaimPayments, candidates: Heads) -> StoppedPayments:
    """The payments from each candidate's stop month on, with ``due_fen`` and ``recoverable_from_person``.

    ``candidates``: claim_id, cause, tier, stop_month, unpaid_by (kinds the cause never makes overpaid).
    """
    lines = joined(payments.assign(due_fen=_due(payments)), candidates, "claim_id")
    lines = lines[lines["benefit_month"] >= lines["stop_month"]]
    exempt = [kind in kinds for kind, kinds in zip(lines["benefit_kind"], lines["unpaid_by"], strict=True)]
    lines = lines[~pd.Series(exempt, index=lines.index, dtype=bool)]
    return lines.assign(recoverable_from_person=~lines["benefit_kind"].isin(NOT_FROM_PERSON))


def conflicting(lines: StoppedPayments, held: ConflictMonths, named: NamedPayments) -> StoppedPayments:
    """Those of ``from_stop_month`` whose month is held, or which a fact names by itself.

    ``held``: claim_id, cause, benefit_month. ``named``: claim_id, cause, payment_id.
    """
    key = ["claim_id", "cause", "benefit_month"]
    in_held = pd.MultiIndex.from_frame(lines[key]).isin(pd.MultiIndex.from_frame(held[key]))
    key = ["claim_id", "cause", "payment_id"]
    by_name = pd.MultiIndex.from_frame(lines[key]).isin(pd.MultiIndex.from_frame(named[key]))
    return lines[in_held | by_name]


def at_risk(lines: StoppedPayments, conflicts: StoppedPayments, runs: WeighedFacts) -> SumsAtRisk:
    """By claim_id and cause: ``at_risk_fen``, scheduled after the last month on record of an open run.

    To be checked before the roll closes, no part of what is preventable: contributions of a month arrive in
    the next, so that alone they never show the month on the roll. ``lines``: of ``from_stop_month``;
    ``conflicts``: those of them that are in conflict; ``runs``: claim_id, cause, last (of open runs).
    """
    key = ["claim_id", "cause"]
    ahead = lines[lines["recoverable_from_person"] & (lines["state"] == SCHEDULED)]
    ahead = ahead[~ahead.index.isin(conflicts.index)]
    last = runs.groupby(key)["last"].max().rename("last").reset_index()
    ahead = ahead.merge(last, on=key, validate="m:1")
    ahead = ahead[ahead["benefit_month"] > ahead["last"]]
    return ahead.groupby(key)["due_fen"].sum().rename("at_risk_fen").astype("int64").reset_index()


def _due(payments: pd.DataFrame) -> "pd.Series[int]":
    """What is owed of each payment: a month and kind is summed before it is clipped at nothing.

    A negative payment takes from the others of its month and kind, the first first, as a recovery does.
    """
    owed = payments["paid_fen"] - payments["recovered_fen"]
    if not (owed < 0).any():
        return owed
    stage = payments["state"].map({SCHEDULED: 1, **dict.fromkeys(SPENT, 0)}).fillna(2)
    order = payments.assign(stage=stage, positive=owed.clip(lower=0), negative=(-owed).clip(lower=0))
    order = order.sort_values(["paid_on", "payment_id"])
    case = [*MONTH_AND_KIND, "stage"]
    before = order.groupby(case)["positive"].cumsum() - order["positive"]
    taken = (order.groupby(case)["negative"].transform("sum") - before).clip(lower=0)
    return (order["positive"] - taken).clip(lower=0).reindex(payments.index).astype("int64")


def overpaid(lines: StoppedPayments) -> OverpaidLines:
    """The lines that went out, in the columns of ``LINES``."""
    spent = lines[lines["state"].isin(SPENT)]
    return spent.assign(counted=counted(spent))[LINES]


def preventable(lines: StoppedPayments) -> ScheduledLines:
    """The lines that are still scheduled, in the columns of ``LATER_LINES``."""
    scheduled = lines[lines["state"] == SCHEDULED]
    return scheduled.assign(scheduled_fen=scheduled["due_fen"])[LATER_LINES]


def counted(lines: CountableLines) -> "pd.Series[bool]":
    """Whether totals count each line: a month and benefit kind once a claim, under the strongest cause.

    The strongest: of the highest tier, then of the earliest stop month.
    """
    strongest = lines.sort_values(["tier", "stop_month", "cause"], ascending=[False, True, True])
    under = strongest.groupby(["claim_id", "benefit_month", "benefit_kind"])["cause"].transform("first")
    return lines["cause"] == under.reindex(lines.index)


def totals(lines: StoppedPayments) -> LineTotals:
    """By claim_id and cause: overpaid_months, due_months, overpaid_fen, preventable_fen.

    Months are distinct months of ``unemployment_benefit``; ``due_months`` those of which something is due.
    Sums are of what is recoverable from the person.
    """
    key = ["claim_id", "cause"]
    spent = lines["state"].isin(SPENT)
    own = lines["recoverable_from_person"]
    benefit = spent & (lines["benefit_kind"] == "unemployment_benefit")
    scheduled = own & (lines["state"] == SCHEDULED)
    parts = {
        "overpaid_months": lines[benefit].groupby(key)["benefit_month"].nunique(),
        "due_months": lines[benefit & (lines["due_fen"] > 0)].groupby(key)["benefit_month"].nunique(),
        "overpaid_fen": lines[spent & own].groupby(key)["due_fen"].sum(),
        "preventable_fen": lines[scheduled].groupby(key)["due_fen"].sum(),
    }
    return pd.DataFrame(parts).fillna(0).astype("int64").rename_axis(key).reset_index()


def spread_recoveries(payments: ClaimPayments, recoveries: Recoveries) -> Payments:
    """``payments`` with ``recovered_fen``: recoveries of a month and kind go to its payments in order.

    ``recoveries``: claim_id, benefit_month, benefit_kind, recovered (fen). Payments that went out come
    first, what was paid once too often before the rest, by paid_on and number; what exceeds them is left.
    """
    spread = _spread(payments[payments["claim_id"].isin(recoveries["claim_id"])], recoveries)
    shares = spread.reindex(payments["payment_id"], fill_value=0).to_numpy()
    return payments.assign(recovered_fen=shares).sort_values("payment_id").reset_index(drop=True)


def _spread(payments: pd.DataFrame, recoveries: pd.DataFrame) -> "pd.Series[int]":
    """What has come back of each payment of claims of which something has, in fen, by payment_id."""
    case = MONTH_AND_KIND
    total = recoveries.groupby(case, as_index=False)["recovered"].sum()
    spent = payments["state"].isin(SPENT)
    order = payments.assign(
        owed=payments["paid_fen"].clip(lower=0).where(spent, 0), once=~repeated(payments)
    ).sort_values(["once", "paid_on", "payment_id"])
    order = order.merge(total, on=case, how="left", validate="m:1")
    recovered = pd.to_numeric(order["recovered"]).fillna(0)
    before = order.groupby(case)["owed"].cumsum() - order["owed"]
    share = (recovered - before).clip(lower=0)
    share = share.where(share < order["owed"], order["owed"]).astype("int64")
    return share.set_axis(order["payment_id"])


def repeated(payments: ClaimPayments) -> "pd.Series[bool]":
    """Which payments of unemployment benefit repeat another of their claim and month to the fen.

    The first by paid_on and number is none; one that is still scheduled comes after those that went out.
    """
    benefit = payments["benefit_kind"].eq(BENEFIT) & payments["state"].isin((*SPENT, SCHEDULED))
    own = payments[benefit & (payments["paid_fen"] > 0)]
    order = own.assign(on_roll=own["state"] == SCHEDULED).sort_values(["on_roll", "paid_on", "payment_id"])
    again = order.duplicated(["claim_id", "benefit_month", "paid_fen"])
    return again.reindex(payments.index, fill_value=False)
