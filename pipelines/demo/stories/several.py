"""Several claims, several causes, and facts that come too late."""

from pipelines.demo.calendar import compact, on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import STOPPED, Shape
from pipelines.demo.story import story


@story("before_claim", "after_claim", shape=STOPPED)
def worked_between_two_claims(case: Case) -> None:
    """One claim stopped for a job, the job lost again, a second claim: all in order."""
    second = case.open(Shape(start=(-1, -1)))
    first = case.claim
    case.contribute(second.last_employer, range(first.last + 1, second.start))


@story("not_delivered")
def work_not_delivered_yet(case: Case) -> None:
    """Contributions that the night cannot know: they were settled too late."""
    case.contribute(case.employer(), [case.calendar.settled + 1])


@story("BUSINESS", "PENSION")
def pensioner_with_a_shop(case: Case) -> list[Finding]:
    """A shop and a pension: a month is owed once, however many causes it has."""
    months = case.run(3, 4)
    opened, entity = case.day(months[0]), case.employer("60")
    shop = {
        "entity_uscc": entity.uscc,
        "entity_name": entity.name,
        "entity_type": "个体工商户",
        "entity_status": "存续",
        "established_on": opened.isoformat(),
        "role": "经营者",
    }
    pension = {"scheme": "企业职工", "payee_kind": "2", "started_month": compact(months[-1]), "state": "1"}
    case.report("business_roles", opened, shop)
    case.report("pension_payees", on(months[-1], 10), pension)
    return [
        case.finding("BUSINESS", "important", months[0], case.until_newest("business_roles", months[0])),
        case.finding("PENSION", "precise", months[-1], case.until_newest("pension_payees", months[-1])),
    ]
