"""历史数据清理 — what is wrong in decades of records: checks as data, each with one small rule.

A rule reads a ``Register`` and returns findings; it changes nothing and fills nothing in. Missing history
only hides months: a rule may say that too little was granted from the months it sees, never that too much
was.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Literal

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import CleanupFindings

Stage = Literal["persons", "people", "employers"]
FINDING = (
    "check_code", "relation", "record_key", "column_name", "district", "months", "value", "confidence",
    "favours", "why", "evidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``relation`` and ``column`` it is about, the most it may claim, whom a repair favours.

    ``stage``: whether it looks across persons, at one person's records, or at employers. ``supervision``: its
    questions go to supervision.
    """

    code: str
    title: str
    relation: str
    column: str
    stage: Stage
    severity: str
    basis: str
    example: str
    innocent: str
    at_most: str
    favours: str
    supervision: bool = False


@cache
def catalogue() -> dict[str, Check]:
    """Every check by its code, in the order of ``checks.toml``."""
    declared = tomllib.loads((files(__package__) / "checks.toml").read_text("utf-8"))
    return {code: Check(code=code, **given) for code, given in declared.items()}


def findings(register: Register, stage: Stage) -> CleanupFindings:
    """What the checks of one stage say: ``FINDING``, one row for each check, relation, record and column."""
    frames = [findings_of(check, register) for check in catalogue().values() if check.stage == stage]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(FINDING))
    return rows[list(FINDING)].sort_values(
        ["check_code", "relation", "record_key", "column_name"], ignore_index=True
    )


def findings_of(check: Check, register: Register) -> CleanupFindings:
    """What one check says: ``FINDING``, one row for each relation, record and column."""
    rule: Any = import_module(f"{__package__}.checks.{check.code.lower()}").rule
    rows: pd.DataFrame = rule(register)
    usual = {
        "check_code": check.code, "relation": check.relation, "column_name": check.column, "district": "",
        "months": "", "value": "", "confidence": check.at_most, "favours": check.favours, "why": check.title,
        "evidence": "", }  # fmt: skip
    rows = rows.assign(**{name: value for name, value in usual.items() if name not in rows})
    return (
        rows[list(FINDING)]
        .fillna("")
        .drop_duplicates(["check_code", "relation", "record_key", "column_name"])
    )
