"""The case book of the clean-up: each sentence of ``tests/cleanup/*.toml`` as a register of one person."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from matchers import cleanup, law, months
from matchers.cleanup import clusters
from matchers.cleanup.employers import aliases
from matchers.cleanup.entitlement import Benefits, checked, separated_month, windows
from matchers.cleanup.ledger import ledger
from matchers.cleanup.register import Register
from matchers.text import fold
from pipelines.linking.recipients import prepared

FOLDER = Path(__file__).parent / "cleanup"
AS_OF = date(2026, 10, 20)
LATEST = months.number("2026-01")
PERSON = {
    "person_no": "P1", "relation": "registrations", "id_kind": "resident_id",
    "id_number": "999999198001011014",
    "name": "张三", "sex": "M", "birth_date": "1980-01-01", "phone": "13900000000", "district": "999999",
    "bank_account": "6222000000000000", "card_no": None, "registered_on": "2000-01-01", "day": "2026-01-15",
}  # fmt: skip
CLAIM = {
    "claim_id": "C1", "person_no": "P1", "district": "999999", "registered_on": "2020-07-01",
    "separated_on": "2020-06-20", "start_month": "2020-07", "entitled_months": 3, "deemed_months": 0,
    "monthly_fen": 100_000, "benefited": True,
    "last_employer_id": None, "last_employer_uscc": None, "last_employer_name": None,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    check: str
    says: str
    finds: Any = None
    policy: str = "chongqing"
    person: dict[str, Any] = field(default_factory=dict)
    claim: dict[str, Any] | None = None
    paid: tuple[str, ...] = ()
    drawn: str = ""
    died: str = ""
    changes: tuple[str, ...] = ()
    police: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()


def cases() -> list[Case]:
    files = sorted(FOLDER.glob("*.toml"))
    return [Case(**case) for file in files for case in tomllib.loads(file.read_text("utf-8"))["case"]]


def findings(case: Case, complete: Mapping[str, int] | None = None) -> pd.DataFrame:
    """What the clean-up says of the check of the case; ``complete``: whose months are, and from when."""
    history = replace(register(case), complete=complete or {})
    return cleanup.findings_of(cleanup.catalogue()[case.check], history)


def register(case: Case) -> Register:
    person = PERSON | case.person
    persons = pd.DataFrame(
        [person | {"name_came": person["name"], "name": fold(person["name"])}], dtype=object
    )
    days = {c: pd.to_datetime(persons[c].replace("", None)) for c in ("birth_date", "registered_on", "day")}
    persons = prepared(persons.assign(**days)).assign(live_claim=False, paid_months=0)
    book = ledger(
        pd.DataFrame([_span(line) for line in case.paid], columns=SPAN).astype(TYPES), months.of(AS_OF)
    )
    drawn = [("P1", "C0", m) for m in _months(case.drawn)]
    benefits = Benefits(
        pd.DataFrame(drawn, columns=["person_no", "claim_id", "month"]).astype({"month": "int64"}), GRANTS
    )
    employers = pd.DataFrame([_employer(line) for line in case.employers], columns=EMPLOYER)
    employers = employers.assign(**{c: pd.to_datetime(employers[c]) for c in ("valid_from", "valid_to")})
    return Register(
        as_of=AS_OF,
        persons=persons,
        ledger=book,
        claims=_claims(case, book, benefits),
        benefits=benefits.months,
        employers=employers,
        aliases=aliases(employers),
        key_changes=pd.DataFrame(
            [["P1", *line.split()] for line in case.changes],
            columns=["person_no", "column", "before", "after"],
        ),
        identity_changes=pd.DataFrame(
            [[*line.split(), None, None] for line in case.police],
            columns=["id_key", "old_id_key", "name_key", "old_name_key"],
        ),
        deaths=_deaths(case.died),
        clusters=pd.DataFrame(columns=clusters.CLUSTER),
        orphans=pd.DataFrame(columns=["relation", "record_key", "column_name", "district"]),
    )


SPAN = ["person_no", "employer_id", "insurance", "first", "last", "count", "kind", "flag", "valid", "source",
        "latest", "received_on"]  # fmt: skip
TYPES = {c: "int64" for c in ("first", "last", "count", "latest")} | {"received_on": "datetime64[ns]"}
EMPLOYER = ["employer_id", "employer_name", "employer_uscc", "org_code", "valid_from", "valid_to"]
GRANTS = pd.DataFrame(
    columns=["person_no", "claim_id", "separated_month", "entitled", "at_once", "lump", "alone"]
).astype({"separated_month": "int64", "entitled": "int64", "lump": "int64", "at_once": bool, "alone": bool})


def _deaths(day: str) -> pd.DataFrame:
    days = [day] if day else []
    return pd.DataFrame({"person_no": ["P1"] * len(days), "died_on": pd.to_datetime(days)})


def _months(span: str) -> list[int]:
    if not span:
        return []
    first, _, last = span.partition("..")
    return list(range(months.number(first), months.number(last or first) + 1))


def _span(line: str) -> list[Any]:
    employer, span, *rest = line.split()
    span_months = _months(span)
    kind, flag, count, source = [*rest, *["10", "1", str(len(span_months)), "批次"][len(rest) :]]
    return [
        "P1",
        employer,
        "210",
        span_months[0],
        span_months[-1],
        int(count),
        kind,
        flag,
        "1",
        source,
        LATEST,
        pd.NaT,
    ]


def _employer(line: str) -> list[Any]:
    number, name, code, *period = line.split()
    return [number, name, None if code == "-" else code, None, *[*period, None, None][:2]]


def _claims(case: Case, book: Any, benefits: Benefits) -> pd.DataFrame:
    rows = pd.DataFrame([CLAIM | case.claim] if case.claim is not None else [], columns=list(CLAIM))
    rows = rows.assign(
        **{c: pd.to_datetime(rows[c]) for c in ("registered_on", "separated_on")},
        **{c: rows[c].astype("int64") for c in ("entitled_months", "deemed_months", "monthly_fen")},
        start_month=months.numbers(rows["start_month"]),
    )
    rows = rows.assign(
        separated_month=separated_month(rows["separated_on"], rows["start_month"]).astype("int64")
    )
    windowed = windows(rows, benefits)
    checks = checked(windowed, book, benefits, law.policy(case.policy))
    joined = windowed.merge(checks.drop(columns=["person_no", "carried_over"]), on="claim_id")
    return joined.assign(left=joined["carried_over"])
