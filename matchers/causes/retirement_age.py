"""达到法定退休年龄 — the statutory age is reached and no pension is drawn (only where a policy says so)."""

from typing import Any

import numpy as np
import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.findings import LEAD, Cause, Findings, nothing, own_facts


def rule(docket: Docket) -> Findings:
    """People who reached the age before the month of the night and not after their claim ended.

    The age goes by birth date and sex; it rises by a month for every ``step_months`` of birth months from
    ``born_from`` on.
    """
    if "retirement_age" not in docket.policy.values:
        return nothing()
    table: dict[str, dict[str, Any]] = docket.value("retirement_age")
    claims = docket.claims.rename_axis("row").reset_index()
    claims = claims[claims["sex"].isin(tuple(table)) & claims["birth_date"].notna()]
    if claims.empty:
        return nothing()
    born = months.of_dates(claims["birth_date"])
    years = claims["sex"].map({s: t["years"] for s, t in table.items()})
    since = claims["sex"].map({s: months.number(t["born_from"]) for s, t in table.items()})
    step = claims["sex"].map({s: t["step_months"] for s, t in table.items()})
    most = claims["sex"].map({s: t["most_months"] for s, t in table.items()})
    delay = np.minimum(np.maximum((born - since) // step + 1, 0), most)
    reached = born + years * 12 + delay
    old = claims[(reached < docket.month) & (reached <= claims["last_benefit_month"])]
    reached = reached[old.index]
    night = pd.Series(float(docket.month), index=old.index)
    return own_facts(
        "recipient", old, "reached_age", first=reached, last=night, event_month=reached, strength=LEAD,
        lowered="age_alone",
    )  # fmt: skip


CAUSE = Cause(
    code="RETIREMENT_AGE",
    title="达到法定退休年龄",
    feeds=(),
    rule=rule,
    needs=("pension_payees",),
    unless=("PENSION",),
    words={
        "reached_age": "已达法定退休年龄而无养老待遇记录",
        "age_alone": "只凭年龄推算，没有任何机构的记录",
    },
)
