"""DUPLICATE_BENEFIT and EXHAUSTED: what the benefit database itself shows."""

from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import BENEFIT, EXHAUSTED, MEDICAL, STOPPED, Claim, Recipient, Shape
from pipelines.demo.story import story

FULL = Shape(start=(-30, -28), status="exhausted", entitled=24)


def _paid(case: Case, claim: Claim) -> set[int]:
    states = ("paid", "in_transit", "scheduled")
    live = [p for p in claim.payments if p.kind == BENEFIT and p.at(case.calendar) in states]
    return {payment.month for payment in live}


def _twice(case: Case, recipient: Recipient) -> list[Finding]:
    """A second claim on the same separation, some months later, in another district."""
    first = case.claim
    second = case.open(Shape(start=(-7, -6)), recipient)
    second.last_employer = first.last_employer
    second.separated_on = first.separated_on
    doubled = sorted(_paid(case, first) & _paid(case, second))
    return [case.finding("DUPLICATE_BENEFIT", "precise", doubled[0], doubled, second, stop=doubled[0])]


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
