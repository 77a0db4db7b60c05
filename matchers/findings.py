"""所见 — what a cause says: findings and exclusions, their tiers, and how rows become them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.docket import Docket
from matchers.schemas import AnyRows, Exclusions, Facts, FindingRows, RowPlaces, shown

LEAD, IMPORTANT, PRECISE = 1, 2, 3
TIERS = {LEAD: "lead", IMPORTANT: "important", PRECISE: "precise"}
TIER_WORDS = {"precise": "精确疑点", "important": "重要疑点", "lead": "一般疑点"}
PERSON, FAMILY = "本人", "遗属"
# Reasons that hold for every cause, beside those of its own.
EVERY_CAUSE = {
    "nothing_paid_after": "应停发年月之后没有任何发放，也不再领取",
    "before_registration": "发生在失业登记之前，待遇尚未起领",
    "not_begun": "待遇尚未起领，只作提前提示",
    "birth_date_differs": "来源行的出生日期与证件号码不一致",
    "sex_differs": "来源行的性别与证件号码不一致",
}

FACTS = {
    "claim_id": "object", "feed": "object", "row": "int64", "weight": "object", "reason_code": "object",
    "first": "float64", "last": "float64", "event_month": "float64", "event_on": "datetime64[ns]",
    "strength": "int64", "lowered": "object", "unended": "bool", "alone": "bool",
}  # fmt: skip
NO_DAY = pd.Timestamp("NaT")
EXCLUDED = {"claim_id": "object", "feed": "object", "row": "int64", "reason": "object"}


@shown("facts", "exclusions")
@dataclass(frozen=True, slots=True)
class Findings:
    """What one cause finds on all claims.

    ``facts``: claim_id, feed, row (position in the feed's linked rows), weight (``supports`` or
    ``against``), reason_code, first and last month in which the fact holds, event_month, event_on (NaT
    where only the month is on record), strength (1 lead, 2 important, 3 precise; for ``against`` unused),
    lowered (the reason code of what keeps the strength below precise; empty where nothing does), unended
    (no record ends the run that it is of), alone (it is of the payment at ``row`` and no other of its month).
    ``excluded``: claim_id, feed, row, reason: matched rows that are no evidence.
    """

    facts: Facts
    excluded: Exclusions


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: its Chinese title, the feeds whose facts may support it, and its rule.

    ``stops``: whether the stop-month rule applies; else the event month is itself not payable.
    ``unpaid_by``: benefit kinds that this cause never makes overpaid. ``needs``: feeds without which it is
    not judged at all. ``unless``: causes that make it superfluous on the same claim. ``words``: each reason
    code of the cause → its Chinese sentence. ``notice_to``: who is notified and heard before a conclusion.
    """

    code: str
    title: str
    feeds: tuple[str, ...]
    rule: Callable[[Docket], Findings]
    words: Mapping[str, str]
    stops: bool = True
    unpaid_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    notice_to: str = PERSON

    @property
    def to_family(self) -> bool:
        """Whether the family is heard, and has rights of its own, because the person is dead."""
        return self.notice_to == FAMILY

    def sentence(self, reason: str) -> str:
        """The Chinese sentence of a reason code, of this cause or of every cause."""
        return self.words[reason] if reason in self.words else EVERY_CAUSE[reason]


def first_reason(rows: AnyRows, tests: Mapping[str, "pd.Series[bool]"]) -> "pd.Series[str]":
    """The reason of the first test that holds for each row, empty where none does."""
    if rows.empty:
        return pd.Series([], dtype=object)
    conditions = [np.asarray(t, dtype=bool) for t in tests.values()]
    return pd.Series(np.select(conditions, list(tests), default=""), index=rows.index, dtype=object)


def findings(feed: str, rows: FindingRows, reason: "pd.Series[str]") -> Findings:
    """Rows without a reason become supporting facts; the others, and events after the claim, exclusions.

    ``rows`` carries claim_id, row, last_benefit_month and the columns of ``FACTS`` from reason_code on.
    ``lowered`` may be a code for each row or one for all; without ``unended`` and ``alone`` neither holds.
    """
    if rows.empty:
        return nothing()
    late = (reason == "") & (rows["event_month"] > rows["last_benefit_month"])
    reason = reason.mask(late, "after_claim")
    weighed = rows.assign(feed=feed, weight="supports", reason=reason, alone=False)
    weighed = weighed if "unended" in weighed else weighed.assign(unended=False)
    return Findings(typed(weighed[reason == ""], FACTS), typed(weighed[reason != ""], EXCLUDED))


def against(feed: str, rows: RowPlaces, reason_code: str) -> Facts:
    """Facts that speak against a finding: frame of ``FACTS`` without months or strength."""
    facts = rows[["claim_id", "row"]].assign(
        feed=feed, weight="against", reason_code=reason_code, first=np.nan, last=np.nan,
        event_month=np.nan, event_on=NO_DAY, strength=0, lowered="", unended=False, alone=False,
    )  # fmt: skip
    return typed(facts, FACTS)


def doubted(supported: Findings, feed: str, doubts: Mapping[str, RowPlaces]) -> Findings:
    """``supported`` with a fact against each supporting row of ``feed`` that is among the rows of a doubt.

    ``doubts``: by reason code, rows with claim_id and row.
    """
    facts = supported.facts[(supported.facts["feed"] == feed) & (supported.facts["weight"] == "supports")]
    standing = pd.MultiIndex.from_frame(facts[["claim_id", "row"]])
    parts = [
        against(feed, rows[pd.MultiIndex.from_frame(rows[["claim_id", "row"]]).isin(standing)], reason)
        for reason, rows in doubts.items()
        if not rows.empty
    ]
    return with_doubts(supported, *parts)


def own_facts(
    feed: str,
    rows: RowPlaces,
    reason_code: str,
    *,
    first: "pd.Series[float]",
    last: "pd.Series[float]",
    event_month: "pd.Series[float]",
    strength: int | npt.NDArray[np.int64],
    lowered: str | npt.NDArray[np.object_] = "",
    alone: bool = False,
) -> Findings:
    """Supporting facts of the benefit database itself; ``feed`` is ``payment`` or ``recipient``."""
    facts = rows[["claim_id", "row"]].assign(
        feed=feed, weight="supports", reason_code=reason_code, first=first, last=last,
        event_month=event_month, event_on=NO_DAY, strength=strength, lowered=lowered,
        unended=False, alone=alone,
    )  # fmt: skip
    return Findings(typed(facts, FACTS), nothing().excluded)


def nothing() -> Findings:
    """No facts and no exclusions."""
    return Findings(
        typed(pd.DataFrame(columns=list(FACTS)), FACTS), typed(pd.DataFrame(columns=list(EXCLUDED)), EXCLUDED)
    )


def together(*parts: Findings) -> Findings:
    """The findings of several feeds as one."""
    return Findings(
        pd.concat([p.facts for p in parts], ignore_index=True),
        pd.concat([p.excluded for p in parts], ignore_index=True),
    )


def with_doubts(supported: Findings, *doubts: pd.DataFrame) -> Findings:
    """The findings with facts that speak against them."""
    return Findings(pd.concat([supported.facts, *doubts], ignore_index=True), supported.excluded)


def typed(frame: AnyRows, kinds: Mapping[str, str]) -> AnyRows:
    """The columns named in ``kinds``, each of its kind, also where there is no row."""
    return frame[list(kinds)].astype(kinds)
