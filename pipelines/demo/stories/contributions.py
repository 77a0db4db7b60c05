"""Contributions that are no evidence of work, one story for each line of the rules that says so."""

from pipelines.demo.case import Case
from pipelines.demo.claims import EXHAUSTED, STOPPED
from pipelines.demo.employers import FUND
from pipelines.demo.story import story


@story("invalid_row")
def cancelled(case: Case) -> None:
    """Rows that the contribution office has cancelled."""
    case.contribute(case.employer(), case.run(), valid="0")


@story("resident_scheme")
def resident_scheme(case: Case) -> None:
    """Resident pension or medical insurance."""
    case.contribute(case.employer("20"), case.run(), insurances=[case.rng.choice(("150", "170", "390"))])


@story("fund_paid")
def fund_paid(case: Case) -> None:
    """Paid by the unemployment fund, which another office entered under its own name."""
    months = case.run()
    case.contribute(case.employer(), months, payment_kind=case.rng.choice(("11", "36")))
    case.contribute(FUND, months, insurances=["110"])


@story("self_paid")
def self_paid(case: Case) -> None:
    """A flexible worker who insures himself."""
    case.contribute(case.employer(case.rng.choice(("02", "03"))), case.run(3, 6), insurances=["110"])


@story("self_paid")
def own_arrears(case: Case) -> None:
    """Arrears that the person pays alone, entered under the former kind of employer."""
    case.contribute(case.employer(), case.run(3, 6), insurances=["110"], payment_kind="60")


@story("refunded")
def refunded_at_once(case: Case) -> None:
    """Declared by mistake and refunded in the same delivery."""
    months, payer = case.run(), case.employer()
    case.contribute(payer, months, insurances=["110"])
    case.contribute(payer, months, insurances=["110"], payment_kind="20")


@story("refunded")
def refunded_later(case: Case) -> None:
    """Refunded, or written off, in a later delivery."""
    months, payer = case.run(2, 3), case.employer()
    case.contribute(payer, months, insurances=["310"])
    last = case.calendar.settled
    case.contribute(
        payer, months, insurances=["310"], settled=lambda _: last, paid_flag=case.rng.choice("78")
    )


@story("refunded")
def refunded_under_another_number(case: Case) -> None:
    """The refund names the same employer by its credit code, under a new 单位编号."""
    months, payer = case.run(), case.employer()
    case.contribute(payer, months, insurances=["210"])
    renamed = case.employer().employer_id
    case.contribute(payer, months, insurances=["210"], payment_kind="20", employer_id=renamed)


@story("refunded")
def refunded_without_uscc(case: Case) -> None:
    """The refund names the same employer by its number alone."""
    months, payer = case.run(), case.employer()
    case.contribute(payer, months, insurances=["210"])
    case.contribute(payer, months, insurances=["210"], payment_kind="20", employer_uscc="")


@story("history")
def history(case: Case) -> None:
    """Old service entered later, or transferred in."""
    case.contribute(case.employer(), case.run(), payment_kind=case.rng.choice(("23", "105")))


@story("prepaid")
def prepaid(case: Case) -> None:
    """Paid ahead for months that have not come yet."""
    now, last = case.calendar.now, case.calendar.settled
    case.contribute(case.employer(), range(now + 1, now + 4), settled=lambda _: last, payment_kind="12")


@story("before_claim")
def worked_before(case: Case) -> None:
    """Another employer, up to the month before the first benefit."""
    case.contribute(case.employer(), range(case.claim.start - 4, case.claim.start))


@story("late_deregistration")
def late_deregistration(case: Case) -> None:
    """The last employer forgot to deregister: up to three months after the separation."""
    payer, separated = case.claim.last_employer, case.claim.separated
    case.contribute(payer, range(separated + 1, separated + 4))


@story("late_deregistration")
def late_deregistration_by_uscc(case: Case) -> None:
    """The same, under a number of a branch that shares the credit code."""
    payer, separated = case.claim.last_employer, case.claim.separated
    case.contribute(payer, range(separated + 1, separated + 4), employer_id=case.employer().employer_id)


@story("owed_by_last_employer")
def owed_by_the_last_employer(case: Case) -> None:
    """The last employer goes on declaring what it never pays."""
    late = case.claim.separated + 4
    case.contribute(case.claim.last_employer, range(late, late + 3), paid_flag="2")


@story("prepaid")
def prepaid_by_the_last_employer(case: Case) -> None:
    """The last employer had paid ahead when the job ended."""
    separated = case.claim.separated
    ahead = range(separated + 4, separated + 7)
    case.contribute(case.claim.last_employer, ahead, settled=lambda _: separated, payment_kind="12")


@story("after_claim", shape=EXHAUSTED)
def worked_after_the_end(case: Case) -> None:
    """A new job once the benefit was drawn to its end."""
    case.contribute(case.employer(), range(case.claim.last + 1, case.calendar.settled + 1))


@story("after_claim", shape=STOPPED)
def worked_after_the_stop(case: Case) -> None:
    """A new job, reported in time: the claim was stopped for it."""
    case.contribute(case.employer(), range(case.claim.last + 1, case.calendar.settled + 1))
    case.hire(case.employer(), case.day(case.claim.last + 1))
