"""待遇 — claims with their payments and recoveries, as the benefit agency keeps them. Money is fen."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from pipelines.demo.calendar import Calendar, month_of, on
from pipelines.demo.employers import Employer
from pipelines.demo.people import Person

STANDARDS: Final = (147_000, 157_500, 168_000, 171_000)
ENTITLEMENTS: Final = (12, 15, 18, 24)
BENEFIT: Final = "unemployment_benefit"
MEDICAL: Final = "medical_insurance"
SUBSIDY: Final = "price_subsidy"
PAYDAY: Final = 26


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who draws: ``id_number`` as registered, which may be older or untidier than the person's own."""

    person_id: str
    person: Person
    id_number: str | None
    id_kind: str = "resident_id"


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; ``state`` as the database says today, which may be later than the night."""

    month: int
    kind: str
    fen: int
    state: str
    paid_on: dt.date | None

    def at(self, calendar: Calendar) -> str:
        """``paid``, ``in_transit``, ``scheduled``, ``returned`` or ``absent`` as of the night."""
        if self.paid_on is None or self.paid_on <= calendar.as_of:
            return self.state
        return "scheduled" if self.month <= calendar.now else "absent"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Money paid back for one month and kind."""

    month: int
    kind: str
    fen: int
    received_on: dt.date


@dataclass(frozen=True, slots=True)
class Shape:
    """What a claim looks like: months are relative to the as-of month, ``last`` is the last one paid for."""

    start: tuple[int, int] = (-13, -8)
    last: tuple[int, int] = (0, 0)
    status: str = "active"
    entitled: int | None = None


ACTIVE: Final = Shape()
TO_COME: Final = Shape(start=(1, 1))
FRESH: Final = Shape(start=(-6, -1))
STOPPED: Final = Shape(start=(-13, -10), last=(-4, -3), status="stopped")
SUSPENDED: Final = Shape(start=(-13, -10), last=(-4, -3), status="suspended")
EXHAUSTED: Final = Shape(start=(-16, -14), status="exhausted", entitled=12)
FORGOTTEN: Final = Shape(start=(-48, -44), status="exhausted", entitled=12)


@dataclass(slots=True)
class Claim:
    """One claim. ``last`` is the last month paid for, ``stop`` the first not payable month once stopped."""

    claim_id: str
    recipient: Recipient
    registered_on: dt.date
    separated_on: dt.date
    start: int
    last: int
    entitled: int
    standard: int
    status: str
    last_employer: Employer
    stop: int | None = None
    deemed: int = 0
    extended: bool = False
    payments: list[Payment] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)

    @property
    def separated(self) -> int:
        """The month in which the last employment ended."""
        return month_of(self.separated_on)

    def pay(self, month: int, kind: str = BENEFIT, fen: int | None = None, state: str = "paid") -> None:
        """Adds one payment on the pay day of ``month``."""
        self.payments.append(Payment(month, kind, fen or self.standard, state, on(month, PAYDAY)))


def open_claim(
    rng: Random, calendar: Calendar, claim_id: str, who: Recipient, last: Employer, shape: Shape
) -> Claim:
    """A claim of that shape with its payments up to the night."""
    start = calendar.now + rng.randint(*shape.start)
    registered = on(start, 1) + dt.timedelta(days=rng.randint(-20, 6))
    enough = [months for months in ENTITLEMENTS if start + months > calendar.now]
    entitled = shape.entitled or rng.choice(enough)
    end = start + entitled - 1 if shape.status == "exhausted" else calendar.now + rng.randint(*shape.last)
    claim = Claim(
        claim_id=claim_id,
        recipient=who,
        registered_on=registered,
        separated_on=registered - dt.timedelta(days=rng.randint(3, 16)),
        start=start,
        last=end,
        entitled=entitled,
        standard=rng.choice(STANDARDS),
        status=shape.status,
        last_employer=last,
        stop=end + 1 if shape.status == "stopped" else None,
        deemed=rng.choice((6, 12, 24)) if rng.random() < 0.03 else 0,
    )
    claim.payments = list(_roll(rng, calendar, claim))
    return claim


def _roll(rng: Random, calendar: Calendar, claim: Claim) -> Iterator[Payment]:
    ahead = claim.status == "active" and calendar.as_of.day < PAYDAY and rng.random() < 0.05
    for month in range(claim.start, min(claim.last, calendar.now) + 1):
        payday = on(month, PAYDAY)
        due = payday > calendar.as_of
        newest = not due and on(month + 1, PAYDAY) > calendar.as_of
        for kind, fen in _kinds(rng, claim):
            state = _state(rng, newest) if not due or ahead else "scheduled"
            paid_on = None if state == "scheduled" or (state == "in_transit" and not due) else payday
            yield from _instalments(rng, calendar, Payment(month, kind, fen, state, paid_on))
    if ahead and claim.last >= calendar.now and claim.start + claim.entitled > calendar.now + 1:
        yield Payment(calendar.now + 1, BENEFIT, claim.standard, "paid", on(calendar.now + 1, PAYDAY))


def _kinds(rng: Random, claim: Claim) -> Iterator[tuple[str, int]]:
    yield BENEFIT, claim.standard
    yield MEDICAL, 41_230
    if rng.random() < 0.15:
        yield SUBSIDY, 4_500
    if rng.random() < 0.01:
        yield "pension_reimbursement", 96_000


def _state(rng: Random, newest: bool) -> str:
    if newest and rng.random() < 0.15:
        return "in_transit"
    return "returned" if rng.random() < 0.01 else "paid"


def _instalments(rng: Random, calendar: Calendar, whole: Payment) -> Iterator[Payment]:
    """Mostly the payment itself; now and then two unequal parts, or once more after it came back."""
    if whole.state == "paid" and whole.kind == BENEFIT and rng.random() < 0.005:
        first = whole.fen // 3
        yield replace(whole, fen=first)
        yield replace(whole, fen=whole.fen - first)
        return
    yield whole
    again = on(whole.month + 1, 12)
    if whole.state == "returned" and again <= calendar.as_of and rng.random() < 0.4:
        yield replace(whole, state="paid", paid_on=again)
