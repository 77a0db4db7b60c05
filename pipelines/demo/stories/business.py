"""BUSINESS: a business of one's own, as the market register states it."""

import datetime as dt

from pipelines.demo.calendar import month_of, on
from pipelines.demo.case import Case, Finding
from pipelines.demo.story import story

CAUSE = "BUSINESS"
FEED = "business_roles"
SHOP = "个体工商户"
COMPANY = "有限责任公司"
HEADS = {
    COMPANY: "法定代表人",
    "个人独资企业": "个人独资投资人",
    "合伙企业": "执行事务合伙人",
    "有限责任公司分公司": "负责人",
}


def _register(case: Case, since: dt.date, kind: str = SHOP, role: str = "经营者", **columns: str) -> None:
    entity = case.employer("60" if kind == SHOP else "10")
    facts = {
        "entity_uscc": entity.uscc,
        "entity_name": entity.name,
        "entity_type": kind,
        "entity_status": case.rng.choice(("存续", "在营", "开业", "在册")),
        "established_on": since.isoformat(),
        "role": role,
    }
    case.report(FEED, since, facts | columns)


@story(CAUSE)
def shop(case: Case) -> list[Finding]:
    """A shop opened while drawing."""
    month = case.month()
    _register(case, case.day(month))
    return [case.finding(CAUSE, "important", month, case.until_newest(FEED, month))]


@story(CAUSE)
def head_of_a_company(case: Case) -> list[Finding]:
    """An operating role in an entity that is more than a shop."""
    month = case.month()
    kind, role = case.rng.choice(list(HEADS.items()))
    _register(case, case.day(month), kind, role)
    return [case.finding(CAUSE, "lead", month, case.until_newest(FEED, month))]


@story(CAUSE)
def role_taken_over(case: Case) -> list[Finding]:
    """An old company whose legal representative changed during the claim."""
    month = case.month()
    since, taken_over = on(case.claim.start - 40, 8), case.day(month).isoformat()
    _register(case, since, COMPANY, "法定代表人", role_started_on=taken_over)
    return [case.finding(CAUSE, "lead", month, case.until_newest(FEED, month))]


@story(CAUSE)
def shop_before_the_first_benefit(case: Case) -> list[Finding]:
    """Opened between registration and the first benefit month: every month from the first is affected."""
    opened = case.claim.registered_on + dt.timedelta(days=1)
    month = month_of(opened)
    _register(case, opened)
    return [case.finding(CAUSE, "important", month, case.until_newest(FEED, month))]


@story(CAUSE)
def shop_closed_again(case: Case) -> list[Finding]:
    """Opened and closed while drawing; the month of closing still counts."""
    months = case.run(3, 5)
    closed = case.day(months[-1]).isoformat()
    status = case.rng.choice(("注销", "吊销", "吊销未注销", "迁出"))
    _register(case, case.day(months[0]), entity_status=status, closed_on=closed)
    return [case.finding(CAUSE, "important", months[0], months)]


@story("role_not_operating")
def investor(case: Case) -> None:
    """Roles without a hand in the business."""
    role = case.rng.choice(("股东", "投资人", "监事", "董事", "经理", "联络员", "财务负责人"))
    _register(case, case.day(case.month()), COMPANY, role)


@story("role_predates_claim")
def old_business(case: Case) -> None:
    """A role from before the registration, on record when the benefit was granted."""
    _register(case, case.claim.registered_on - dt.timedelta(days=300))


@story("entity_dormant")
def dormant(case: Case) -> None:
    """An entity that has suspended its business."""
    _register(case, case.day(case.month()), entity_status=case.rng.choice(("歇业", "停业")))


@story("entity_closed")
def closed_before(case: Case) -> None:
    """A shop opened and closed again between the registration and the first benefit month."""
    month = case.claim.start - 1
    case.claim.registered_on, case.claim.separated_on = on(month, 5), on(month, 1)
    _register(case, on(month, 8), entity_status="注销", closed_on=on(month, 20).isoformat())


@story("registration_annulled")
def annulled(case: Case) -> None:
    """Registered under a stolen name and annulled for it: as if it had never been."""
    months = case.run(3, 5)
    annulled_on = case.day(months[-1]).isoformat()
    _register(case, case.day(months[0]), entity_status="撤销", closed_on=annulled_on)


@story("end_unknown")
def closed_some_day(case: Case) -> None:
    """An entity that is over, nobody knows since when."""
    _register(case, case.day(case.month()), entity_status="吊销")


@story("cooperative")
def cooperative(case: Case) -> None:
    """A farmers' cooperative."""
    _register(case, case.day(case.month()), "农民专业合作社", "法定代表人")


@story("corrected_snapshot")
def entered_by_mistake(case: Case) -> None:
    """A role that the register has corrected: it stands in older snapshots and no longer in the newest."""
    _register(case, case.day(case.month()))
    newest = case.calendar.newest(FEED)
    case.rows = [row for row in case.rows if row.feed != FEED or row.delivered_on < newest]
