"""DUPLICATE_BENEFIT and EXHAUSTED: what the benefit database itself shows."""

from dataclasses import replace

from pipelines.demo.calendar import on
from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import (
    BENEFIT,
    EXHAUSTED,
    MEDICAL,
    PAYDAY,
    STOPPED,
    Claim,
    Payment,
    Recipient,
    Shape,
)
from pipelines.demo.story import story

ON_THE_ROLL = Shape(start=(-12, -12), entitled=12)
FULL = Shape(start=(-30, -28), status="exhausted", entitled=24)


def _paid(case: Case, claim: Claim) -> set[int]:
    states = ("paid", "in_transit", "scheduled")
    live = [p for p in claim.payments if p.kind == BENEFIT and p.at(case.calendar) in states]
    return {payment.month for payment in live}


def _twice(case: Case, recipient: Recipient, tier: str = "precise") -> list[Finding]:
    """A second claim on the same separation, some months later, in another district."""
    first = case.claim
    second = case.open(Shape(start=(-7, -6)), recipient)
    second.last_employer = first.last_employer
    second.separated_on = first.separated_on
    doubled = sorted(_paid(case, first) & _paid(case, second))
    return [case.finding("DUPLICATE_BENEFIT", tier, doubled[0], doubled, second, stop=doubled[0])]


@story("DUPLICATE_BENEFIT", shape=STOPPED, staged=True)
def two_claims(case: Case) -> list[Finding]:
    """Two claims of one person for the same months."""
    return _twice(case, case.claim.recipient)


@story("DUPLICATE_BENEFIT", "two_person_ids", shape=STOPPED, staged=True)
def two_person_ids(case: Case) -> list[Finding]:
    """The same person registered twice."""
    return _twice(case, case.recipient(case.person))


@story("DUPLICATE_BENEFIT", "two_person_ids", shape=STOPPED, staged=True)
def two_person_ids_by_fifteen(case: Case) -> list[Finding]:
    """The same person registered twice, once under the number of 15 digits."""
    person = case.person
    return _twice(case, case.recipient(person, person.fifteen if person.born.year < 2000 else None))


@story("DUPLICATE_BENEFIT", "shared_id", "number_alone", shape=STOPPED, staged=True)
def two_names_under_one_number(case: Case) -> list[Finding]:
    """Two registrations under one number and two names: perhaps one person, perhaps a slip of the pen."""
    other = case.recipient(replace(case.person, name="马建国"))
    case.claim.recipient = replace(case.claim.recipient, person=replace(case.person, name="赵秀兰"))
    return _twice(case, other, "important")


@story("DUPLICATE_BENEFIT", "same_amount_twice", staged=True)
def paid_twice(case: Case) -> list[Finding]:
    """One month of one claim paid twice with the same amount: the second payment is too much."""
    month, claim = case.month(), case.claim
    claim.payments = [p for p in claim.payments if (p.month, p.kind) != (month, BENEFIT)]
    claim.pay(month)
    again = Payment(month, BENEFIT, claim.standard, "paid", on(month, PAYDAY + 1))
    claim.payments.append(again)
    doubled = case.finding("DUPLICATE_BENEFIT", "important", month, [month], stop=month)
    return [replace(doubled, named=frozenset({again}))]


@story("PAID_AFTER_STOP", shape=STOPPED, staged=True)
def paid_after_the_stop(case: Case) -> list[Finding]:
    """The agency had stopped the claim, and one more month went out."""
    stop = case.claim.last + 1
    case.claim.pay(stop)
    return [case.finding("PAID_AFTER_STOP", "precise", stop, [stop], stop=stop)]


@story("EXHAUSTED", shape=ON_THE_ROLL, staged=True)
def overdrawn_on_the_roll(case: Case) -> list[Finding]:
    """The month beyond the entitlement stands on the roll and can still be stopped."""
    claim, now = case.claim, case.calendar.now
    claim.payments = []
    for month in range(claim.start, now):
        claim.pay(month)
    claim.payments.append(Payment(now, BENEFIT, claim.standard, "scheduled", None))
    return [case.finding("EXHAUSTED", "important", now, [now], stop=now)]


def _overdraw(case: Case, months: int) -> list[int]:
    claim = case.claim
    claim.last += months
    claim.payments = []
    for month in range(claim.start, claim.last + 1):
        claim.pay(month)
        claim.pay(month, MEDICAL, 41_230)
    return list(range(claim.start + claim.entitled, claim.last + 1))


@story("EXHAUSTED", shape=EXHAUSTED, staged=True)
def overdrawn(case: Case) -> list[Finding]:
    """Two months more than the entitlement."""
    beyond = _overdraw(case, 2)
    return [case.finding("EXHAUSTED", "important", beyond[0], beyond, stop=beyond[0])]


@story("overdrawn_though_extended", shape=FULL, staged=True)
def overdrawn_though_extended(case: Case) -> None:
    """More than 24 months, lawfully extended until retirement: nothing to suspect."""
    case.claim.extended = True
    _overdraw(case, 2)


@story("extended_to_retirement", shape=EXHAUSTED, staged=True)
def extended(case: Case) -> None:
    """Lawfully extended for somebody about to retire."""
    case.claim.extended = True
    _overdraw(case, 2)
