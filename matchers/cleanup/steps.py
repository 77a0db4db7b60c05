"""建议的状态 — how a proposal moves by what people decide, and by what a later run sees."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from matchers.cleanup.proposals import needs_two
from matchers.lifecycle import FindingStatus
from matchers.schemas import CorrectionProposals, KeptProposals, ProposalMoves, StandingValues

STATUS: Mapping[str, str] = {
    "proposed": "待决定",
    "deferred": "暂缓",
    "accepted": "已同意",
    "rejected": "不同意",
    "exported": "已导出",
    "applied": "已执行",
    FindingStatus.WITHDRAWN: "已撤回",
    "stale": "已过时",
}
NEXT: Mapping[str, str] = {
    "proposed": "待决定",
    "deferred": "暂缓，仍在清单里，随时可以决定",
    "accepted": "待导出；可以撤销，撤销后回到待决定",
    "rejected": "同样的事实不再提出；可以撤销，撤销后回到待决定；已导出过的，下次导出时撤回",
    "exported": "待业务系统执行，执行后登记“已执行”；可以撤销，撤销后下次导出时撤回",
    "applied": "业务系统已执行；可以撤销，撤销后下次导出时撤回",
    FindingStatus.WITHDRAWN: "所据的事实已不成立，无须决定",
    "stale": "记录已变，无须决定；仍有问题的会另行提出",
}
DECISIONS: Mapping[str, str] = {
    "accepted": "同意",
    "rejected": "不同意",
    "deferred": "暂缓",
    "applied": "已执行",
    "undone": "撤销决定",
}
MAY_FOLLOW: Mapping[str, tuple[str, ...]] = {
    "accepted": ("proposed", "deferred"),
    "rejected": ("proposed", "deferred"),
    "deferred": ("proposed",),
    "applied": ("exported",),
    "undone": ("accepted", "rejected", "deferred", "exported", "applied"),
}
OPEN = ("proposed", "deferred", "accepted")
SENT = ("exported", "applied")
AGAIN = (FindingStatus.WITHDRAWN, "stale")
PLACE = ["check_code", "relation", "record_key", "column_name"]


def reached(decision: str, status: str) -> str:
    """The status after a decision: what has gone out and is undone is rejected, and taken back later."""
    if decision != "undone":
        return decision
    return "rejected" if status in SENT else "proposed"


def takes_two(decision: str, check_code: str, column_name: str) -> bool:
    """Whether a decision is final only when a second person has taken it too."""
    return decision in ("accepted", "rejected", "undone") and needs_two(check_code, column_name)


def standing(before: KeptProposals, now: CorrectionProposals, current: StandingValues) -> ProposalMoves:
    """proposal_id, status of every proposal on record or made ``now`` that this run moves or makes.

    What people have decided stands; what comes back is proposed again. A proposal that is not made any more
    is ``applied`` where it went out and the record has the new value, ``stale`` where its record has yet
    another value, else ``withdrawn``. ``before``: the table. ``now``: ``PLACE`` and proposal_id. ``current``:
    relation, record_key, column_name, before_value as it stands.
    """
    status = now["proposal_id"].map(before.set_index("proposal_id")["status"])
    again = status.isna() | status.isin(AGAIN)
    made = now[["proposal_id"]].assign(status=status.mask(again, "proposed"))
    gone = before[
        ~before["proposal_id"].isin(now["proposal_id"]) & before["status"].isin([*OPEN, "exported"])
    ]
    stands = gone.merge(current, on=PLACE[1:], how="left", suffixes=("", "_now"), validate="m:1")
    value = stands["before_value_now"].fillna(stands["before_value"])
    replaced = pd.MultiIndex.from_frame(stands[PLACE]).isin(pd.MultiIndex.from_frame(now[PLACE]))
    out = (stands["status"] == "exported").to_numpy()
    changed = replaced | (value != stands["before_value"]).to_numpy()
    moved = np.select(
        [out & (value == stands["after_value"]).to_numpy(), out, changed],
        ["applied", "exported", "stale"],
        FindingStatus.WITHDRAWN,
    )
    return pd.concat([made, stands[["proposal_id"]].assign(status=moved)], ignore_index=True)
