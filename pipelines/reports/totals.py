"""合计 — whether totals count a candidate's money or a payment, and if not, why; in Chinese.

Leads are in no total, what went to the medical fund stands apart, and a month and benefit kind of a claim is
counted once, under its strongest cause.
"""

import pandas as pd

from matchers.schemas import ReportedCandidates
from pipelines.reports import words
from pipelines.reports.contents import Contents, records

YES, NOTHING = "是", "没有金额"
LEAD = "否：一般疑点不计入"
AMOUNTS = [
    "candidate_id",
    "tier",
    "preventable_fen",
    "overpaid_fen",
    "counted_preventable_fen",
    "counted_fen",
]


def of_payment(tier: str, own: bool, counted: bool) -> str:
    """``是``, or ``否：`` and why a payment under a candidate of this tier is not counted."""
    if tier not in words.SUMMED:
        return LEAD
    if not own:
        return "否：代缴医保另计"
    return YES if counted else "否：已计入另一情形"


def of_candidates(contents: Contents, chosen: ReportedCandidates) -> list[str]:
    """For each candidate ``是``, ``否：…``, or ``部分：…`` with the amounts that are counted under it."""
    under = _counted_under(pd.concat([contents.overpayments, contents.preventable]))
    counts = []
    for row in records(chosen[AMOUNTS]):
        amounts = (row["preventable_fen"], row["overpaid_fen"])
        counted = (row["counted_preventable_fen"], row["counted_fen"])
        if row["tier"] not in words.SUMMED:
            counts.append(LEAD)
        elif amounts == counted:
            counts.append(YES if any(amounts) else NOTHING)
        else:
            rest = f"已计入同一申领的“{under[row['candidate_id']]}”疑点"
            part = f"部分：可止付金额计{words.yuan(counted[0])}元、已发应退计{words.yuan(counted[1])}元，其余"
            counts.append(f"{part if any(counted) else '否：'}{rest}")
    return counts


def _counted_under(lines: pd.DataFrame) -> "pd.Series[str]":
    """By candidate_id: the causes under which totals count what they do not count under its own."""
    key = ["claim_id", "benefit_month", "benefit_kind"]
    own = lines[lines["recoverable_from_person"]]
    holder = own.loc[own["counted"], [*key, "cause"]].drop_duplicates()
    taken = own.loc[~own["counted"], [*key, "candidate_id"]].merge(holder, on=key, validate="m:m")
    return taken.groupby("candidate_id")["cause"].agg(lambda c: "、".join(sorted(map(words.cause, set(c)))))


def at_risk(candidates: ReportedCandidates) -> int:
    """Fen on the roll for months that no record covers yet, each claim once: its largest figure."""
    return int(candidates.groupby("claim_id")["at_risk_fen"].max().sum())
