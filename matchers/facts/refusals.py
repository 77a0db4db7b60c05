"""拒绝介绍 — which answers to an offered job or course are refusals without a proven reason."""

import pandas as pd

from matchers import months
from matchers.docket import Docket
from matchers.facts.records import replaced
from matchers.findings import IMPORTANT, Findings, findings, first_reason, nothing

REFUSED = "本人拒绝"
WORDS = {
    "dates_reversed": "答复早于推荐或通知，记录有误",
    "refused": "本人签收告知书后拒绝",
    "reason_to_be_judged": "拒绝的理由是否正当，须由人认定",
    "justified_refusal": "拒绝有正当理由",
    "notice_unproven": "没有本人签收的告知书",
    "not_contacted": "未联系上本人",
    "no_feedback": "没有反馈结果，不等于拒绝",
    "employer_refused": "单位未录用",
    "course_cancelled": "班级取消",
    "accepted": "本人已接受",
    "answered_outside_claim": "答复不在领取期间",
    "answer_replaced": "同一推荐已有较晚的记录",
    "refusals_too_few": "拒绝次数未达规定",
}


def refusals(docket: Docket, feed: str) -> Findings:
    """Signed-for refusals, from the n-th distinct referral on; n is the policy's ``refusals``.

    The latest record of a referral is its answer. A missing answer is never a refusal.
    """
    rows = docket.rows(feed)
    if rows.empty:
        return nothing()
    answered_on = rows["answered_on"].fillna(rows["referred_on"])
    month = months.of_dates(answered_on)
    result = rows["result"].fillna("")
    reason = first_reason(
        rows,
        {
            "dates_reversed": rows["answered_on"] < rows["referred_on"],
            "answer_replaced": replaced(rows.assign(referral=_referral(rows)), "referral"),
            "no_feedback": result == "",
            "accepted": result.isin(("录用", "参加")),
            "not_contacted": result == "未联系上",
            "employer_refused": result.isin(("单位拒绝", "未录用")),
            "course_cancelled": result == "班级取消",
            "justified_refusal": rows["justified"] == "是",
            "notice_unproven": rows["notice_no"].fillna("") == "",
            "answered_outside_claim": (answered_on < rows["claim_registered_on"])
            | (month > rows["last_benefit_month"]),
        },
    )
    refused = rows.assign(answered_on=answered_on)[reason == ""].sort_values(["answered_on", "referral_no"])
    needed = int(docket.value("refusals"))
    counting = refused.groupby("claim_id")["answered_on"].nth(needed - 1)
    nth_on = dict(zip(refused.loc[counting.index, "claim_id"], counting, strict=True))
    decisive = pd.to_datetime(rows["claim_id"].map(nth_on))  # nobody refused often enough: no dates at all
    reason = reason.mask((reason == "") & decisive.isna(), "refusals_too_few")
    event_on = answered_on.where(answered_on > decisive, decisive)
    rows = rows.assign(
        reason_code="refused",
        first=months.of_dates(event_on),
        last=float(docket.month),
        event_month=months.of_dates(event_on),
        event_on=event_on,
        strength=IMPORTANT,
        lowered="reason_to_be_judged",
    )
    return findings(feed, rows, reason)


def _referral(rows: pd.DataFrame) -> "pd.Series[str]":
    """The referral of each row: its number, or the day where a spreadsheet has spoilt that."""
    return rows["referral_no"].fillna("#" + rows["referred_on"].astype(str))
