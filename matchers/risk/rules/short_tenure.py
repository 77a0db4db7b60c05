"""突击参保后集中申领 — many claims after jobs of at most three months, far above employers of its kind."""

from matchers.risk import tenure
from matchers.risk.evidence.short_jobs import employers, figures
from matchers.risk.ground import Ground
from matchers.risk.signals import Fact, Level, Rule, Signal


def look(ground: Ground) -> list[Signal]:
    """Per employer; one batch of leavers alone never."""
    jobs, raised = tenure.last_jobs(ground), []
    claims = jobs[jobs["short"]].groupby("employer")["claim_id"].agg(sorted).to_dict()
    for employer, row in employers(ground, jobs).to_dict("index").items():
        y, bound = row["seen"], row["bound"]
        lead = y >= ground.value("short_least") and bound > ground.value("short_ratio")
        lead = lead and row["months"] >= ground.value("short_months_of_leaving")
        tied = row["tied"] and y >= ground.value("tied_least") and bound > ground.value("tied_ratio")
        if not (lead or tied):
            continue
        strands = min(row["gap"], row["least"]) >= ground.ratio("short_share")
        level = Level.IMPORTANT if ((lead and strands) or tied) and not row["season"] else Level.LEAD
        facts = tuple(Fact("short_job", claim) for claim in claims[employer])
        about = RULE.code, "employer", str(employer), ground.district_of(claims[employer]), ground.year
        ordinary = f"同类单位按减员人数约 {row['expected']:.1f} 笔"
        raised.append(Signal(*about, level, figures(ground, row), facts, ordinary))
    return raised


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
