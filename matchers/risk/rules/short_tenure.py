"""突击参保后集中申领 — many claims after jobs of at most three months, far above employers of its kind."""

import pandas as pd

from matchers.risk import reasons, shares, tenure
from matchers.risk.accounts import personal
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per employer; one batch of leavers alone never."""
    jobs = tenure.last_jobs(ground)
    counts = _counts(ground, jobs).to_dict("index")
    short = jobs[jobs["short"]]
    ties = _tied(ground, short)
    season = tenure.seasonal(ground, jobs)
    raised = []
    for employer, own in short.groupby("employer"):
        about = counts[employer]
        y, bound = len(own), float(about["bound"])
        several = own["left_month"].nunique() >= ground.value("short_months_of_leaving")
        lead = y >= ground.value("short_least") and bound > ground.value("short_ratio") and several
        gap, least = float(own["gap"].mean()), float(own["least"].mean())
        least_shown = None if ground.policy.lacks("minimum_base") else round(least, 2)
        strands = min(gap, least) >= ground.ratio("short_share")
        tied = y >= ground.value("tied_least") and bound > ground.value("tied_ratio") and employer in ties
        if not (lead or tied):
            continue
        level = Level.IMPORTANT if ((lead and strands) or tied) and employer not in season else Level.LEAD
        figures = {
            "n": y, "leavers": int(about["leavers"]), "ratio_bound": round(bound, 2),
            "share_without_earlier_contribution": round(gap, 2), "share_at_minimum_base": least_shown,
            "shared_account_or_phone": employer in ties, "months_of_leaving": own["left_month"].nunique(),
        }  # fmt: skip
        facts = tuple(Fact("short_job", c) for c in sorted(own["claim_id"]))
        where = ground.district_of(set(own["claim_id"]))
        ordinary = f"同类单位按减员人数约 {about['expected']:.1f} 笔"
        raised.append(
            Signal(RULE.code, "employer", str(employer), where, ground.year, level, figures, facts, ordinary)
        )
    return raised


def _counts(ground: Ground, jobs: pd.DataFrame) -> pd.DataFrame:
    """Per employer: leavers, short claims (seen), what is expected of its kind, lower bound of the ratio."""
    assert ground.kinds is not None
    claims = jobs.groupby("employer").size()
    leavers = pd.concat([reasons.leavers(ground), claims], axis=1).max(axis=1).astype(float)
    seen = jobs[jobs["short"]].groupby("employer").size().reindex(leavers.index).fillna(0).astype(float)
    kind = leavers.index.to_series().map(ground.kinds).fillna("")
    expected = shares.expected_by_kind(seen, leavers, kind)
    bound = shares.lower_bounds(seen, expected, ground.ratio("bound"))
    return pd.DataFrame({"leavers": leavers, "seen": seen, "expected": expected, "bound": bound})


def _tied(ground: Ground, short: pd.DataFrame) -> set[str]:
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


RULE = Rule(
    code="SHORT_TENURE",
    title="突击参保后集中申领",
    basis="社会保险法第八十八条",
    look=look,
    feeds=("contributions", "staff_reductions"),
    strands=("minimum_base", "payee_agent", "business_roles"),
    words={"short_job": "最后单位参保不超过三个月的申领"},
    counter="裁员、关闭、季节用工、项目结束；应聘者可能被空壳单位利用，其申领列为待问，不是嫌疑",
)
