"""PENSION: a monthly pension of one's own."""

from pipelines.demo.calendar import compact, on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import EXHAUSTED, STOPPED, Shape
from pipelines.demo.story import story

CAUSE = "PENSION"
FEED = "pension_payees"


def _grant(case: Case, since: int, first_paid: int | None = None, **columns: str) -> None:
    facts = {
        "scheme": case.rng.choice(("企业职工", "机关事业")),
        "payee_kind": "2",
        "benefit_form": "按月",
        "started_month": compact(since),
        "first_paid_month": compact(first_paid or since),
        "state": "1",
    }
    case.report(FEED, on(first_paid or since, 10), facts | columns)


@story(CAUSE)
def pension(case: Case) -> list[Finding]:
    """Retired while drawing."""
    month = case.month()
    _grant(case, month)
    return [case.finding(CAUSE, "precise", month, case.until_newest(FEED, month))]


@story(CAUSE)
def pension_before_the_claim(case: Case) -> list[Finding]:
    """Retired before the claim: nothing was payable at all."""
    month = case.claim.start - 3
    _grant(case, month)
    return [case.finding(CAUSE, "precise", month, case.until_newest(FEED, month))]


@story(CAUSE)
def pension_ended(case: Case) -> list[Finding]:
    """A pension that ended during the claim; its last month still counts."""
    months = case.run(2, 4)
    _grant(case, months[0], state="3", ended_month=compact(months[-1]))
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def pension_of_residents(case: Case) -> list[Finding]:
    """The resident scheme: a city decides by policy."""
    month = case.month()
    _grant(case, month, scheme="城乡居民")
    return [case.finding(CAUSE, "lead", month, case.until_newest(FEED, month))]


@story(CAUSE)
def pension_in_both_schemes(case: Case) -> list[Finding]:
    """A resident pension, later an employee's: months are united, the earliest event counts."""
    months = case.run(3, 4)
    _grant(case, months[0], scheme="城乡居民")
    _grant(case, months[-1])
    return [case.finding(CAUSE, "precise", months[0], case.until_newest(FEED, months[0]))]


@story(CAUSE, "paused")
def pension_paused(case: Case) -> list[Finding]:
    """A pension that is not being paid at present."""
    month = case.month()
    _grant(case, month, state="0")
    return [case.finding(CAUSE, "lead", month, case.until_newest(FEED, month))]


@story(CAUSE, "retroactive_grant")
def pension_in_arrears(case: Case) -> list[Finding]:
    """Granted later for earlier months: the person drew in good faith."""
    months = case.run(3, 4)
    _grant(case, months[0], months[-1])
    return [case.finding(CAUSE, "important", months[0], case.until_newest(FEED, months[0]))]


@story(CAUSE, shape=STOPPED)
def pension_through_two_claims(case: Case) -> list[Finding]:
    """A pension that began during one claim and goes on in the next: a finding on both."""
    second = case.open(Shape(start=(-2, -1)))
    month = case.claim.last - 2
    _grant(case, month)
    months = case.until_newest(FEED, month)
    return [case.finding(CAUSE, "precise", month, months, claim) for claim in (case.claim, second)]


@story("survivor_benefit")
def survivors_pension(case: Case) -> None:
    """A pension for a dead relative's sake."""
    _grant(case, case.month(), payee_kind="3")


@story("one_off")
def one_off_pension(case: Case) -> None:
    """A single payment."""
    _grant(case, case.month(), benefit_form="一次性")


@story("ended_before_claim")
def pension_ended_before(case: Case) -> None:
    """A pension that ended before the claim."""
    _grant(case, case.claim.start - 30, state="3", ended_month=compact(case.claim.start - 1))


@story("end_unknown")
def pension_ended_some_day(case: Case) -> None:
    """A pension that ended, nobody knows when."""
    _grant(case, case.month(), state="3")


@story("after_claim", shape=EXHAUSTED)
def retired_after_the_end(case: Case) -> None:
    """Retired once the benefit was drawn to its end."""
    _grant(case, case.claim.last + 1)
