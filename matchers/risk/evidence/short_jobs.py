"""短期参保 — how many claims follow short jobs at each employer, and which of them belong together."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from matchers.risk import reasons, shares, tenure
from matchers.risk.accounts import personal
from matchers.risk.ground import Ground
from matchers.schemas import EmployerCounts, LastJobs, ShortJobs


def employers(ground: Ground, jobs: LastJobs) -> ShortJobs:
    """By employer with a short job ``counts``, shares ``gap`` and ``least``, ``months`` of leaving.

    ``tied``: claims of several months share an account, or a phone that is not the employer's contact;
    ``season``: the same a year before.
    """
    short = jobs[jobs["short"]]
    own = short.groupby("employer").agg(
        gap=("gap", "mean"), least=("least", "mean"), months=("left_month", "nunique")
    )
    tied, season = _tied(ground, short), tenure.seasonal(ground, jobs)
    rows = own.join(counts(ground, jobs))
    return rows.assign(tied=rows.index.isin(tied), season=rows.index.isin(season))


def figures(ground: Ground, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What a signal shows of a row of ``employers``; no share at the minimum base where that is not given."""
    least = None if ground.policy.lacks("minimum_base") else round(float(row["least"]), 2)
    return {
        "n": int(row["seen"]), "leavers": int(row["leavers"]), "ratio_bound": round(float(row["bound"]), 2),
        "share_without_earlier_contribution": round(float(row["gap"]), 2), "share_at_minimum_base": least,
        "shared_account_or_phone": bool(row["tied"]), "months_of_leaving": int(row["months"]),
    }  # fmt: skip


def counts(ground: Ground, jobs: LastJobs) -> EmployerCounts:
    """By employer: leavers, short claims (seen), what is expected of its kind, lower bound of the ratio."""
    claims = jobs.groupby("employer").size()
    leavers = pd.concat([reasons.leavers(ground), claims], axis=1).max(axis=1).astype(float)
    seen = jobs[jobs["short"]].groupby("employer").size().reindex(leavers.index).fillna(0).astype(float)
    return shares.by_kind(ground, seen, leavers)


def _tied(ground: Ground, short: LastJobs) -> set[str]:
    """Employers of whom short claims of several months share an account, or a phone not the contact's."""
    keys = []
    if ground.agents is not None:
        paid = personal(ground, ground.payments[ground.within(ground.payments["paid_on"])])
        on = paid[["claim_id", "account"]].drop_duplicates().rename(columns={"account": "key"})
        keys.append(short.merge(on, on="claim_id"))
    if ground.contacts is not None:
        own = short.dropna(subset="phone").assign(key=short["phone"])
        contact = own[["employer", "phone"]].merge(
            ground.contacts.drop_duplicates(), how="left", indicator=True
        )
        keys.append(own[(contact["_merge"] == "left_only").to_numpy()])
    tied: set[str] = set()
    for rows in keys:
        together = rows.groupby(["employer", "key"]).agg(
            people=("person", "nunique"), months=("left_month", "nunique")
        )
        together = together[
            together["people"].between(ground.value("tied_least"), ground.value("account_people_most"))
        ]
        several = together[together["months"] >= ground.value("short_months_of_leaving")]
        tied |= set(several.index.get_level_values("employer"))
    return tied
