"""MILITARY, EMIGRATED, IMPRISONED: registers of people who left for the army, a country or a prison."""

import datetime as dt

from pipelines.demo.calendar import month_of, on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import EXHAUSTED
from pipelines.demo.story import story


def _enlist(case: Case, approved: dt.date, **columns: str) -> None:
    notice = f"RW{case.rng.randrange(10**6):06d}"
    facts = {"approved_on": approved.isoformat(), "notice_no": notice}
    case.report("enlistments", approved, facts | columns)


def _emigrate(case: Case, left: dt.date, reason: str = "出国定居", **columns: str) -> None:
    case.report("emigrations", left, {"reason": reason, "cancelled_on": left.isoformat()} | columns)


def _imprison(
    case: Case,
    since: dt.date,
    manner: str = "收监",
    until: dt.date | None = None,
    learned_on: dt.date | None = None,
    **columns: str,
) -> None:
    facts = {
        "罪名": case.rng.choice(("盗窃罪", "诈骗罪", "危险驾驶罪")),
        "manner": manner,
        "confined_on": since.isoformat(),
        "released_on": until.isoformat() if until else case.rng.choice(("", "00000000", "9999-12-31")),
    }
    case.report("imprisonments", learned_on or since, facts | columns)


@story("MILITARY")
def recruit(case: Case) -> list[Finding]:
    """Approved for service while drawing."""
    month = case.month()
    _enlist(case, case.day(month))
    return [case.finding("MILITARY", "precise", month, case.until_now(month))]


@story("MILITARY")
def recruit_discharged(case: Case) -> list[Finding]:
    """Served and discharged within the claim; the month of discharge still counts."""
    months = case.run(3, 5)
    _enlist(case, case.day(months[0]), discharged_on=case.day(months[-1]).isoformat())
    return [case.finding("MILITARY", "precise", months[0], months)]


@story("MILITARY")
def recruit_before_the_claim(case: Case) -> list[Finding]:
    """In service since before the claim."""
    approved = case.day(case.claim.start - 2)
    _enlist(case, approved)
    return [case.finding("MILITARY", "precise", month_of(approved), case.until_now(month_of(approved)))]


@story("returned_recruit")
def recruit_returned(case: Case) -> None:
    """Sent back by the army."""
    month = case.month(2)
    _enlist(case, case.day(month), returned_on=case.day(month + 1).isoformat())


@story("served_before_claim")
def veteran(case: Case) -> None:
    """Service that ended before the claim."""
    start = case.claim.start
    _enlist(case, case.day(start - 40), discharged_on=case.day(start - 1).isoformat())


@story("EMIGRATED")
def emigrant(case: Case) -> list[Finding]:
    """Settled abroad while drawing."""
    month = case.month()
    _emigrate(case, case.day(month), case.rng.choice(("出国定居", "出境定居")), country="加拿大")
    return [case.finding("EMIGRATED", "precise", month, case.until_now(month))]


@story("EMIGRATED")
def emigrant_returned(case: Case) -> list[Finding]:
    """Settled abroad and restored to the register within the claim."""
    months = case.run(3, 5)
    _emigrate(case, case.day(months[0]), restored_on=case.day(months[-1]).isoformat())
    return [case.finding("EMIGRATED", "precise", months[0], months)]


@story("ordinary_exit")
def traveller(case: Case) -> None:
    """Abroad, but not to settle there."""
    _emigrate(case, case.day(case.month()), case.rng.choice(("出国", "出境", "留学", "探亲")))


@story("restored_before_claim")
def returned_before(case: Case) -> None:
    """Back in the register before the claim."""
    start = case.claim.start
    _emigrate(case, case.day(start - 30), restored_on=case.day(start - 1).isoformat())


@story("IMPRISONED")
def prisoner(case: Case) -> list[Finding]:
    """Taken into prison while drawing."""
    month = case.month()
    _imprison(case, case.day(month))
    return [case.finding("IMPRISONED", "precise", month, case.until_now(month))]


@story("IMPRISONED")
def prisoner_released(case: Case) -> list[Finding]:
    """A short sentence within the claim; the month of release still counts."""
    months = case.run(2, 4)
    _imprison(case, case.day(months[0]), until=case.day(months[-1]))
    return [case.finding("IMPRISONED", "precise", months[0], months)]


@story("IMPRISONED", "term_may_begin_at_detention")
def prisoner_by_the_term_alone(case: Case) -> list[Finding]:
    """Only the beginning of the term is on record, which counts detention before the sentence."""
    month = case.month()
    day = case.day(month)
    _imprison(case, day, confined_on="", term_from=day.isoformat())
    return [case.finding("IMPRISONED", "important", month, case.until_now(month))]


@story("IMPRISONED", "manner_changed")
def prisoner_let_out(case: Case) -> list[Finding]:
    """Taken into prison, and some months later the sentence is served outside: who knows since when."""
    month = case.month(4)
    day = case.day(month)
    let_out = on(month + 3, 2)
    _imprison(case, day)
    _imprison(case, day, "暂予监外执行", learned_on=let_out)
    changed = month_of(case.calendar.arrival("imprisonments", let_out))
    return [case.finding("IMPRISONED", "important", month, range(month, changed))]


@story("IMPRISONED", "REEMPLOYED")
def worker_then_prisoner(case: Case) -> list[Finding]:
    """Two causes on one claim: first work, then prison."""
    months, payer = case.run(3, 4), case.employer()
    case.contribute(payer, months[:2])
    _imprison(case, case.day(months[-1]))
    return [
        case.finding("REEMPLOYED", "precise", months[0], months[:2]),
        case.finding("IMPRISONED", "precise", months[-1], case.until_now(months[-1])),
    ]


@story("not_confined")
def not_confined(case: Case) -> None:
    """Sentences served outside, or no sentence yet."""
    manner = case.rng.choice(("缓刑", "假释", "暂予监外执行", "社区矫正", "羁押", "拘留"))
    _imprison(case, case.day(case.month()), manner)


@story("released_before_claim")
def released_before(case: Case) -> None:
    """Released before the claim."""
    start = case.claim.start
    _imprison(case, case.day(start - 20), until=case.day(start - 1))


@story("after_claim", shape=EXHAUSTED)
def prisoner_after_the_end(case: Case) -> None:
    """Taken into prison once the benefit was drawn to its end."""
    _imprison(case, case.day(case.claim.last + 1))
