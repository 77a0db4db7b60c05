"""网上办理条件 — by district, how many people could be served without coming: six conditions, and the best
repair.
"""

import numpy as np
import pandas as pd

from matchers.cleanup.contact import ACCOUNT, PHONE
from matchers.people.resident_id import USABLE
from matchers.schemas import (
    CleanupFindings,
    EntitlementChecks,
    OnlineReadiness,
    PersonClusters,
    ReadyPersons,
    RegisteredPersons,
)

CONDITIONS = ("number", "one_registration", "contact", "account", "employer", "entitlement")
READINESS = ["district", "population", "people", *CONDITIONS, "all_six", "best_repair"]
INSURED = 12
REPRODUCED = ("equal", "none")


def conditions(
    persons: RegisteredPersons,
    findings: CleanupFindings,
    checks: EntitlementChecks,
    clusters: PersonClusters,
) -> ReadyPersons:
    """``persons`` with the six ``CONDITIONS``, a truth value each."""
    several = {number for members in clusters["members"] for number in members.split("+")}
    owner = dict(zip(checks["claim_id"], checks["person_no"], strict=True))
    other = findings.loc[findings["check_code"] == "LAST_EMPLOYER", "record_key"].map(owner)
    unlike = checks.loc[~checks["direction"].isin(REPRODUCED), "person_no"]
    card = persons["card_no"].fillna("") != ""
    return persons.assign(
        number=persons["id_class"].isin(USABLE),
        one_registration=~persons["person_no"].isin(several),
        contact=persons["phone"].fillna("").str.fullmatch(PHONE),
        account=persons["bank_account"].fillna("").str.fullmatch(ACCOUNT) | card,
        employer=~persons["person_no"].isin(other),
        entitlement=~persons["person_no"].isin(unlike),
    )


def readiness(persons: ReadyPersons) -> OnlineReadiness:
    """``READINESS``: counts by district of people with a live claim, and of those insured for a year.

    ``persons``: what ``conditions`` gives. ``best_repair``: the condition whose repair alone serves most
    more people.
    """
    live = persons[persons["live_claim"].astype(bool)].assign(population="live_claim")
    insured = persons[persons["paid_months"] >= INSURED].assign(population="insured")
    both = pd.concat([live, insured], ignore_index=True)
    six = both[list(CONDITIONS)].astype(bool)
    lacking = (~six).sum(axis=1)
    only = np.where(lacking == 1, (~six).to_numpy().argmax(axis=1), -1)
    people = both.assign(
        **six, people=1, all_six=lacking == 0, only=only, district=both["district"].fillna("")
    )
    by = people.groupby(["district", "population"], sort=True)
    counts = by[["people", *CONDITIONS, "all_six"]].sum().astype("int64")
    repair = by["only"].agg(_most)
    return counts.assign(best_repair=repair).reset_index()[READINESS]


def _most(only: "pd.Series[int]") -> str:
    seen = only[only >= 0].value_counts()
    return CONDITIONS[int(min(seen[seen == seen.max()].index))] if len(seen) else ""
