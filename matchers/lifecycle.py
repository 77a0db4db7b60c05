"""疑点的一生 — the states of a candidate, the decisions that move it, and how a night leaves them.

A dismissed candidate stays dismissed on the facts that a person judged; a fact that nobody judged reopens it.
"""

from collections.abc import Mapping, Sequence, Set
from enum import StrEnum


class Status(StrEnum):
    """Where a candidate stands; the value is what our tables hold."""

    OPEN = "open"
    DISPATCHED = "dispatched"
    VERIFYING = "verifying"
    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    RECOVERING = "recovering"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a person may decide about a candidate; the value is what our tables hold."""

    DISPATCHED = "dispatched"
    VERIFYING = "verifying"
    NOTIFIED = "notified"
    CONFIRMED = "confirmed"
    PARTLY_CONFIRMED = "partly_confirmed"
    DISMISSED = "dismissed"
    RECOVERING = "recovering"
    CLOSED = "closed"


class FindingStatus(StrEnum):
    """Where a finding of a clean-up, or what is proposed for it, stands by itself."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class SignalStatus(StrEnum):
    """Where a signal of fund risk stands."""

    OPEN = "open"
    CHECKING = "checking"
    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    CONTROL_FIXED = "control_fixed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class SignalStep(StrEnum):
    """What a person may do about a signal of fund risk."""

    CHECKING = "checking"
    HEARD = "heard"
    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    CONTROL_FIXED = "control_fixed"
    CLOSED = "closed"


class Stage(StrEnum):
    """How far a sign-in at the desk has come; only ``OPEN`` reaches the pages."""

    SECOND_FACTOR = "second_factor"
    PASSWORD = "password"
    OPEN = "open"


class RequestStatus(StrEnum):
    """Where a request for material stands."""

    OPEN = "open"


WAY = (
    Status.OPEN, Status.DISPATCHED, Status.VERIFYING, Status.NOTIFIED,
    Status.CONFIRMED, Status.RECOVERING, Status.CLOSED,
)  # fmt: skip
UNANSWERED = (Status.OPEN, Status.DISPATCHED)
UNDECIDED = (*UNANSWERED, Status.VERIFYING, Status.NOTIFIED)
ACTIVE = (*UNDECIDED, Status.CONFIRMED, Status.RECOVERING)
PROVEN = (Status.CONFIRMED, Status.RECOVERING, Status.CLOSED)
TAKEN_UP = (Status.DISPATCHED, Status.VERIFYING, Status.NOTIFIED, *PROVEN)
FALLEN = (Status.WITHDRAWN, Status.DISMISSED)

CONFIRMING = (Step.CONFIRMED, Step.PARTLY_CONFIRMED)
TWO_PEOPLE = (*CONFIRMING, Step.DISMISSED)
LEADS_TO: Mapping[str, Status] = {Step.PARTLY_CONFIRMED: Status.CONFIRMED}
MAY_FOLLOW: Mapping[str, Sequence[Status]] = {
    Step.DISPATCHED: (Status.OPEN,),
    Step.VERIFYING: UNDECIDED,
    Step.NOTIFIED: UNDECIDED,
    Step.CONFIRMED: (Status.NOTIFIED, Status.CONFIRMED),
    Step.PARTLY_CONFIRMED: (Status.NOTIFIED, Status.CONFIRMED),
    Step.DISMISSED: (*UNDECIDED, Status.DISMISSED, Status.CONFIRMED, Status.RECOVERING),
    Step.RECOVERING: (Status.CONFIRMED, Status.RECOVERING),
    Step.CLOSED: PROVEN,
}
CONTRADICTS: Mapping[str, Sequence[Step]] = {
    Status.DISMISSED: CONFIRMING,
    **dict.fromkeys(PROVEN, (Step.DISMISSED,)),
}

UNANSWERED_SIGNALS = (SignalStatus.OPEN, SignalStatus.CHECKING)
ANSWERED_SIGNALS = (SignalStatus.FOUNDED, SignalStatus.UNFOUNDED, SignalStatus.CONTROL_FIXED)
SIGNAL_TWO_PEOPLE = (SignalStep.FOUNDED, SignalStep.UNFOUNDED, SignalStep.CONTROL_FIXED)
SIGNAL_LEADS_TO: Mapping[str, SignalStatus] = {SignalStep.HEARD: SignalStatus.CHECKING}
SIGNAL_MAY_FOLLOW: Mapping[str, Sequence[SignalStatus]] = {
    SignalStep.CHECKING: UNANSWERED_SIGNALS,
    SignalStep.HEARD: UNANSWERED_SIGNALS,
    SignalStep.FOUNDED: (SignalStatus.CHECKING,),
    SignalStep.UNFOUNDED: UNANSWERED_SIGNALS,
    SignalStep.CONTROL_FIXED: (SignalStatus.CHECKING,),
    SignalStep.CLOSED: ANSWERED_SIGNALS,
}


def next_status(status: str | None, facts: Set[str], judged: Set[str]) -> Status:
    """The status after a night that sees the candidate on ``facts`` (keys of its supporting facts).

    ``status``: what stands there, None where there is none; ``judged``: the facts a person has dismissed.
    """
    if status in TAKEN_UP:
        return Status(status)
    if facts <= judged:
        return Status.DISMISSED
    return Status.OPEN


def reached(decision: str) -> str:
    """The status to which a decision leads once it is final."""
    return LEADS_TO.get(decision, decision)


def changed(facts: Set[str], judged: Set[str] | None) -> str:
    """What a night sees beside the facts that people have judged, in Chinese; empty where nothing is."""
    if judged is None:
        return ""
    parts = [f"新增事实{len(facts - judged)}条"] if facts - judged else []
    parts += [f"已不存在的事实{len(judged - facts)}条"] if judged - facts else []
    return "核查以来：" + "，".join(parts) if parts else ""
