"""重新就业 — somebody employs the person: insured by an employer, or hired."""

import numpy as np
import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts import employment
from matchers.findings import IMPORTANT, LEAD, NO_DAY, PRECISE, Cause, Findings, doubted, findings, together
from matchers.links import allowance

FULL_MONTHS = 2
MOST = {
    "": PRECISE,
    "late_deregistration_possible": IMPORTANT,
    "employer_kind_unknown": LEAD,
    "traineeship": LEAD,
    "public_post": LEAD,
    "stale_hire": LEAD,
    "ended_same_day": LEAD,
}
ALONE = {"insured_by_employer": "single_month", "hired": "hire_alone"}


def rule(docket: Docket) -> Findings:
    """Months insured by an employer and months of registered hires, from the start of the claim on."""
    hired = employment.hires(docket)
    insured = employment.contributions(docket, hired)
    employed = together(_insured(insured), _hired(hired))
    behind = pd.concat(
        [
            _behind("contributions", insured, "employer"),
            _behind("hires", hired, "employer_uscc"),
        ]
    )
    weighed = Findings(_strengths(docket, employed.facts, behind), employed.excluded)
    for feed, rows in (("contributions", insured), ("hires", hired)):
        doubts = {} if rows.empty else dict(iter(rows[rows["doubt"] != ""].groupby("doubt")))
        weighed = doubted(weighed, feed, {str(reason): part for reason, part in doubts.items()})
    return weighed


def _insured(rows: pd.DataFrame) -> Findings:
    if rows.empty:
        return findings("contributions", rows, pd.Series(dtype=object))
    covered = rows["covered_month"]
    holding = rows.assign(
        reason_code=rows["modifier"].where(rows["modifier"] != "", "insured_by_employer"),
        first=covered, last=covered, event_month=covered, event_on=NO_DAY, strength=0, lowered="",
        unended=~rows["ended"],
    )  # fmt: skip
    return findings("contributions", holding, rows["reason"])


def _hired(rows: pd.DataFrame) -> Findings:
    if rows.empty:
        return findings("hires", rows, pd.Series(dtype=object))
    event = rows["first"].clip(lower=rows["start_month"]).where(rows["begun"], rows["first"])
    began = months.of_dates(rows["hired_on"]) == event
    holding = rows.assign(
        reason_code="hired", event_month=event, event_on=rows["hired_on"].where(began), strength=0,
        lowered="", unended=rows["left_on"].isna(),
    )  # fmt: skip
    return findings("hires", holding, rows["reason"])


def _behind(feed: str, rows: pd.DataFrame, employer: str) -> pd.DataFrame:
    """What stands behind each row of a feed on each claim: claim_id, feed, row, employer, doubt."""
    columns = ["claim_id", "feed", "row", "employer", "doubt"]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    return rows.assign(feed=feed, employer=rows[employer])[columns]


def _strengths(docket: Docket, facts: pd.DataFrame, behind: pd.DataFrame) -> pd.DataFrame:
    """Each fact's strength, counted among the facts whose link is as good as its own or better.

    A doubt keeps its own fact down and no other.
    """
    if facts.empty:
        return facts
    backed = facts.merge(behind, on=["claim_id", "feed", "row"], how="left", validate="1:1")
    backed.index = facts.index
    allowed = allowance(docket, facts)
    strength = pd.Series(0, index=facts.index)
    for level in (LEAD, IMPORTANT, PRECISE):
        here = allowed == level
        reached = _reached(backed[allowed >= level])
        strength[here] = facts.loc[here, "claim_id"].map(reached).astype(int)
    most = backed["doubt"].map(MOST)
    reason = facts["reason_code"].replace(ALONE)
    lowered = np.select([backed["doubt"] != "", strength < PRECISE], [backed["doubt"], reason], "")
    return facts.assign(strength=np.minimum(strength, most), lowered=lowered)


def _reached(facts: pd.DataFrame) -> "pd.Series[int]":
    """By claim: precise for one employer with two full months, or with one and a hire of its own."""
    sound = facts[facts["doubt"] == ""]
    full = sound[sound["reason_code"] == "insured_by_employer"]
    counted = full.groupby(["claim_id", "employer"])["first"].nunique()
    hired = pd.MultiIndex.from_frame(sound.loc[sound["feed"] == "hires", ["claim_id", "employer"]])
    precise = counted.index[(counted >= FULL_MONTHS) | counted.index.isin(hired)].get_level_values("claim_id")
    weighty = facts["doubt"].map(MOST) >= IMPORTANT
    project = facts["reason_code"] == "project_cover"
    only_project = (~weighty | project).groupby(facts["claim_id"]).all()
    claims = only_project.index
    strength = np.select([claims.isin(precise), only_project], [PRECISE, LEAD], IMPORTANT)
    return pd.Series(strength, index=claims)


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
        "single_month": "没有一个单位缴满两个完整月份，也没有同一单位的就业登记",
        "hire_alone": "只有就业登记，没有同一单位的缴费",
        "stale_hire": "离职之前就有的就业登记，一直没有终止，可能是忘记注销",
        "ended_same_day": "登记当日即解除",
        "employer_kind_unknown": "单位类型不明，可能是灵活就业或失业代缴的虚拟单位",
        "late_deregistration_possible": "原单位的缴费，可能是减员滞后",
        "owed_by_last_employer": "原单位的欠费，不由本人负责",
        "invalid_row": "缴费记录已作废",
        "resident_scheme": "城乡居民险种，不是就业参保",
        "fund_paid": "失业保险基金代缴，即待遇本身",
        "self_paid": "灵活就业人员自行缴费，不得因此停发",
        "refunded": "缴费已退收或核销",
        "base_corrected": "只更正缴费基数的退收，原缴费仍然成立",
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
