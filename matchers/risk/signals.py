"""信号 — what a rule says, and the rule itself: title, basis, what it needs, its sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matchers.risk.ground import Ground


class Level(StrEnum):
    """``fault``: a rule of internal control was broken on the record; ``important``, ``lead``: look here."""

    FAULT = "fault"
    IMPORTANT = "important"
    LEAD = "lead"


LEVEL_WORDS = {Level.FAULT: "内控缺陷", Level.IMPORTANT: "重要信号", Level.LEAD: "线索"}
SUBJECT_WORDS = {"claim": "申领", "account": "收款账户", "employer": "单位", "operator": "经办人员"}
RELATION_WORDS = {
    "operator": "经办人员及岗位", "duty_exception": "岗位兼任备案", "claim_event": "经办痕迹",
    "account_check": "账户核验", "payee_agent": "代领登记", "service_hours": "服务时间",
}  # fmt: skip


SUPPORTS, AGAINST = "supports", "against"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing on record: an event, a payment, a line of a feed or, where no more is needed, a claim."""

    reason: str
    claim_id: str | None = None
    event_id: str | None = None
    payment_id: str | None = None
    feed: str | None = None
    delivery_id: str | None = None
    file: str | None = None
    line: int | None = None
    weight: str = SUPPORTS


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. ``figures``: what was counted, ``n`` what the threshold counts; ``expected``: what would be
    ordinary, empty where nothing is expected; ``period``: a year, or for claims and duties a month.
    """

    rule: str
    subject_kind: str
    subject: str
    district: str
    period: str
    level: Level
    figures: Mapping[str, Any]
    facts: tuple[Fact, ...]
    expected: str = ""

    @property
    def claims(self) -> list[str]:
        """The claims that it concerns, each once, in order."""
        return sorted({f.claim_id for f in self.facts if f.claim_id})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``needs``: relations and ``feeds`` without which nothing is seen and nothing is cleared;
    ``policy``: values that the agency itself must give; ``strands``: what a part of the rule rests on, so
    that without it this part alone says nothing; ``words``: the sentence of each reason; ``counter``: what
    speaks against it and is to be asked first.
    """

    code: str
    title: str
    basis: str
    look: Callable[["Ground"], Sequence[Signal]]
    words: Mapping[str, str]
    counter: str
    needs: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    last: bool = field(default=False)
