"""风险底稿 — all that the rules may read of the twelve months that end with one month; frames, no more.

Sex, age, names, kind of document and neighbourhood are not among the columns, so no rule can read them.
``person`` is a person's number, ``account``, ``phone`` and other ``*_key`` are HMAC keys, ``employer`` is a
USCC or, without one, the contribution agency's number. Days are datetime64 at midnight, months whole numbers.
A relation or a feed that the agency does not provide is ``None``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from matchers import months
from matchers.risk.policy import RiskPolicy
from matchers.schemas import (
    Periods,
    RiskAgents,
    RiskChanges,
    RiskChecks,
    RiskClaims,
    RiskContacts,
    RiskContributions,
    RiskDeaths,
    RiskEvents,
    RiskExceptions,
    RiskForms,
    RiskHires,
    RiskHours,
    RiskLate,
    RiskOperators,
    RiskPayments,
    shown,
)

if TYPE_CHECKING:
    from matchers.risk.signals import Signal

Day: TypeAlias = "pd.Timestamp | pd.Series[pd.Timestamp]"
PLACE = ["feed", "delivery_id", "file", "line"]


@shown(
    "risk_claims", "risk_payments", "risk_events", "risk_operators", "risk_exceptions", "risk_checks",
    "risk_agents", "risk_hours", "risk_forms", "risk_contributions", "risk_late", "risk_deaths", "risk_hires",
    "risk_changes", "risk_contacts",
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of the year that ends with ``month``.

    ``kinds``: employer → its most frequent employer_kind; ``steady``: employers at which somebody was insured
    all twelve months; ``raised``: what the rules that look at claims and employers have raised already, less
    what people have found unfounded.
    """

    month: int
    policy: RiskPolicy
    claims: RiskClaims
    payments: RiskPayments
    events: RiskEvents | None = None
    operators: RiskOperators | None = None
    exceptions: RiskExceptions | None = None
    checks: RiskChecks | None = None
    agents: RiskAgents | None = None
    hours: RiskHours | None = None
    forms: RiskForms | None = None
    contributions: RiskContributions | None = None
    late: RiskLate | None = None
    deaths: RiskDeaths | None = None
    hires: RiskHires | None = None
    changes: RiskChanges | None = None
    contacts: RiskContacts | None = None
    kinds: "pd.Series[str] | None" = None
    steady: Collection[str] = frozenset()
    raised: tuple["Signal", ...] = ()

    @property
    def first(self) -> pd.Timestamp:
        """The first day of the twelve months."""
        return pd.Timestamp(months.first_day(self.month - 11))

    @property
    def last(self) -> pd.Timestamp:
        """The last day of the month, as of which all is judged."""
        return pd.Timestamp(months.last_day(self.month))

    @property
    def as_of(self) -> date:
        """The same as a date, for values of the policy."""
        return months.last_day(self.month)

    @property
    def year(self) -> str:
        """The period of whatever is judged over the whole year."""
        return str(self.month // 12)

    def value(self, name: str) -> int:
        """A threshold as it holds at the end of the month."""
        return int(self.policy.value(name, self.as_of))

    def ratio(self, name: str) -> float:
        """A threshold that is a share or a ratio."""
        return float(self.policy.value(name, self.as_of))

    def within(self, days: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
        """Which of the instants or days lie in the twelve months."""
        return days.dt.normalize().between(self.first, self.last)

    def district_of(self, claim_ids: Collection[str]) -> str:
        """The district of most of the claims; of two with as many, the smaller code."""
        counts = self.claims.loc[self.claims["claim_id"].isin(claim_ids), "district"].value_counts()
        return min(map(str, counts[counts == counts.max()].index))


def in_force(rows: Periods, first: Day, last: Day) -> "pd.Series[bool]":
    """Which rows (since, until; without until to this day) hold on a day from ``first`` to ``last``."""
    return (rows["since"] <= last) & (rows["until"].fillna(pd.Timestamp.max) >= first)


def period(day: pd.Timestamp) -> str:
    """The month of a day as a signal's period."""
    return f"{day:%Y-%m}"
