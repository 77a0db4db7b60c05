"""一件疑点的内容 — a candidate, its person, facts, months, law and decisions, each with its place in words.

Codes stay codes where a word stands beside them or ``reports.words`` has one; money is whole fen, months are
``YYYY-MM``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matchers.law import Article


@dataclass(frozen=True, slots=True)
class Person:
    """The recipient as they may be shown: empty where nothing is on file."""

    person_id: str
    name: str
    id_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the person; ``stop_month`` and ``stop_cause`` as the agency recorded them, or empty."""

    claim_id: str
    district: str
    start_month: str
    entitled_months: int
    registered_on: date
    status: str
    stop_month: str
    stop_cause: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another candidate of the same person, on this claim or another."""

    candidate_id: str
    claim_id: str
    cause: str
    tier: str
    status: str
    event_month: str
    stop_month: str
    overpaid_fen: int
    preventable_fen: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One row that speaks for the suspicion (``weight`` supports) or against it (``against``).

    ``note``: what it says in a few words. ``months``: those in which it holds. ``place``: feed, delivery,
    file and line in words; a record of the agency's own has no delivery and the line 0. ``fact``: the row's
    columns as JSON, ``content``: the same in words.
    """

    weight: str
    reason_code: str
    note: str
    months: str
    feed: str
    delivery_id: str
    file: str
    line: int
    place: str
    fact_key: str
    fact: str
    content: str


@dataclass(frozen=True, slots=True)
class Link:
    """Why a row without a usable number is taken for the person.

    ``bits``: the evidence of each field in its word, after the prior and before the rivals; one bit doubles
    the odds. ``explanation``: the JSON that ``matchers.linkage.picture.waterfall`` draws.
    """

    pair_id: str
    feed: str
    delivery_id: str
    file: str
    line: int
    tier: str
    probability: float
    sentence: str
    bits: tuple[tuple[str, float], ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Overpayment:
    """One payment that went out for a month in which a fact holds: ``due_fen`` is paid less recovered.

    ``counted``: totals count it here; else the same month and kind counts under another cause of the claim.
    """

    benefit_month: str
    benefit_kind: str
    payment_id: str
    paid_fen: int
    recovered_fen: int
    due_fen: int
    recoverable_from_person: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Preventable:
    """One payment on the roll, not paid yet, for a month in which a fact holds."""

    benefit_month: str
    benefit_kind: str
    payment_id: str
    scheduled_fen: int
    recoverable_from_person: bool


@dataclass(frozen=True, slots=True)
class Excluded:
    """A row of the claim that was looked at under ``cause`` and is no evidence; ``words``: why."""

    cause: str
    reason: str
    words: str
    feed: str
    delivery_id: str
    file: str
    line: int
    place: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about the candidate; ``second_by``: who signed it too, empty while it waits. What was
    not filled in with it is None.
    """

    review_id: str
    decision: str
    words: str
    reason_code: str
    note: str
    decided_by: str
    decided_at: datetime
    second_by: str
    second_at: datetime | None
    verified_how: str | None
    verified_on: date | None
    notice_on: date | None
    stop_month: str | None
    recoverable_fen: int | None
    recovered_fen: int | None
    recovery_way: str | None
    document_no: str | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Case:
    """One candidate and all that stands behind it.

    ``candidate``: its row in ``suspension_candidate``. ``sentence``: its fact as every report says it.
    ``claims``: of the person, this one too; ``siblings``:
    the person's other candidates. ``evidence``: what supports it and what speaks against it, by its place.
    ``links``: the proposed links that the evidence rests on. ``overpayments``: by month, kind and payment.
    ``reviews``: oldest first. ``lacking``: what the agency has still to do before anything follows from it.
    ``missing``: what must be there before anybody may be referred.
    """

    candidate: Mapping[str, Any]
    sentence: str
    person: Person
    articles: tuple[Article, ...]
    evidence: tuple[Fact, ...]
    links: tuple[Link, ...]
    overpayments: tuple[Overpayment, ...]
    preventable: tuple[Preventable, ...]
    excluded: tuple[Excluded, ...]
    claims: tuple[Claim, ...]
    siblings: tuple[Sibling, ...]
    reviews: tuple[Decided, ...]
    lacking: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def supporting(self) -> tuple[Fact, ...]:
        """The facts that speak for the suspicion."""
        return tuple(fact for fact in self.evidence if fact.weight == "supports")

    @property
    def against(self) -> tuple[Fact, ...]:
        """The facts that speak for the person."""
        return tuple(fact for fact in self.evidence if fact.weight == "against")
