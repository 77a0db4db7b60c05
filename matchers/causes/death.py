"""死亡 — the day of death decides, not its registration; survivors then have rights of their own."""

import numpy as np
import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts import employment
from matchers.findings import (
    FAMILY,
    IMPORTANT,
    LEAD,
    PRECISE,
    Cause,
    Findings,
    against,
    findings,
    first_reason,
    nothing,
    with_doubts,
)
from matchers.links import ALLOWS


def rule(docket: Docket) -> Findings:
    """The latest date of death on record; other dates and later signs of life speak against it.

    A record whose link is only proposed moves no date that a certain one gives; it may only speak against it.
    """
    rows = docket.rows("deaths")
    if rows.empty:
        return nothing()
    reversed_ = (rows["kind"] != "撤销宣告") & (rows["registered_on"] < rows["died_on"])
    reason = first_reason(rows, {"dates_reversed": reversed_, "declaration_revoked": _revoked(rows)})
    valid = rows[reason == ""].assign(allowed=rows["link_tier"].map(ALLOWS))
    certain = valid["allowed"] >= IMPORTANT
    some_certain = certain.groupby(valid["claim_id"]).transform("any").astype(bool)
    latest = valid[certain | ~some_certain].groupby("claim_id")["died_on"].max()
    died_on = rows["claim_id"].map(latest)
    month = months.of_dates(died_on)
    alive = _signs_of_life(docket, latest)
    strength = _strengths(valid).reindex(rows.index)
    days = valid.groupby("claim_id")["died_on"].nunique()
    living, differing = rows["claim_id"].isin(alive["claim_id"]), rows["claim_id"].map(days) > 1
    holding = rows.assign(
        reason_code="death_recorded",
        first=month,
        last=float(docket.month),
        event_month=month,
        event_on=died_on,
        strength=strength.where(~living, LEAD),
        lowered=np.select(
            [living, strength == PRECISE, differing],
            ["signs_of_life", "", "death_dates_differ"],
            "one_origin",
        ),
    )
    dead = findings("deaths", holding, reason)
    differs = set(rows.loc[rows["died_on"] != died_on, "row"])
    doubtful = dead.facts["row"].isin(differs)
    standing = dead.facts.loc[~doubtful, "claim_id"]
    return with_doubts(
        Findings(dead.facts[~doubtful], dead.excluded),
        against("deaths", dead.facts[doubtful], "death_dates_differ"),
        *(
            against(str(f), a[a["claim_id"].isin(standing)], "signs_of_life")
            for f, a in alive.groupby("feed")
        ),
    )


def _revoked(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Rows that a revoked declaration takes away; a death after the revocation stands."""
    stated_on = rows["registered_on"].fillna(rows["delivered_on"])
    revocation = rows["kind"] == "撤销宣告"
    revoked_on = rows["claim_id"].map(stated_on[revocation].groupby(rows["claim_id"]).max())
    declared = (rows["kind"] == "宣告死亡") & (stated_on <= revoked_on)
    reported = (rows["kind"] == "死亡") & (rows["died_on"] <= revoked_on)
    return revocation | declared | reported


def _strengths(rows: pd.DataFrame) -> "pd.Series[int]":
    """Each record's strength, counted among the records of the claim whose link is as good or better.

    Precise where all records agree on the day, and these have two origins or a certificate.
    """
    agree = rows.groupby("claim_id")["died_on"].nunique() == 1
    strength = pd.Series(IMPORTANT, index=rows.index)
    for level in sorted(set(rows["allowed"])):
        records = rows[rows["allowed"] >= level].groupby("claim_id")
        sure = agree & ((records["origin"].nunique() > 1) | (records["certificate_no"].count() > 0))
        here = (rows["allowed"] == level) & rows["claim_id"].map(sure)
        strength[here] = PRECISE
    return strength


def _signs_of_life(docket: Docket, died_on: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """Employers' contributions for months after that of death, hires after it, and claims that the person
    registered or signed for after it: claim_id, row, feed.
    """
    of_the_dead = docket.of_claims(died_on.index)
    hired = employment.hires(of_the_dead)
    insured = employment.contributions(of_the_dead, hired)
    signs = [_claimed(docket, died_on)]
    if not insured.empty:
        month = months.of_dates(insured["claim_id"].map(died_on))
        later = (insured["reason"] == "") & (insured["covered_month"] > month)
        signs.append(insured.loc[later, ["claim_id", "row"]].assign(feed="contributions"))
    if not hired.empty:
        later = (hired["reason"] == "") & (hired["hired_on"] > hired["claim_id"].map(died_on))
        signs.append(hired.loc[later, ["claim_id", "row"]].assign(feed="hires"))
    return pd.concat(signs)


def _claimed(docket: Docket, died_on: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    own = docket.claims.rename_axis("row").reset_index()
    dead = own.loc[own["claim_id"].isin(died_on.index), ["claim_id", "person_id"]]
    acts = dead.merge(own[["row", "person_id", "registered_on", "commitment_signed_on"]], on="person_id")
    last = acts[["registered_on", "commitment_signed_on"]].max(axis=1)
    return acts.loc[last > acts["claim_id"].map(died_on), ["claim_id", "row"]].assign(feed="claim")


CAUSE = Cause(
    code="DEATH",
    title="死亡",
    feeds=("deaths",),
    rule=rule,
    unpaid_by=("funeral", "survivors"),
    notice_to=FAMILY,
    words={
        "death_recorded": "有死亡登记",
        "death_dates_differ": "不同来源的死亡日期不一致",
        "signs_of_life": "死亡日期之后仍有用工、登记或承诺的记录",
        "one_origin": "只有一个来源，没有死亡证明编号",
        "dates_reversed": "登记早于死亡，记录有误",
        "declaration_revoked": "死亡宣告已撤销",
        "after_claim": "发生在领取结束之后",
    },
)
