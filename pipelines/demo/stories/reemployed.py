"""REEMPLOYED from contributions: paid by an employer while drawing."""

from pipelines.demo.calendar import on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import BENEFIT, EXHAUSTED, STOPPED, SUSPENDED
from pipelines.demo.story import story

CAUSE = "REEMPLOYED"


@story(CAUSE)
def run(case: Case) -> list[Finding]:
    """Some months at a new employer."""
    months = case.run()
    case.contribute(case.employer(case.rng.choice(("10", "60"))), months)
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, shape=STOPPED)
def run_then_stopped(case: Case) -> list[Finding]:
    """Work that began while the claim still ran and goes on after it was stopped."""
    months = range(case.claim.last - 2, case.claim.last + 2)
    case.contribute(case.employer(), months)
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, shape=SUSPENDED)
def run_then_suspended(case: Case) -> list[Finding]:
    """Work during a claim that is now in suspense."""
    months = case.run(2, 3, until=case.claim.last)
    case.contribute(case.employer(), months)
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def gap(case: Case) -> list[Finding]:
    """Two spells at one employer; the months between are not evidence."""
    months = case.run(4, 5)
    worked = [months[0], *months[2:]]
    case.contribute(case.employer(), worked)
    return [case.finding(CAUSE, "precise", worked[0], worked)]


@story(CAUSE)
def single(case: Case) -> list[Finding]:
    """One month, no more."""
    month = case.month()
    case.contribute(case.employer(), [month])
    return [case.finding(CAUSE, "important", month, [month])]


@story(CAUSE)
def two_employers(case: Case) -> list[Finding]:
    """One month each at two employers: no employer has two."""
    months = case.run(2, 2)
    for month in months:
        case.contribute(case.employer(), [month])
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE)
def without_uscc(case: Case) -> list[Finding]:
    """An employer that the extract knows by its number alone."""
    months = case.run()
    case.contribute(case.employer(), months, employer_uscc="")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def public_service(case: Case) -> list[Finding]:
    """A public institution, in the public-sector scheme."""
    months = case.run()
    case.contribute(case.employer("20"), months, insurances=["120"])
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def owed(case: Case) -> list[Finding]:
    """Declared by the employer and not paid yet."""
    months = case.run()
    case.contribute(case.employer(), months, paid_flag="2", received_on="")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def arrears_in_time(case: Case) -> list[Finding]:
    """Arrears of exactly three months: not back-paid yet."""
    months = case.run(2, 3, until=case.calendar.settled - 3)
    kind = case.rng.choice(("31", "32", "34"))
    case.contribute(case.employer(), months, settled=lambda m: m + 3, payment_kind=kind)
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE)
def prepaid_and_due(case: Case) -> list[Finding]:
    """Prepaid for months that have come."""
    months = case.run()
    case.contribute(case.employer(), months, settled=lambda m: m - 1, payment_kind="12")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "intermediary")
def intermediary(case: Case) -> list[Finding]:
    """Paid by an agency that pays for others."""
    months = case.run()
    case.contribute(case.employer("80"), months)
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE, "employer_kind_unknown")
def kind_unknown(case: Case) -> list[Finding]:
    """The extract does not say what kind of payer it is: it may pay for those who insure themselves."""
    months = case.run()
    case.contribute(case.employer(), months, employer_kind="")
    return [case.finding(CAUSE, "lead", months[0], months)]


@story(CAUSE, "traineeship", "public_post")
def supported_work(case: Case) -> list[Finding]:
    """Contributions for a traineeship or a public post, whose months are no job elsewhere."""
    months, payer = case.run(2, 4), case.employer()
    form = case.rng.choice(("就业见习", "公益性岗位"))
    case.hire(payer, on(months[0], 2), on(months[-1], 26), form=form)
    case.contribute(payer, months)
    return [case.finding(CAUSE, "lead", months[0], months)]


@story(CAUSE, "back_paid")
def back_paid(case: Case) -> list[Finding]:
    """Months that were settled more than three months later."""
    months = case.run(2, 3, until=case.calendar.settled - 4)
    case.contribute(case.employer(), months, settled=lambda m: m + 4, payment_kind="32")
    return [case.finding(CAUSE, "important", months[0], months)]


@story(CAUSE)
def back_paid_then_regular(case: Case) -> list[Finding]:
    """A back-paid month before two regular ones: it counts, and does not weaken them."""
    months = case.run(3, 3, until=case.calendar.settled - 4)
    payer = case.employer()
    case.contribute(payer, months[:1], settled=lambda m: m + 4, payment_kind="32")
    case.contribute(payer, months[1:])
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "project_cover")
def project(case: Case) -> list[Finding]:
    """Work-injury cover of a building project names whole crews."""
    months = case.run()
    case.contribute(case.employer(), months, insurances=["410"], payment_kind="40")
    return [case.finding(CAUSE, "lead", months[0], months)]


@story(CAUSE)
def employed_all_along(case: Case) -> list[Finding]:
    """Employed since before the claim: the event is its first month."""
    months = range(case.claim.start - 2, case.claim.start + 4)
    case.contribute(case.employer(), months)
    return [case.finding(CAUSE, "precise", case.claim.start, months[2:])]


@story(CAUSE, "late_deregistration")
def back_to_last(case: Case) -> list[Finding]:
    """The last employer again, beyond the three months in which deregistration may be late."""
    late = case.claim.separated + 4
    months = range(late - 2, late + 3)
    case.contribute(case.claim.last_employer, months)
    return [case.finding(CAUSE, "important", late, months[2:])]


@story("nothing_paid_after", shape=EXHAUSTED)
def one_month_and_after(case: Case) -> None:
    """Work in the claim's last month and beyond: nothing was paid after it."""
    case.contribute(case.employer(), range(case.claim.last, case.claim.last + 2))


@story(CAUSE, "refunded")
def one_month_refunded(case: Case) -> list[Finding]:
    """Three months, the first of which was refunded altogether."""
    months = case.run(3, 3)
    payer = case.employer()
    case.contribute(payer, months, insurances=["110"])
    case.contribute(payer, months[:1], insurances=["110"], payment_kind="20")
    return [case.finding(CAUSE, "precise", months[1], months[1:])]


@story(CAUSE, "refunded")
def one_insurance_refunded(case: Case) -> list[Finding]:
    """The medical part was refunded, the pension part stands."""
    months = case.run(2, 3)
    payer = case.employer()
    case.contribute(payer, months, insurances=["110", "310"])
    case.contribute(payer, months, insurances=["310"], paid_flag="7")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "refunded")
def refunded_elsewhere(case: Case) -> list[Finding]:
    """A refund by another employer cancels nothing here."""
    months = case.run(2, 3)
    case.contribute(case.employer(), months, insurances=["110"])
    case.contribute(case.employer(), months, insurances=["110"], payment_kind="20")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "base_corrected")
def base_corrected(case: Case) -> list[Finding]:
    """A refund of another base corrects the base and cancels nothing."""
    months, payer = case.run(2, 3), case.employer()
    case.contribute(payer, months, insurances=["110"])
    case.contribute(payer, months, insurances=["110"], payment_kind="20", base="3900")
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "negative_payment")
def work_and_a_payment_corrected(case: Case) -> list[Finding]:
    """Part of one month's benefit was taken back by a payment below zero."""
    months = case.run(3, 4)
    case.contribute(case.employer(), months)
    corrected, claim = months[1], case.claim
    claim.payments = [p for p in claim.payments if (p.month, p.kind) != (corrected, BENEFIT)]
    claim.pay(corrected)
    claim.pay(corrected, fen=-40_000)
    return [case.finding(CAUSE, "precise", months[0], months)]


@story(CAUSE, "invalid_row")
def refund_cancelled(case: Case) -> list[Finding]:
    """A refund that was itself cancelled cancels nothing."""
    months = case.run(2, 3)
    payer = case.employer()
    case.contribute(payer, months, insurances=["210"])
    case.contribute(payer, months, insurances=["210"], payment_kind="20", valid="0")
    return [case.finding(CAUSE, "precise", months[0], months)]
