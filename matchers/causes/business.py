"""自办市场主体 — a business of one's own, begun while drawing benefit."""

import numpy as np

from matchers import months
from matchers.docket import Docket
from matchers.findings import IMPORTANT, LEAD, Cause, Findings, findings, first_reason, nothing

OPERATING_ROLES = ("法定代表人", "经营者", "负责人", "执行事务合伙人", "个人独资投资人")


def rule(docket: Docket) -> Findings:
    """Operating roles taken up after the registration of unemployment, while the entity operates."""
    rows = docket.rows("business_roles")
    if rows.empty:
        return nothing()
    began_on = rows[["established_on", "role_started_on"]].max(axis=1)
    over = rows["entity_status"] == "over"
    closed = months.of_dates(rows["closed_on"]).where(over)
    reason = first_reason(
        rows,
        {
            "registration_annulled": rows["entity_status"] == "annulled",
            "dates_reversed": over & (rows["closed_on"] < began_on),
            "role_not_operating": ~rows["role"].isin(OPERATING_ROLES),
            "cooperative": rows["entity_type"] == "农民专业合作社",
            "role_predates_claim": ~(began_on > rows["claim_registered_on"]),
            "entity_dormant": rows["entity_status"] == "dormant",
            "end_unknown": over & closed.isna(),
            "entity_closed": closed < rows["start_month"],
        },
    )
    shopkeeper = (rows["role"] == "经营者") & (rows["entity_type"] == "个体工商户")
    holding = rows.assign(
        reason_code="operates_entity",
        first=months.of_dates(began_on),
        last=closed.fillna(rows["delivered_month"]),
        event_month=months.of_dates(began_on),
        event_on=began_on,
        strength=np.where(shopkeeper, IMPORTANT, LEAD),
        lowered="operation_unproven",
        unended=closed.isna(),
    )
    return findings("business_roles", holding, reason)


CAUSE = Cause(
    code="BUSINESS",
    title="自办市场主体",
    feeds=("business_roles",),
    rule=rule,
    words={
        "operates_entity": "登记为市场主体的经营者或负责人",
        "operation_unproven": "只有登记，是否实际经营、有无收入须核实",
        "registration_annulled": "登记已被撤销，视为自始没有登记",
        "role_not_operating": "股东、监事等，不参与经营",
        "cooperative": "农民专业合作社",
        "role_predates_claim": "任职早于失业登记",
        "entity_dormant": "市场主体歇业或停业",
        "entity_closed": "市场主体在领取前已注销",
        "dates_reversed": "起止日期颠倒，记录有误",
        "end_unknown": "已终止但无终止日期",
        "after_claim": "发生在领取结束之后",
    },
)
