"""REEMPLOYED from the employment register, alone and together with contributions."""

import datetime as dt
from dataclasses import replace

from pipelines.demo.calendar import month_of
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import TO_COME
from pipelines.demo.story import story

CAUSE = "REEMPLOYED"


@story(CAUSE)
def hire_only(case: Case) -> list[Finding]:
    """Registered, and nobody paid contributions."""
    month = case.month()
    case.hire(case.employer(), case.day(month))
    return [case.finding(CAUSE, "important", month, case.until_newest("hires", month))]


@story(CAUSE)
def hire_ended(case: Case) -> list[Finding]:
    """A registered job that ended; the month of its end still counts."""
    months = case.run(2, 4)
    case.hire(case.employer(), case.day(months[0]), case.day(months[-1]))
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE, "stale_hire")
def hire_before_the_claim(case: Case) -> list[Finding]:
    """Hired elsewhere before the first benefit and never left: perhaps forgotten, if before separation."""
    hired, start = case.day(case.claim.start - 2), case.claim.start
    case.hire(case.employer(), hired)
    tier = "lead" if hired < case.claim.separated_on else "important"
    return [case.finding(CAUSE, tier, start, case.until_newest("hires", start))]


@story(CAUSE, "ended_same_day")
def hire_of_one_day(case: Case) -> list[Finding]:
    """A job that ended on the day it began: perhaps it was entered and cancelled."""
    month = case.month()
    day = case.day(month)
    case.hire(case.employer(), day, day)
    return [case.finding(CAUSE, "lead", month, [month])]


@story(CAUSE, "not_begun", shape=TO_COME)
def hire_before_the_first_month(case: Case) -> list[Finding]:
    """Hired between the registration and a first month that is still to come: nothing can be owed yet."""
    newest, claim = case.calendar.newest("hires"), case.claim
    claim.registered_on, claim.separated_on = newest - dt.timedelta(days=9), newest - dt.timedelta(days=14)
    hired = newest - dt.timedelta(days=4)
    case.hire(case.employer(), hired)
    month = month_of(hired)
    return [case.finding(CAUSE, "important", month, case.until_newest("hires", month), stop=claim.start)]


@story(CAUSE)
def hire_of_these_days(case: Case) -> list[Finding]:
    """Hired just before the newest delivery: there is still time to report it."""
    hired = case.calendar.newest("hires") - dt.timedelta(days=3)
    case.hire(case.employer(), hired)
    month = month_of(hired)
    return [case.finding(CAUSE, "important", month, case.until_newest("hires", month))]


@story(CAUSE)
def hire_and_row(case: Case) -> list[Finding]:
    """Hired, and one month of contributions by the same employer: two witnesses."""
    months, payer = case.run(2, 2), case.employer()
    case.hire(payer, case.day(months[0]))
    case.contribute(payer, months[1:])
    return [case.finding(CAUSE, "precise", months[0], case.until_newest("hires", months[0]))]


@story(CAUSE)
def hire_and_row_elsewhere(case: Case) -> list[Finding]:
    """A hire and one month of contributions, but by different employers."""
    months = case.run(2, 2)
    case.hire(case.employer(), case.day(months[0]), case.day(months[1]))
    case.contribute(case.employer(), months[1:])
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE, "intermediary")
def hire_and_intermediary(case: Case) -> list[Finding]:
    """A hire together with months that are all an intermediary's."""
    months, payer = case.run(3, 4), case.employer("80")
    case.hire(payer, case.day(months[0]), case.day(months[-1]))
    case.contribute(payer, months)
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE, "project_cover")
def project_and_hire(case: Case) -> list[Finding]:
    """Project cover by one employer, a hire by another: judged by the hire."""
    months = case.run(3, 4)
    case.contribute(case.employer(), months[1:], insurances=["410"], payment_kind="40")
    case.hire(case.employer(), case.day(months[0]), case.day(months[1]))
    return [case.finding(CAUSE, "important", months[0], months)]


@story("flexible_employment", "public_post", "traineeship", "self_employment")
def other_forms(case: Case) -> None:
    """Forms of work that do not end a benefit."""
    for form in ("灵活就业", "公益性岗位", "就业见习", "自主创业"):
        case.hire(case.employer(), case.day(case.month()), form=form)


@story("before_claim")
def hire_ended_before(case: Case) -> None:
    """A job that ended before the first benefit."""
    case.hire(case.employer(), case.day(case.claim.start - 6), case.day(case.claim.start - 1))


@story("last_employment")
def last_job_still_open(case: Case) -> None:
    """The last employer never reported the end of the last job."""
    case.hire(case.claim.last_employer, case.claim.separated_on - dt.timedelta(days=400))


@story("last_employment")
def last_job_by_name(case: Case) -> None:
    """The same, under the employer's name alone."""
    payer = replace(case.claim.last_employer, name=f" {case.claim.last_employer.name} ", uscc="")
    case.hire(payer, case.claim.separated_on - dt.timedelta(days=700))
