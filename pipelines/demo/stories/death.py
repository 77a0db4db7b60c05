"""DEATH: payments go on after a death."""

import datetime as dt

from pipelines.demo.calendar import month_of, on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import STOPPED
from pipelines.demo.story import story

CAUSE = "DEATH"
FEED = "deaths"


def _record(
    case: Case,
    died: dt.date,
    origin: str = "公安",
    certificate: str = "",
    kind: str = "死亡",
    after: int = 4,
    registered: bool = True,
    mistaken: bool = False,
) -> None:
    learned_on = died + dt.timedelta(days=after)
    facts = {
        "died_on": died.isoformat(),
        "registered_on": learned_on.isoformat() if registered else "",
        "kind": kind,
        "certificate_no": certificate,
        "origin": origin,
    }
    case.report(FEED, learned_on, facts, mistaken=mistaken)


def _certificate(case: Case) -> str:
    return f"SW{case.rng.randrange(10**6):06d}"


@story(CAUSE)
def death(case: Case) -> list[Finding]:
    """A death with its certificate; survivors have been paid what is theirs."""
    month = case.month()
    _record(case, case.day(month), certificate=_certificate(case))
    if case.chance(0.5):
        case.claim.pay(month + 1, "funeral", 600_000)
        case.claim.pay(month + 1, "survivors", 1_200_000)
    return [case.finding(CAUSE, "precise", month, case.until_now(month))]


@story(CAUSE)
def death_from_two_origins(case: Case) -> list[Finding]:
    """Two agencies say the same day."""
    month = case.month()
    day = case.day(month)
    _record(case, day)
    _record(case, day, "民政")
    return [case.finding(CAUSE, "precise", month, case.until_now(month))]


@story(CAUSE)
def death_from_one_origin(case: Case) -> list[Finding]:
    """One agency, no certificate."""
    month = case.month()
    _record(case, case.day(month), case.rng.choice(("公安", "民政")))
    return [case.finding(CAUSE, "important", month, case.until_now(month))]


@story(CAUSE)
def death_declared(case: Case) -> list[Finding]:
    """Declared dead by a court, and not revoked."""
    month = case.month()
    _record(case, case.day(month), "法院", kind="宣告死亡")
    return [case.finding(CAUSE, "important", month, case.until_now(month))]


@story(CAUSE, "death_dates_differ")
def death_dates_differ(case: Case) -> list[Finding]:
    """Two agencies, two months: the later one counts."""
    months = case.run(2, 2)
    _record(case, case.day(months[0]), certificate=_certificate(case))
    _record(case, case.day(months[1]), "卫健")
    return [case.finding(CAUSE, "important", months[1], case.until_now(months[1]))]


@story(CAUSE, "signs_of_life", "REEMPLOYED")
def death_and_work(case: Case) -> list[Finding]:
    """Contributions for months after the death: somebody is alive."""
    months = case.run(3, 4)
    _record(case, case.day(months[0]), certificate=_certificate(case))
    case.contribute(case.employer(), months[1:])
    return [
        case.finding(CAUSE, "lead", months[0], case.until_now(months[0])),
        case.finding("REEMPLOYED", "precise", months[1], months[1:]),
    ]


@story(CAUSE)
def death_registered_late(case: Case) -> list[Finding]:
    """Registered two months after the death: the day of the death decides."""
    month = case.month(2)
    _record(case, case.day(month), certificate=_certificate(case), after=35)
    return [case.finding(CAUSE, "precise", month, case.until_now(month))]


@story(CAUSE)
def death_before_the_claim(case: Case) -> list[Finding]:
    """Somebody registered the claim of a dead person, if the person is dead at all."""
    died = on(case.claim.start - 2, 12)
    _record(case, died, certificate=_certificate(case))
    return [case.finding(CAUSE, "lead", month_of(died), case.until_now(case.claim.start - 2))]


@story(CAUSE)
def death_of_these_days(case: Case) -> list[Finding]:
    """Registered just before the newest delivery: there is still time to report it."""
    died = case.calendar.newest(FEED) - dt.timedelta(days=8)
    _record(case, died, certificate=_certificate(case))
    return [case.finding(CAUSE, "precise", month_of(died), case.until_now(month_of(died)))]


@story("declaration_revoked")
def death_revoked(case: Case) -> None:
    """Declared dead, came back; without its day the later delivery is the later record."""
    day = case.day(case.month(2))
    dated = case.chance(0.5)
    _record(case, day, "法院", kind="宣告死亡", after=2, registered=dated)
    _record(case, day, "法院", kind="撤销宣告", after=35, registered=dated)


@story("after_claim", shape=STOPPED)
def death_after_the_stop(case: Case) -> None:
    """A death after the claim was stopped."""
    _record(case, case.day(case.claim.last + 1), certificate=_certificate(case))


@story("not_delivered")
def death_not_delivered_yet(case: Case) -> None:
    """A death that the night cannot know: its delivery comes later."""
    arrives = case.calendar.days(FEED)[-1]
    _record(case, arrives - dt.timedelta(days=5), certificate=_certificate(case))


@story("superseded")
def death_in_a_superseded_delivery(case: Case) -> None:
    """A delivery of wrong deaths, which a later one takes out of use."""
    arrived = case.calendar.superseded
    _record(case, arrived - dt.timedelta(days=9), certificate=_certificate(case), mistaken=True)
