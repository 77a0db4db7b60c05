"""The case book of fund risk: one sentence a case, and the ground that it makes."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from matchers import months
from matchers.risk.ground import Ground
from matchers.risk.policy import read
from matchers.risk.signals import Fact, Level, Signal

HERE = Path(__file__).parent / "risk"
MONTH = months.number("2026-12")
CITY = {
    "minimum_base": [{"since": pd.Timestamp("2026-01-01").date(), "yuan": 4300}],
    "dummy_account": [{"since": pd.Timestamp("2023-01-01").date(), "numbers": ["A0"]}],
    "deferral": [{"first": "2025-04", "last": "2025-12", "employer_kinds": ["60"]}],
    "reason_codes": [
        {"since": pd.Timestamp("2020-01-01").date(), "involuntary": ["212"], "voluntary": ["231", "251"]},
        {"since": pd.Timestamp("2026-06-01").date(), "involuntary": ["212", "251"], "voluntary": ["231"]},
    ],
}
PLACE = {"feed": "f", "delivery_id": "f/1", "file": "f.csv", "line": 1}
STANDARD: Mapping[str, Mapping[str, Any]] = {
    "claims": {
        "claim_id": "C1", "person": None, "district": "500199", "registered_on": "2026-02-02",
        "separated_on": "2026-01-20", "separation_reason": "212", "employer": "E1", "phone": None,
    },
    "payments": {
        "payment_id": None, "claim_id": "C1", "paid_on": "2026-03-26", "fen": 171_000, "account": "A1",
    },
    "events": {
        "event_id": None, "claim_id": "C1", "kind": "accept", "at": "2026-02-03T10:00", "operator_id": "OP1",
        "who": None, "channel": "counter", "before": None, "after": None, "reference": None,
        "roll_district": None, "edit": "same", "name_changed": False, "before_number": None,
        "after_number": None, "before_name": None, "after_name": None,
    },
    "operators": {
        "operator_id": "OP1", "who": None, "person": "Q1", "office": "O1", "district": "500199",
        "post": "accept", "since": "2023-01-01", "until": None, "account": None,
    },
    "exceptions": {
        "who": "OP1", "by": "OP9", "pair": "", "since": "2023-01-01", "until": None, "reference": "备案",
    },
    "checks": {"account": "A1", "claim_id": "C1", "holder": "other"},
    "agents": {"account": "A1", "since": "2023-01-01", "until": None},
    "hours": {"office": "O1", "day": "2026-03-02", "opens": 540, "closes": 1020},
    "forms": {
        "person": "P1", "employer": "E1", "joined_on": "2020-01-01", "left_on": "2026-01-20",
        "reason_code": "212", "filed_on": "2026-01-22", "form_no": None, "replaces": None,
        "reference": None, **PLACE,
    },
    "contributions": {
        "person": "P1", "employer": "E1", "kind": "10", "insurance": "210", "covered": "2025-12",
        "settled": None, "payment_kind": "10", "base": 900_000, "received_on": None, **PLACE,
    },
    "deaths": {"person": "P1", "died_on": "2026-05-01", "kind": "死亡"},
    "hires": {"person": "P1", "employer": "E1", "hired_on": "2026-03-10", "form": "单位就业", **PLACE},
    "changes": {"number": None, "old_number": None, "name": None, "old_name": None},
    "contacts": {"employer": "E1", "phone": "T1"},
}  # fmt: skip
DAYS = (
    "registered_on", "separated_on", "paid_on", "at", "since", "until", "day", "joined_on", "left_on",
    "filed_on", "received_on", "died_on", "hired_on",
)  # fmt: skip
RELATIONS = {
    "claim_event": "events", "operator": "operators", "duty_exception": "exceptions",
    "account_check": "checks", "payee_agent": "agents", "service_hours": "hours",
    "contributions": "contributions",
    "staff_reductions": "forms", "deaths": "deaths", "hires": "hires", "identity_changes": "changes",
}  # fmt: skip


def cases(rule: str) -> list[dict[str, Any]]:
    """The cases of one rule, in the order of the book."""
    cases: list[dict[str, Any]] = tomllib.loads((HERE / f"{rule.lower()}.toml").read_text("utf-8"))["case"]
    return cases


def ground(case: Mapping[str, Any]) -> Ground:
    """The ground that a case makes of its rows."""
    rows = {name: list(_rows(name, case.get(name, ()))) for name in STANDARD}
    mentioned = [
        r["claim_id"] for name in ("payments", "events", "checks") for r in rows[name] if r["claim_id"]
    ]
    written = {r["claim_id"] for r in rows["claims"]}
    for claim in dict.fromkeys([*mentioned, *case.get("marked", ())]):
        if claim not in written:
            rows["claims"].append({**STANDARD["claims"], "claim_id": claim})
    for row in rows["claims"]:
        row["person"] = row["person"] or "P" + row["claim_id"][1:]
    frames = {name: _frame(name, rows[name]) for name in STANDARD}
    people = frames["claims"].set_index("claim_id")["person"]
    frames["payments"] = frames["payments"].assign(person=frames["payments"]["claim_id"].map(people))
    frames["late"] = _late(frames["contributions"])
    given = {
        n: None if n in {RELATIONS[m] for m in case.get("missing", ())} else f for n, f in frames.items()
    }
    return Ground(
        month=MONTH,
        policy=read(CITY),
        kinds=pd.Series(case.get("kinds", {}), dtype=object),
        steady=frozenset(case.get("steady", ())),
        raised=tuple(_marked(claim) for claim in case.get("marked", ())),
        **given,
    )


def said(signal: Signal) -> str:
    """A signal as a case writes it."""
    return f"{signal.level} {signal.subject} {signal.period} n={signal.figures['n']}"


def _rows(name: str, written: Any) -> Iterator[dict[str, Any]]:
    for row in written:
        many = row.get("many", 1)
        for i in range(1, many + 1):
            filled = {
                k: None if v == "-" else v.replace("{i}", str(i)) if isinstance(v, str) else v
                for k, v in row.items()
                if k != "many"
            }
            if strange := filled.keys() - STANDARD[name].keys():
                raise KeyError(f"{name}: {strange}")
            yield from _months(name, {**STANDARD[name], **filled})


def _months(name: str, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row of contributions for each of its months; any other row as it is."""
    if name != "contributions":
        yield row
        return
    first, _, last = row.pop("covered").partition("..")
    settled = row.pop("settled")
    for month in range(months.number(first), months.number(last or first) + 1):
        due = months.number(settled) if settled else month
        received = row["received_on"] or f"{months.text(due)}-25"
        yield {**row, "covered_month": month, "settled_month": due, "received_on": received}


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = list(STANDARD[name]) if rows or name != "contributions" else [
        *STANDARD[name], "covered_month", "settled_month"
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else columns, dtype=object)
    for number, key in (("payments", "payment_id"), ("events", "event_id"), ("forms", "form_no")):
        if name == number:
            frame[key] = [v or f"{key[0].upper()}{i:04d}" for i, v in enumerate(frame[key])]
    if name in ("operators", "events"):
        frame["who"] = frame["who"].fillna(frame["operator_id"])
    if name == "events":
        frame["who"] = frame["who"].where(frame["channel"] != "batch", None)
        online = frame["channel"].isin(["online", "kiosk"])
        frame["operator_id"] = frame["operator_id"].where(~online, None)
        frame["who"] = frame["who"].where(~online, None)
        frame["name_changed"] = frame["name_changed"].astype(bool)
    numbers = {"fen": "int64", "opens": "float64", "closes": "float64", "base": "float64"}
    for column in frame:
        if column in DAYS:
            frame[column] = pd.to_datetime(frame[column])
        elif column in numbers or str(column).endswith("_month"):
            frame[column] = frame[column].astype(numbers.get(str(column), "int64"))
    return frame.where(frame.notna(), None) if frame.empty else frame


def _late(contributions: pd.DataFrame) -> pd.DataFrame:
    late = contributions[contributions["settled_month"] - contributions["covered_month"] >= 2]
    return late[["person", "employer", "settled_month", "received_on"]]


def _marked(claim: str) -> Signal:
    return Signal(
        "OTHER", "claim", claim, "500199", "2026-03", Level.IMPORTANT, {"n": 1}, (Fact("x", claim),)
    )
