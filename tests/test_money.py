"""Money in fen, on made-up claims: nothing owed twice, nothing below zero, nothing that was not paid."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import overpayment

calm = settings(max_examples=60, deadline=None, derandomize=True)
CLAIMS = st.sampled_from(["C1", "C2"])
CAUSES = ("BUSINESS", "DEATH", "PENSION")
KINDS = ("unemployment_benefit", "medical_insurance", "price_subsidy", "funeral")
MONTHS = st.integers(24300, 24303)
PAYMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "claim_id": CLAIMS,
            "benefit_month": MONTHS,
            "benefit_kind": st.sampled_from(KINDS),
            "paid_fen": st.integers(0, 400_000),
            "state": st.sampled_from(["paid", "in_transit", "scheduled", "returned"]),
            "paid_on": st.dates(pd.Timestamp("2025-01-01").date(), pd.Timestamp("2025-12-31").date()),
        }
    ),
    min_size=1,
    max_size=14,
)
RECOVERIES = st.lists(
    st.fixed_dictionaries(
        {
            "claim_id": CLAIMS,
            "benefit_month": MONTHS,
            "benefit_kind": st.sampled_from(KINDS),
            "recovered": st.integers(1, 500_000),
        }
    ),
    max_size=8,
)
HEADS = st.dictionaries(
    st.tuples(CLAIMS, st.sampled_from(CAUSES)), st.tuples(st.integers(1, 3), MONTHS), min_size=1, max_size=6
)
HELD = st.frozensets(st.tuples(CLAIMS, st.sampled_from(CAUSES), MONTHS), min_size=8)

Rows = list[dict[str, Any]]
Heads = dict[tuple[str, str], tuple[int, int]]
Held = frozenset[tuple[str, str, int]]


def spread(payments: Rows, recoveries: Rows) -> pd.DataFrame:
    paid = pd.DataFrame(payments).assign(
        payment_id=[f"F{n:02d}" for n in range(len(payments))],
        paid_on=pd.to_datetime([p["paid_on"] for p in payments]),
    )
    columns = ["claim_id", "benefit_month", "benefit_kind", "recovered"]
    returned = pd.DataFrame(recoveries, columns=columns)
    return overpayment.spread_recoveries(
        paid, returned.astype({"benefit_month": "int64", "recovered": "int64"})
    )


def touched(payments: pd.DataFrame, heads: Heads, held: Held) -> pd.DataFrame:
    candidates = pd.DataFrame(
        [(c, k, tier, stop, ("funeral",) * (k == "DEATH")) for (c, k), (tier, stop) in heads.items()],
        columns=["claim_id", "cause", "tier", "stop_month", "unpaid_by"],
    ).astype({"tier": "int64", "stop_month": "int64"})
    holding = pd.DataFrame(sorted(held), columns=["claim_id", "cause", "benefit_month"])
    held_months = holding.astype({"benefit_month": "int64"})
    nothing_named = pd.DataFrame(columns=["claim_id", "cause", "payment_id"])
    return overpayment.conflicting(
        overpayment.from_stop_month(payments, candidates), held_months, nothing_named
    )


@calm
@given(PAYMENTS, RECOVERIES)
def test_what_was_paid_back_is_spread_over_what_went_out_twice_first_and_no_further(
    payments: Rows, recoveries: Rows
) -> None:
    settled = spread(payments, recoveries)
    assert sorted(settled["payment_id"]) == [f"F{n:02d}" for n in range(len(payments))]
    back: dict[tuple[str, int, str], int] = defaultdict(int)
    for row in recoveries:
        back[row["claim_id"], row["benefit_month"], row["benefit_kind"]] += row["recovered"]
    for key, part in settled.groupby(["claim_id", "benefit_month", "benefit_kind"]):
        out = part[part["state"].isin(["paid", "in_transit"])]
        assert part["recovered_fen"].sum() == min(back[key], out["paid_fen"].sum())  # type: ignore[index]
        assert (out["recovered_fen"] <= out["paid_fen"]).all()
        in_time = out.sort_values(["paid_on", "payment_id"])
        twice = (
            in_time.duplicated("paid_fen") & (key[2] == "unemployment_benefit") & (in_time["paid_fen"] > 0)
        )  # type: ignore[index]
        in_order = pd.concat([in_time[twice], in_time[~twice]])
        open_before = (in_order["recovered_fen"] < in_order["paid_fen"]).cumsum().shift(fill_value=0) > 0
        assert (in_order.loc[open_before, "recovered_fen"] == 0).all()


@calm
@given(PAYMENTS, RECOVERIES, HEADS, HELD)
def test_a_line_is_a_payment_that_went_out_for_a_month_not_payable(
    payments: Rows, recoveries: Rows, heads: Heads, held: Held
) -> None:
    settled = spread(payments, recoveries)
    lines = overpayment.overpaid(touched(settled, heads, held))
    wanted = {
        (p["claim_id"], cause, p["payment_id"], max(p["paid_fen"] - p["recovered_fen"], 0))
        for p in settled.to_dict("records")
        for (claim, cause), (_, stop) in heads.items()
        if p["claim_id"] == claim
        and p["state"] in ("paid", "in_transit")
        and p["benefit_month"] >= stop
        and (claim, cause, p["benefit_month"]) in held
        and not (cause == "DEATH" and p["benefit_kind"] == "funeral")
    }
    lines_owed = lines[["claim_id", "cause", "payment_id", "due_fen"]]
    assert sorted(lines_owed.itertuples(index=False, name=None)) == sorted(wanted)
    assert (lines["recoverable_from_person"] == (lines["benefit_kind"] != "medical_insurance")).all()


@calm
@given(PAYMENTS, HEADS, HELD)
def test_a_payment_is_owed_once_under_the_strongest_then_earliest_cause(
    payments: Rows, heads: Heads, held: Held
) -> None:
    lines = overpayment.overpaid(touched(spread(payments, []), heads, held))
    for (claim, _, _), part in lines.groupby(["claim_id", "benefit_month", "benefit_kind"]):
        counted = part[part["counted"]]
        assert sorted(counted["payment_id"]) == sorted(set(part["payment_id"]))
        rank = {cause: (-heads[claim, cause][0], heads[claim, cause][1]) for cause in set(part["cause"])}  # type: ignore[index]
        assert {rank[cause] for cause in counted["cause"]} == {min(rank.values())}
        assert counted["cause"].nunique() == 1


@calm
@given(PAYMENTS, RECOVERIES, HEADS, HELD)
def test_totals_are_the_sums_of_what_the_person_owes(
    payments: Rows, recoveries: Rows, heads: Heads, held: Held
) -> None:
    conflicting = touched(spread(payments, recoveries), heads, held)
    lines = overpayment.overpaid(conflicting)
    own = lines[lines["recoverable_from_person"]]
    benefit = lines[lines["benefit_kind"] == "unemployment_benefit"]
    for row in overpayment.totals(conflicting).to_dict("records"):
        mine = [frame[(frame["claim_id"] == row["claim_id"]) & (frame["cause"] == row["cause"])]
                for frame in (own, benefit, conflicting)]  # fmt: skip
        scheduled = mine[2][(mine[2]["state"] == "scheduled") & mine[2]["recoverable_from_person"]]
        assert row["overpaid_fen"] == mine[0]["due_fen"].sum()
        assert row["overpaid_months"] == mine[1]["benefit_month"].nunique()
        assert row["due_months"] == mine[1][mine[1]["due_fen"] > 0]["benefit_month"].nunique()
        assert row["preventable_fen"] == scheduled["paid_fen"].sum()
        later = overpayment.preventable(mine[2])
        stopped = later.loc[later["recoverable_from_person"], "scheduled_fen"]
        assert row["preventable_fen"] == stopped.sum()
        assert set(later["payment_id"]).isdisjoint(mine[0]["payment_id"])


def test_a_hundred_thousand_payments_add_up_to_the_fen_by_month_by_claim_and_in_all() -> None:
    chance = np.random.default_rng(5)
    many, claims = 100_000, 9_000
    payments = pd.DataFrame(
        {
            "payment_id": [f"F{n:06d}" for n in range(many)],
            "claim_id": [f"C{n:05d}" for n in chance.integers(claims, size=many)],
            "benefit_month": chance.integers(24300, 24312, size=many),
            "benefit_kind": chance.choice(KINDS[:3], size=many),
            "paid_fen": chance.integers(0, 400_000, size=many),
            "state": chance.choice(["paid", "in_transit"], size=many),
            "paid_on": pd.Timestamp("2026-01-15"),
        }
    )
    returned = payments.drop_duplicates(["claim_id", "benefit_month", "benefit_kind"]).head(30_000)
    returned = returned.assign(recovered=chance.integers(1, 500_000, size=len(returned)))
    settled = overpayment.spread_recoveries(
        payments, returned.drop(columns=["payment_id", "paid_fen", "state", "paid_on"])
    )
    heads: Heads = {(f"C{n:05d}", "PENSION"): (3, 24300) for n in range(claims)}
    held = frozenset((claim, "PENSION", month) for claim, _ in heads for month in range(24300, 24312))
    conflicting = touched(settled, heads, held)
    lines = overpayment.overpaid(conflicting)
    assert len(lines) == many
    assert lines["due_fen"].sum() == payments["paid_fen"].sum() - settled["recovered_fen"].sum()
    by_month = lines[lines["recoverable_from_person"]].groupby(["claim_id", "benefit_month"])["due_fen"].sum()
    of_claims = overpayment.totals(conflicting).set_index("claim_id")["overpaid_fen"]
    of_months = by_month.groupby("claim_id").sum()
    assert of_months[of_months > 0].to_dict() == of_claims[of_claims > 0].to_dict()
    assert by_month.dtype.kind == of_claims.dtype.kind == "i"
