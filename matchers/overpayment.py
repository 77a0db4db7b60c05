"""多领 — which payments of a claim were not payable, to the fen, month by month.

A month is overpaid when it is at or after the stop month, its payment went out, and the fact holds in
that very month; while the payment is still scheduled it is preventable. The amount actually paid counts: a
payment below zero takes back what went out for its month and kind.
"""

from typing import Any

import pandas as pd

SPENT = ("paid", "in_transit")
SCHEDULED = "scheduled"
NOT_FROM_PERSON = ("medical_insurance",)
BENEFIT = "unemployment_benefit"
PAID_TWICE = "paid_twice"
CASE = ["claim_id", "benefit_month", "benefit_kind"]
LINES = [
    "claim_id", "cause", "payment_id", "benefit_month", "benefit_kind",
    "paid_fen", "recovered_fen", "due_fen", "recoverable_from_person", "counted",
]  # fmt: skip
LATER_LINES = [
    "claim_id", "cause", "payment_id", "benefit_month", "benefit_kind",
    "scheduled_fen", "recoverable_from_person",
]  # fmt: skip


def conflict_months(facts: pd.DataFrame) -> pd.DataFrame:
    """One row per claim_id, cause and month in which a supporting fact holds: the union, gaps kept.

    ``doubled``: whether all that holds there is that the month was ``PAID_TWICE``.
    """
    held = facts[(facts["weight"] == "supports") & (facts["last"] >= facts["first"])]
    spans = [range(int(a), int(b) + 1) for a, b in zip(held["first"], held["last"], strict=True)]
    holding = pd.Series(spans, index=held.index, dtype=object)
    months = held[["claim_id", "cause"]].assign(
        benefit_month=holding, doubled=held["reason_code"] == PAID_TWICE
    )
    exploded = months.explode("benefit_month").astype({"benefit_month": "int64"}).sort_values("doubled")
    return exploded.drop_duplicates(["claim_id", "cause", "benefit_month"])


def conflicting(payments: pd.DataFrame, candidates: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The payments that a candidate touches, with ``due_fen`` and ``recoverable_from_person``.

    ``candidates``: claim_id, cause, tier, stop_month, unpaid_by (kinds the cause never makes overpaid).
    ``held``: as ``conflict_months`` gives it; of a doubled month only what is beyond the first is touched.
    """
    lines = payments.merge(candidates, on="claim_id", validate="m:m")
    lines = lines[lines["benefit_month"] >= lines["stop_month"]]
    lines = lines.merge(held, on=["claim_id", "cause", "benefit_month"], validate="m:1")
    exempt = [kind in kinds for kind, kinds in zip(lines["benefit_kind"], lines["unpaid_by"], strict=True)]
    lines = _beyond_the_first(lines[~pd.Series(exempt, index=lines.index, dtype=bool)], payments)
    return _netted(lines).assign(recoverable_from_person=~lines["benefit_kind"].isin(NOT_FROM_PERSON))


def beyond_first(payments: pd.DataFrame) -> pd.DataFrame:
    """The payments of unemployment benefit that repeat another of their claim, month and amount.

    The first stays; what a payment of the opposite amount has taken back is no repetition.
    """
    own = payments[payments["benefit_kind"] == BENEFIT]
    own = own[own["state"].isin((*SPENT, SCHEDULED)) & (own["paid_fen"] != 0)]
    own = own.assign(amount=own["paid_fen"].abs(), later=own["state"] == SCHEDULED, back=own["paid_fen"] < 0)
    same = [*CASE, "amount"]
    own = own[own.duplicated(same, keep=False)].sort_values(["later", "paid_on", "payment_id"])
    taken_back = own["back"].groupby([own[c] for c in same]).transform("sum")
    out = own[~own["back"]]
    return payments.loc[out.index[out.groupby(same).cumcount() > taken_back[out.index]]]


def _beyond_the_first(lines: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """``lines``, those of doubled months kept to the repetitions; to these recoveries go first."""
    doubled = lines["doubled"].astype(bool)
    if not doubled.any():
        return lines
    repeated = beyond_first(payments[payments["claim_id"].isin(lines.loc[doubled, "claim_id"])])
    lines = lines[~doubled | lines["payment_id"].isin(repeated["payment_id"])]
    here = lines[lines["doubled"].astype(bool)].sort_values(["paid_on", "payment_id"])
    month = [here[c] for c in CASE]
    returned = payments.groupby(CASE)["recovered_fen"].sum()
    total = here[CASE].merge(returned.rename("total").reset_index(), on=CASE, how="left", validate="m:1")
    owed = here["paid_fen"].where(here["state"].isin(SPENT), 0)
    share = _taken(owed, pd.Series(total["total"].to_numpy(), index=here.index), month)
    recovered = lines["recovered_fen"].copy()
    recovered[here.index] = share.astype("int64")
    return lines.assign(recovered_fen=recovered)


def _netted(lines: pd.DataFrame) -> pd.DataFrame:
    """``lines`` with ``due_fen``; by month and kind it adds up to what was paid less what came back, or 0."""
    due = (lines["paid_fen"] - lines["recovered_fen"]).clip(lower=0)
    if not (lines["paid_fen"] < 0).any():
        return lines.assign(due_fen=due)
    order = lines.sort_values(["paid_on", "payment_id"])
    state = order["state"].replace(dict.fromkeys(SPENT, "out"))
    month = [order["cause"], *(order[c] for c in CASE), state]
    back = (-order["paid_fen"]).clip(lower=0).groupby(month).transform("sum")
    return lines.assign(due_fen=due - _taken(due[order.index], back, month))


def _taken(
    owed: "pd.Series[int]", credit: "pd.Series[int]", month: "list[pd.Series[Any]]"
) -> "pd.Series[int]":
    """What a month's ``credit`` takes of each amount ``owed``, in their order; never more than that."""
    share = (credit - (owed.groupby(month).cumsum() - owed)).clip(lower=0)
    return share.where(share < owed, owed)


def overpaid(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines that went out, in the columns of ``LINES``."""
    spent = lines[lines["state"].isin(SPENT)]
    return spent.assign(counted=counted(spent))[LINES]


def preventable(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines that are still scheduled, in the columns of ``LATER_LINES``."""
    scheduled = lines[lines["state"] == SCHEDULED]
    return scheduled.assign(scheduled_fen=scheduled["due_fen"])[LATER_LINES]


def counted(lines: pd.DataFrame) -> "pd.Series[bool]":
    """Whether totals count each line: a month and benefit kind once a claim, under the strongest cause.

    The strongest: of the highest tier, then of the earliest stop month.
    """
    strongest = lines.sort_values(["tier", "stop_month", "cause"], ascending=[False, True, True])
    under = strongest.groupby(["claim_id", "benefit_month", "benefit_kind"])["cause"].transform("first")
    return lines["cause"] == under.reindex(lines.index)


def totals(lines: pd.DataFrame) -> pd.DataFrame:
    """By claim_id and cause: overpaid_months, due_months, overpaid_fen, preventable_fen.

    Months are distinct months of ``unemployment_benefit``; ``due_months`` those of which something is due.
    Sums are of what is recoverable from the person.
    """
    key = ["claim_id", "cause"]
    spent = lines["state"].isin(SPENT)
    own = lines["recoverable_from_person"]
    benefit = spent & (lines["benefit_kind"] == BENEFIT)
    scheduled = own & (lines["state"] == SCHEDULED)
    parts = {
        "overpaid_months": lines[benefit].groupby(key)["benefit_month"].nunique(),
        "due_months": lines[benefit & (lines["due_fen"] > 0)].groupby(key)["benefit_month"].nunique(),
        "overpaid_fen": lines[spent & own].groupby(key)["due_fen"].sum(),
        "preventable_fen": lines[scheduled].groupby(key)["due_fen"].sum(),
    }
    return pd.DataFrame(parts).fillna(0).astype("int64").rename_axis(key).reset_index()


def spread_recoveries(payments: pd.DataFrame, recoveries: pd.DataFrame) -> pd.DataFrame:
    """``payments`` with ``recovered_fen``: recoveries of a month and kind go to its payments in order.

    ``recoveries``: claim_id, benefit_month, benefit_kind, recovered (fen). Payments that went out come
    first, by paid_on and number; what exceeds them is left.
    """
    total = recoveries.groupby(CASE, as_index=False)["recovered"].sum()
    spent = payments["state"].isin(SPENT)
    owed = payments["paid_fen"].where(spent, 0).clip(lower=0)
    order = payments.assign(owed=owed).sort_values(["paid_on", "payment_id"])
    order = order.merge(total, on=CASE, how="left", validate="m:1")
    credit = pd.to_numeric(order["recovered"]).fillna(0)
    share = _taken(order["owed"], credit, [order[c] for c in CASE])
    order = order.assign(recovered_fen=share.astype("int64"))
    return order.drop(columns=["owed", "recovered"]).sort_values("payment_id").reset_index(drop=True)
