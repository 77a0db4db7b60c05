"""重新就业 — somebody employs the person: insured by an employer, or hired."""

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts import employment
from matchers.findings import IMPORTANT, LEAD, NO_DAY, PRECISE, Cause, Findings, findings, together
from matchers.links import allowance

FULL_MONTHS = 2


def rule(docket: Docket) -> Findings:
    """Months insured by an employer and months of registered hires, from the start of the claim on."""
    insured, hired = employment.contributions(docket), employment.hires(docket)
    found = together(_insured(insured), _hired(hired))
    employers = {
        **_employers("contributions", insured, "employer"),
        **_employers("hires", hired, "employer_uscc"),
    }
    return Findings(_strengths(docket, found.facts, employers), found.excluded)


def _insured(rows: pd.DataFrame) -> Findings:
    if rows.empty:
        return findings("contributions", rows, pd.Series(dtype=object))
    covered = rows["covered_month"]
    told = rows.assign(
        reason_code=rows["modifier"].where(rows["modifier"] != "", "insured_by_employer"),
        first=covered, last=covered, event_month=covered, event_on=NO_DAY, strength=0,
    )  # fmt: skip
    return findings("contributions", told, rows["reason"])


def _hired(rows: pd.DataFrame) -> Findings:
    if rows.empty:
        return findings("hires", rows, pd.Series(dtype=object))
    event = rows["first"].clip(lower=rows["start_month"])
    began = months.of_dates(rows["hired_on"]) == event
    told = rows.assign(
        reason_code="hired", event_month=event, event_on=rows["hired_on"].where(began), strength=0
    )
    return findings("hires", told, rows["reason"])


def _employers(feed: str, rows: pd.DataFrame, column: str) -> dict[tuple[str, str, int], str | None]:
    """The employer of each row of a feed on each claim."""
    if rows.empty:
        return {}
    places = zip(rows["claim_id"], rows["row"], rows[column], strict=True)
    return {(claim, feed, row): employer for claim, row, employer in places}


def _strengths(
    docket: Docket, facts: pd.DataFrame, employers: dict[tuple[str, str, int], str | None]
) -> pd.DataFrame:
    """Each fact's strength, counted among the facts whose link is as good as its own or better."""
    if facts.empty:
        return facts
    places = zip(facts["claim_id"], facts["feed"], facts["row"], strict=True)
    known = facts.assign(employer=pd.Series([employers[p] for p in places], index=facts.index, dtype=object))
    allowed = allowance(docket, facts)
    strength = pd.Series(0, index=facts.index)
    for level in (LEAD, IMPORTANT, PRECISE):
        trusted = known[allowed >= level]
        reached = {claim: _strength(part) for claim, part in trusted.groupby("claim_id")}
        here = allowed == level
        strength[here] = facts.loc[here, "claim_id"].map(reached).astype(int)
    return facts.assign(strength=strength)


def _strength(facts: pd.DataFrame) -> int:
    """Of one claim: precise for one employer with two full months, or with one and a hire of its own."""
    full = facts[facts["reason_code"] == "insured_by_employer"]
    hired_by = set(facts.loc[facts["feed"] == "hires", "employer"])
    counted = full.groupby("employer")["first"].nunique().items()
    if any(n >= FULL_MONTHS or employer in hired_by for employer, n in counted):
        return PRECISE
    only_project = (facts["reason_code"] == "project_cover").all()
    return LEAD if only_project else IMPORTANT


CAUSE = Cause(
    code="REEMPLOYED",
    title="重新就业",
    feeds=("contributions", "hires"),
    rule=rule,
    words={
        "insured_by_employer": "用人单位为其参保缴费",
        "hired": "有单位就业登记",
        "project_cover": "按项目参加工伤保险，只说明工地参保",
        "intermediary": "由代缴、派遣或人力资源机构申报，需核实实际用工",
        "back_paid": "事后补缴，需核实当月是否在岗",
        "invalid_row": "缴费记录已作废",
        "resident_scheme": "城乡居民险种，不是就业参保",
        "fund_paid": "失业保险基金代缴，即待遇本身",
        "self_paid": "灵活就业人员自行缴费，不得因此停发",
        "refunded": "缴费已退收或核销",
        "history": "历史补录或关系转入",
        "prepaid": "预缴尚未到期的月份",
        "before_claim": "所属期早于领取开始",
        "late_deregistration": "原单位减员滞后",
        "flexible_employment": "灵活就业登记",
        "public_post": "公益性岗位",
        "traineeship": "就业见习",
        "self_employment": "自主创业登记",
        "last_employment": "原单位的旧就业登记",
        "dates_reversed": "起止日期颠倒，记录有误",
        "after_claim": "发生在领取结束之后",
    },
)
