"""REFUSED_JOB and REFUSED_TRAINING: offers and their answers."""

import datetime as dt

from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import STOPPED
from pipelines.demo.story import story

OFFERS = {
    "job_referrals": ("仓库管理员", "收银员", "保安员", "社区网格员"),
    "training_referrals": ("电工初级班", "育婴员班", "计算机操作班"),
}
FEED_OF = {"REFUSED_JOB": "job_referrals", "REFUSED_TRAINING": "training_referrals"}


def _refer(case: Case, feed: str, answered: dt.date, result: str = "本人拒绝", **columns: str) -> None:
    referred = answered - dt.timedelta(days=2)
    facts = {
        "referral_no": f"{feed[0].upper()}{case.rng.randrange(10**8):08d}",
        "referred_on": referred.isoformat(),
        "offered": case.rng.choice(OFFERS[feed]),
        "notice_no": f"GZ{case.rng.randrange(10**6):06d}",
        "answered_on": answered.isoformat(),
        "result": result,
        "reason": "路远,不想去" if result == "本人拒绝" else "",
        "justified": "否" if result == "本人拒绝" else "",
    }
    case.report(feed, answered, facts | columns)


def _any_feed(case: Case) -> str:
    return case.rng.choice(list(OFFERS))


@story("REFUSED_JOB")
def refused_job(case: Case) -> list[Finding]:
    """A job refused without good reason; nobody has judged the reason yet in some cases."""
    month = case.month()
    _refer(case, "job_referrals", case.day(month), justified=case.rng.choice(("否", "")))
    return [case.finding("REFUSED_JOB", "important", month, case.until_now(month))]


@story("REFUSED_TRAINING")
def refused_training(case: Case) -> list[Finding]:
    """A course refused without good reason."""
    month = case.month()
    _refer(case, "training_referrals", case.day(month))
    return [case.finding("REFUSED_TRAINING", "important", month, case.until_now(month))]


@story("REFUSED_JOB")
def refused_twice(case: Case) -> list[Finding]:
    """Two jobs refused: the first refusal counts."""
    months = case.run(2, 4)
    for month in (months[0], months[-1]):
        _refer(case, "job_referrals", case.day(month))
    return [case.finding("REFUSED_JOB", "important", months[0], case.until_now(months[0]))]


@story("REFUSED_JOB")
def refused_without_date(case: Case) -> list[Finding]:
    """The answer bears no date: the day of the referral stands for it."""
    month = case.month()
    _refer(case, "job_referrals", case.day(month), answered_on="")
    return [case.finding("REFUSED_JOB", "important", month, case.until_now(month))]


@story("REFUSED_JOB", "REFUSED_TRAINING")
def refused_everything(case: Case) -> list[Finding]:
    """A job and a course refused: two causes."""
    months = case.run(2, 4)
    _refer(case, "job_referrals", case.day(months[0]))
    _refer(case, "training_referrals", case.day(months[-1]))
    return [
        case.finding(cause, "important", month, case.until_now(month))
        for cause, month in (("REFUSED_JOB", months[0]), ("REFUSED_TRAINING", months[-1]))
    ]


@story("justified_refusal")
def refused_with_reason(case: Case) -> None:
    """Refused for a good reason."""
    _refer(case, _any_feed(case), case.day(case.month()), reason="照顾重病家属", justified="是")


@story("notice_unproven")
def refused_unwarned(case: Case) -> None:
    """Nobody can prove that the person knew what a refusal means."""
    _refer(case, _any_feed(case), case.day(case.month()), notice_no="")


@story("not_contacted")
def not_reached(case: Case) -> None:
    """Nobody reached the person."""
    _refer(case, _any_feed(case), case.day(case.month()), "未联系上")


@story("no_feedback")
def not_answered(case: Case) -> None:
    """No answer is no refusal."""
    _refer(case, _any_feed(case), case.day(case.month()), "", answered_on="")


@story("employer_refused")
def employer_refused(case: Case) -> None:
    """The employer turned them down."""
    _refer(case, "job_referrals", case.day(case.month()), case.rng.choice(("单位拒绝", "未录用")))


@story("course_cancelled")
def course_cancelled(case: Case) -> None:
    """The course never took place."""
    _refer(case, "training_referrals", case.day(case.month()), "班级取消")


@story("answered_outside_claim")
def refused_before(case: Case) -> None:
    """Refused before the person registered."""
    _refer(case, _any_feed(case), case.claim.registered_on - dt.timedelta(days=10))


@story("answered_outside_claim", shape=STOPPED)
def refused_after(case: Case) -> None:
    """Refused after the claim was stopped."""
    _refer(case, _any_feed(case), case.day(case.claim.last + 1))


@story("accepted")
def accepted(case: Case) -> None:
    """The offer was taken."""
    feed = _any_feed(case)
    _refer(case, feed, case.day(case.month()), "录用" if feed == "job_referrals" else "参加")
