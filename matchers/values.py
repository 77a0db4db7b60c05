"""口径数值 — every value that a policy may set: its name, its unit and what may stand there, declared once.

A policy's file gives values and citations only; a name, a word or a number that is not of these is refused
when the policy is read, so that no slip of the pen changes what a person is accused of.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, assert_never

STOP_MONTH = "stop_month"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
AGES = {"years": int, "born_from": str, "step_months": int, "most_months": int}


class StopRule(StrEnum):
    """The first month that is not payable: the one after the event, or the event's own."""

    NEXT_MONTH = "next_month"
    SAME_MONTH = "same_month"

    @property
    def delay(self) -> int:
        """How many months after the event's own the first month lies that is not payable."""
        match self:
            case StopRule.NEXT_MONTH:
                return 1
            case StopRule.SAME_MONTH:
                return 0
            case _:
                assert_never(self)


class ResidentPension(StrEnum):
    """What a 城乡居民 pension is: something to look at, a reason to stop, or nothing."""

    REVIEW = "review"
    STOP = "stop"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Declared:
    """One value: ``unit`` for people; ``accepts`` gives the value as rules read it, ``None`` where it may not
    stand there; ``form`` says in Chinese what may.
    """

    unit: str
    accepts: Callable[[Any], Any]
    form: str


def whole(unit: str, least: int = 0) -> Declared:
    """A whole number, ``least`` or more."""

    def accepts(value: Any) -> int | None:
        return value if type(value) is int and value >= least else None

    return Declared(unit, accepts, f"不小于 {least} 的整数")


def share(unit: str) -> Declared:
    """A number from 0 to 1."""

    def accepts(value: Any) -> float | None:
        return float(value) if type(value) in (int, float) and 0 <= value <= 1 else None

    return Declared(unit, accepts, "0 到 1 之间的数")


def choice(words: type[StrEnum]) -> Declared:
    """One of a few words."""

    def accepts(value: Any) -> StrEnum | None:
        return words(value) if value in set(words) else None

    form = "、".join(f'"{word}"' for word in words)
    return Declared("、".join(words), accepts, f"{form} 之一")


def ages(unit: str) -> Declared:
    """Statutory ages of men (M) and women (F): the fields of ``AGES`` each."""

    def accepts(value: Any) -> Any:
        tables = list(value.values()) if isinstance(value, Mapping) and set(value) <= {"M", "F"} else []
        return value if tables and all(map(_is_age, tables)) else None

    return Declared(unit, accepts, f"M、F 两项（可缺一），各有 {'、'.join(AGES)}，born_from 如 1965-01")


def terms(unit: str) -> Declared:
    """Months of benefit by months paid: ``steps`` of [months paid at least, months due], ``exact`` or a
    maximum.
    """

    def accepts(value: Any) -> Any:
        if (
            not isinstance(value, Mapping)
            or set(value) != {"exact", "steps"}
            or type(value["exact"]) is not bool
        ):
            return None
        steps = value["steps"]
        if not isinstance(steps, list) or not all(_is_step(step) for step in steps):
            return None
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(steps))
        return value if steps and rising else None

    return Declared(unit, accepts, "exact = true 或 false，steps 为 [缴费月数, 领取月数] 的递增列表")


def _is_step(step: Any) -> bool:
    return isinstance(step, list) and len(step) == 2 and all(type(n) is int and n > 0 for n in step)


def _is_age(table: Any) -> bool:
    return (
        isinstance(table, Mapping)
        and set(table) == set(AGES)
        and all(type(table[name]) is kind for name, kind in AGES.items())
        and table["step_months"] > 0
        and MONTH.fullmatch(table["born_from"]) is not None
    )


VALUES: Mapping[str, Declared] = {
    STOP_MONTH: choice(StopRule),
    "resident_pension": choice(ResidentPension),
    "notice_working_days": whole("工作日", least=1),
    "material_working_days": whole("工作日", least=1),
    "refusals": whole("次", least=1),
    "late_deregistration_months": whole("月"),
    "back_paid_months": whole("月"),
    "two_months": whole("月", least=1),
    "severe_months": whole("月，超过", least=1),
    "severe_fen": whole("分，超过", least=1),
    "entitlement_term": terms("个月；exact 为 false 时是上限"),
    "longest_months": whole("月", least=1),
    "precision_floor": share("查实率"),
    "precision_reviews": whole("件，至少", least=1),
    "retirement_age": ages("岁；每 step_months 个出生月延迟一个月，最多 most_months 个月"),
}


def declared(name: str, causes: frozenset[str]) -> Declared | None:
    """What may stand under ``name``; a cause of ``causes`` may have a ``stop_month_<cause>`` of its own."""
    own, _, cause = name.partition(f"{STOP_MONTH}_")
    return (
        VALUES[STOP_MONTH] if own == "" and cause.upper() in causes and cause.islower() else VALUES.get(name)
    )
