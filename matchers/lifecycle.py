"""判断记忆 — what people decided binds the nights that follow.

A dismissed candidate stays dismissed on the facts that a person judged; a fact that nobody judged reopens it.
"""

from collections.abc import Mapping, Sequence, Set

OPEN = "open"
DISMISSED = "dismissed"
WITHDRAWN = "withdrawn"
UNDECIDED = ("open", "dispatched", "verifying", "notified")
MAY_FOLLOW: Mapping[str, Sequence[str]] = {
    "dispatched": ("open",),
    "verifying": UNDECIDED,
    "notified": UNDECIDED,
    "confirmed": ("notified", "confirmed"),
    "partly_confirmed": ("notified", "confirmed"),
    "dismissed": (*UNDECIDED, "dismissed", "confirmed", "recovering"),
    "recovering": ("confirmed", "recovering"),
    "closed": ("confirmed", "recovering", "closed"),
}
LEADS_TO = {"partly_confirmed": "confirmed"}
TWO_PEOPLE = ("confirmed", "partly_confirmed", "dismissed")
TAKEN_UP = ("dispatched", "verifying", "notified", "confirmed", "recovering", "closed")


def next_status(status: str | None, facts: Set[str], judged: Set[str]) -> str:
    """The status after a night that sees the candidate on ``facts`` (keys of its supporting facts).

    ``status``: what stands there, None where there is none; ``judged``: the facts a person has dismissed.
    """
    if status in TAKEN_UP:
        return status
    if facts <= judged:
        return DISMISSED
    return OPEN


def changed(facts: Set[str], judged: Set[str] | None) -> str:
    """What a night sees beside the facts that people have judged, in Chinese; empty where nothing is."""
    if judged is None:
        return ""
    parts = [f"新增事实{len(facts - judged)}条"] if facts - judged else []
    parts += [f"已不存在的事实{len(judged - facts)}条"] if judged - facts else []
    return "核查以来：" + "，".join(parts) if parts else ""
