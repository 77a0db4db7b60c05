"""较上夜 — what a candidate says of how it differs from the night before, in words; frames in, words out."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from matchers.findings import TIER_WORDS
from matchers.schemas import Candidates
from matchers.summary import yuan

NEW: Final = "较上夜：新增。"
AMOUNTS: Final[Mapping[str, str]] = {
    "overpaid_fen": "已发应退",
    "preventable_fen": "可止付金额",
    "at_risk_fen": "发放前待核",
}
COMPARED: Final = ("tier", *AMOUNTS)


def moves(was: Candidates, now: Candidates) -> dict[str, str]:
    """By candidate_id, of those that both nights saw and that differ: tier and amounts before and after."""
    columns = ["candidate_id", *COMPARED]
    both = now[columns].merge(was[columns], on="candidate_id", suffixes=("", "_was"), validate="1:1")
    differs = pd.concat([both[c] != both[f"{c}_was"] for c in COMPARED], axis=1).any(axis=1)
    return {str(row["candidate_id"]): _words(row) for row in both[differs].to_dict("records")}


def _words(row: Mapping[object, object]) -> str:
    parts = []
    if row["tier"] != row["tier_was"]:
        parts.append(f"等级由{TIER_WORDS[str(row['tier_was'])]}变为{TIER_WORDS[str(row['tier'])]}")
    for column, word in AMOUNTS.items():
        before, after = (int(str(row[name])) for name in (f"{column}_was", column))
        if before != after:
            parts.append(f"{word}由{yuan(before)}变为{yuan(after)}")
    return f"较上夜：{'，'.join(parts)}。"
