"""有工资薪金 — an employer has withheld tax on wages for a month of the claim."""

from matchers.docket import Docket
from matchers.facts.employment import at_last_employer
from matchers.findings import IMPORTANT, NO_DAY, Cause, Findings, findings, first_reason, nothing

SEVERANCE = "补偿金"


def rule(docket: Docket) -> Findings:
    """One fact for each month with wages; important, for a withholding alone does not prove work."""
    rows = docket.rows("tax_wages")
    if rows.empty:
        return nothing()
    month = rows["earned_month"]
    reason = first_reason(
        rows,
        {
            "severance": rows["income_kind"] == SEVERANCE,
            "before_claim": month < rows["start_month"],
            "last_wages": at_last_employer(rows.assign(employer_id=None)),
        },
    )
    facts = rows.assign(
        reason_code="wages_taxed",
        first=month,
        last=month,
        event_month=month,
        event_on=NO_DAY,
        strength=IMPORTANT,
        lowered="work_unproven",
    )
    return findings("tax_wages", facts, reason)


CAUSE = Cause(
    code="TAXED_WAGES",
    title="有工资薪金",
    feeds=("tax_wages",),
    rule=rule,
    words={
        "wages_taxed": "用人单位为其扣缴工资薪金个人所得税",
        "work_unproven": "仅有扣缴记录，未见参保或就业登记",
        "severance": "解除劳动合同的一次性补偿金，不是工资",
        "before_claim": "所属期早于领取开始",
        "last_wages": "原单位补发的工资",
        "after_claim": "发生在领取结束之后",
    },
)
