"""案卷 — what a night judges by: claims, payments, linked rows, the policy; the input of every rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from matchers import months
from matchers.joined import joined
from matchers.law import Policy
from matchers.schemas import ClaimRows, JudgedClaims, Linked, Payments, schemas, shown

CLAIM = [
    "claim_id", "person_id", "claim_registered_on", "start_month", "last_benefit_month",
    "separated_on", "last_employer_id", "last_employer_uscc", "last_employer_name",
]  # fmt: skip


@shown("judged_claims", "payments", "linked")
@dataclass(frozen=True, slots=True)
class Docket:
    """What a night as of ``as_of`` knows. Months are numbers, dates are datetime64, money is fen.

    ``linked``: by feed; a feed without rows may be absent. ``unavailable``: feeds that are out tonight.
    ``demoted``: rules too often judged wrong by people, ``<cause>/<tier>`` → the sentence for it.
    ``confirmed``: candidates confirmed by people, which no demotion touches. ``titles``: what people call
    each feed. ``terms``: by claim, whether an entitlement check has ``reproduced`` its months or finds them
    ``doubtful``; a claim that was not checked is absent. ``one_employer``: the code that people
    accepted for an employer's number. ``details``: by feed, the columns that end or detail a fact without
    making it another one.
    """

    as_of: date
    policy: Policy
    claims: JudgedClaims
    payments: Payments
    linked: Mapping[str, Linked]
    unavailable: frozenset[str] = frozenset()
    demoted: Mapping[str, str] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    one_employer: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def month(self) -> int:
        """The month number of the night."""
        return months.of(self.as_of)

    def renumbered(self) -> "Docket":
        """The same docket, the rows of its frames numbered from 0: rules name a row by its position."""
        return replace(
            self,
            claims=self.claims.reset_index(drop=True),
            payments=self.payments.reset_index(drop=True),
            linked={feed: rows.reset_index(drop=True) for feed, rows in self.linked.items()},
        )

    def of_claims(self, claim_ids: Iterable[str]) -> "Docket":
        """The same docket for some claims alone; rows keep their labels, which still name their positions."""
        claims = self.claims[self.claims["claim_id"].isin(list(claim_ids))]
        people = set(claims["person_id"])
        linked = {feed: rows[rows["person_id"].isin(people)] for feed, rows in self.linked.items()}
        return replace(self, claims=claims, linked=linked)

    def rows(self, feed: str) -> ClaimRows:
        """The linked rows of a feed on every claim of their person; ``row`` is the position in ``linked``.

        The claim's own dates and last employer stand beside the row (its registration as
        ``claim_registered_on``), ``delivered_month``, and whether the row's employer is the claim's last one
        under another number that people accepted (``accepted_alias``). A claim that has not ``begun`` is
        watched from the month of its registration, which then stands as its ``start_month``. Empty where the
        feed has no rows.
        """
        if feed not in self.linked or feed in self.unavailable or self.linked[feed].empty:
            return schemas()["claim_rows"].empty()
        linked = self.linked[feed].rename_axis("row").reset_index()
        claims = self.claims.rename(columns={"registered_on": "claim_registered_on"})
        rows = joined(linked, claims[CLAIM], "person_id")
        begun = rows["start_month"] <= self.month
        watched = rows["start_month"].where(begun, months.of_dates(rows["claim_registered_on"]))
        rows = rows.assign(begun=begun, start_month=watched)
        return rows.assign(
            delivered_month=months.of_dates(rows["delivered_on"]), accepted_alias=self._accepted_alias(rows)
        )

    def _accepted_alias(self, rows: pd.DataFrame) -> "pd.Series[bool]":
        """Whether both numbers, of the row's employer and of the claim's last one, have one accepted code."""
        nobody = pd.Series(None, index=rows.index, dtype=object)
        if not self.one_employer:
            return nobody.notna()
        codes = {number.lstrip("0"): code for number, code in self.one_employer.items()}
        number, own = rows.get("employer_id", nobody), rows["last_employer_id"]
        of_row = rows.get("employer_uscc", nobody).fillna(number.astype(object).str.lstrip("0").map(codes))
        of_claim = rows["last_employer_uscc"].fillna(own.astype(object).str.lstrip("0").map(codes))
        return of_row.notna() & (of_row == of_claim) & of_row.isin(set(codes.values()))

    def value(self, name: str) -> Any:
        """A value of the policy as it holds on the night."""
        return self.policy.value(name, self.as_of)
