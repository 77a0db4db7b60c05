"""案例集 — the sentences of ``tests/causes/*.toml``, and the docket that each one describes.

How a sentence is written stands in ``tests/causes/README.md``; what it leaves out is filled in here, once.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from expectations.feed import Column, feed, feeds
from matchers import months
from matchers.causes import causes
from matchers.docket import Docket
from matchers.law import Dated, Policy, Value, policy
from matchers.overpayment import spread_recoveries

BOOK = Path(__file__).parent / "causes"
NIGHT = date(2026, 10, 20)
DELIVERED_ON = date(2026, 10, 10)
LINK_TIERS = (
    "exact", "converted", "alias", "name_differs", "rest_differs", "two_person_ids", "repaired", "probable",
)  # fmt: skip
STATES = ("paid", "in_transit", "scheduled", "returned")

USUAL_CLAIM: Mapping[str, Any] = {
    "claim_id": "C1", "person_id": "P1", "identity": "", "identity_sure": True, "district": "500199",
    "registered_on": date(2025, 12, 22), "commitment_signed_on": "", "start_month": "2026-01",
    "stop_month": "", "suspended": False, "entitled_months": 12, "deemed_months": 0,
    "extended_to_retirement": False, "separated_on": date(2025, 12, 15), "last_employer_id": "Y100",
    "last_employer_uscc": "91500000MA5OLDCO1X", "last_employer_name": "渝州老厂", "last_benefit_month": "",
    "live": True, "sex": "M", "birth_date": date(1985, 5, 5), "id_usable": True,
}  # fmt: skip
USUAL_PAYMENTS: Mapping[str, Any] = {
    "paid": "", "in_transit": "", "scheduled": "", "returned": "", "amount": "1710.00", "medical": "412.30",
    "payments": [], "recoveries": [],
}  # fmt: skip
USUAL_PAYMENT: Mapping[str, Any] = {"benefit_kind": "unemployment_benefit", "state": "paid", "paid_on": ""}
PAYMENT = {
    "claim_id": "object", "benefit_month": "int64", "benefit_kind": "object", "paid_fen": "int64",
    "state": "object", "paid_on": "datetime64[ns]",
}  # fmt: skip
USUAL_LINK: Mapping[str, Any] = {
    "person_id": "P1", "link_tier": "exact", "differs": "", "delivered_on": DELIVERED_ON,
}  # fmt: skip
NEW_EMPLOYER = {"employer_name": "渝新机电", "employer_uscc": "91500000MA6NEWCO2Y"}
REFERRAL = {"referral_no": "T1", "notice_no": "GZ1", "result": "本人拒绝", "justified": "否"}
USUAL_ROW: Mapping[str, Mapping[str, Any]] = {
    "contributions": {
        **NEW_EMPLOYER, "employer_id": "N100", "employer_kind": "10", "insurance": "110",
        "payment_kind": "10", "base": "5200.00", "paid_flag": "1", "valid": "1",
    },
    "business_roles": {
        "entity_uscc": "91500000MA6SHOP03Z", "entity_name": "渝味小面馆", "entity_type": "有限责任公司",
        "entity_status": "存续", "role": "法定代表人",
    },
    "pension_payees": {"scheme": "企业职工", "payee_kind": "2", "benefit_form": "按月", "state": "1"},
    "hires": {**NEW_EMPLOYER, "form": "单位就业"},
    "job_referrals": REFERRAL,
    "training_referrals": REFERRAL,
    "deaths": {"kind": "死亡", "origin": "公安"},
    "emigrations": {"reason": "出国定居"},
    "imprisonments": {"manner": "收监"},
}  # fmt: skip


def judged_feeds() -> list[str]:
    """The feeds on which a cause rests, whose rows a sentence may therefore describe."""
    return sorted({name for cause in causes().values() for name in cause.feeds} & feeds().keys())


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence: where it stands, what it says, and the fields that describe it."""

    file: str
    number: int
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.file}：{self.fields['says']}"

    @property
    def place(self) -> str:
        """Where the sentence stands: its file and its number there."""
        return f"{self.file}-{self.number}"

    @property
    def terms(self) -> str:
        """What sentences share that are judged in one night: its date, the policy, the feeds that are out."""
        shared = ("night", "policy", "values", "unavailable", "one_employer")
        return repr([self.fields.get(term) for term in shared])

    def own(self, number: str) -> str:
        """The number of a claim or person of this sentence, apart from those of all others."""
        return f"{self.place}/{number}"

    @property
    def claims(self) -> list[dict[str, Any]]:
        """The claims of the sentence, the standard claim's values filled in."""
        claims = self.fields.get("claims", [self.fields.get("claim", {})])
        return [{**USUAL_CLAIM, **USUAL_PAYMENTS, **self._standard_months(c), **c} for c in claims]

    @property
    def night(self) -> date:
        """The night of the sentence."""
        night: date = self.fields.get("night", NIGHT)
        return night

    def _standard_months(self, claim: Mapping[str, Any]) -> dict[str, str]:
        """Paid from the start of the claim to the month before the night, whose own month is scheduled."""
        this = months.of(self.night)
        start = months.number(claim.get("start_month", USUAL_CLAIM["start_month"]))
        paid = f"{months.text(start)}..{months.text(this - 1)}" if start < this else ""
        return {"paid": paid, "scheduled": months.text(this)}


def cases() -> list[Case]:
    """Every sentence of the case book, in the order of its files."""
    return [case for file in sorted(BOOK.glob("*.toml")) for case in _read(file)]


def _read(file: Path) -> Iterator[Case]:
    book = tomllib.loads(file.read_text("utf-8"))
    shared = {k: v for k, v in book.items() if k != "case"}
    for number, fields in enumerate(book["case"], start=1):
        yield Case(file.stem, number, {**shared, **fields})


def span(written: str | list[str]) -> list[int]:
    """The month numbers of ``2026-02..2026-04``, of one month, of a list of either; none for empty."""
    if isinstance(written, list):
        return [month for part in written for month in span(part)]
    if not written:
        return []
    first, _, last = written.partition("..")
    return list(range(months.number(first), months.number(last or first) + 1))


def fen(yuan: str) -> int:
    """Fen of an amount written in yuan."""
    return int(Decimal(yuan) * 100)


def yuan(fen: int) -> str:
    """An amount in yuan with two decimals."""
    return f"{Decimal(int(fen)) / 100:.2f}"


def docket(*cases: Case) -> Docket:
    """What one night knows of the claims of all these sentences, which share its terms.

    Claims and persons bear the place of their sentence before their own number.
    """
    names = [name for name in judged_feeds() if any(name in case.fields for case in cases)]
    return Docket(
        as_of=cases[0].night,
        policy=_policy(cases[0]),
        claims=pd.DataFrame([_claim(case, claim) for case in cases for claim in case.claims]),
        payments=_payments(cases),
        linked={name: _linked(name, cases) for name in names},
        unavailable=frozenset(cases[0].fields.get("unavailable", [])),
        details={name: feed(name).details for name in names},
        one_employer=cases[0].fields.get("one_employer", {}),
        terms={case.own("C1"): case.fields["term"] for case in cases if "term" in case.fields},
    )


def _policy(case: Case) -> Policy:
    base = policy(case.fields.get("policy", "national"))
    values = case.fields.get("values", {})
    changed = {name: Value("", (Dated(date.min, value, "案例"),)) for name, value in values.items()}
    return replace(base, values={**base.values, **changed})


def _claim(case: Case, claim: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: claim[name] for name in USUAL_CLAIM}
    last = own["last_benefit_month"] or months.text(months.of(case.night))
    text = ("last_employer_id", "last_employer_uscc", "last_employer_name", "sex")
    return {
        **own,
        "claim_id": case.own(own["claim_id"]),
        "person_id": case.own(own["person_id"]),
        "identity": case.own(own["identity"] or own["person_id"]),
        "start_month": months.number(own["start_month"]),
        "last_benefit_month": months.number(last),
        **{name: own[name] or None for name in text},
        "stop_month": float(months.number(own["stop_month"])) if own["stop_month"] else float("nan"),
        **{
            name: _day(own[name])
            for name in ("registered_on", "commitment_signed_on", "separated_on", "birth_date")
        },
    }


def _payments(cases: Sequence[Case]) -> pd.DataFrame:
    payments = [
        {"claim_id": case.own(claim["claim_id"]), **payment}
        for case in cases
        for claim in case.claims
        for payment in _claim_payments(claim)
    ]
    recoveries = [
        {
            "claim_id": case.own(claim["claim_id"]),
            "benefit_month": months.number(recovery["benefit_month"]),
            "benefit_kind": recovery.get("benefit_kind", USUAL_PAYMENT["benefit_kind"]),
            "recovered": fen(recovery["amount"]),
        }
        for case in cases
        for claim in case.claims
        for recovery in claim["recoveries"]
    ]
    frame = (
        pd.DataFrame(payments, columns=list(PAYMENT))
        .astype(PAYMENT)
        .assign(payment_id=[f"F{n:05d}" for n in range(len(payments))])
    )
    returned = pd.DataFrame(recoveries, columns=["claim_id", "benefit_month", "benefit_kind", "recovered"])
    return spread_recoveries(frame, returned.astype({"benefit_month": "int64", "recovered": "int64"}))


def _claim_payments(claim: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kinds = {"unemployment_benefit": claim["amount"], "medical_insurance": claim["medical"]}
    for state in STATES:
        for month in span(claim[state]):
            on = months.first_day(month).replace(day=26) if state in ("paid", "returned") else ""
            for kind, amount in kinds.items():
                yield _payment(kind, month, amount, state, on)
    for payment in claim["payments"]:
        one = {**USUAL_PAYMENT, **payment}
        month = months.number(one["benefit_month"])
        yield _payment(one["benefit_kind"], month, one["amount"], one["state"], one["paid_on"])


def _payment(kind: str, month: int, amount: str, state: str, paid_on: date | str) -> dict[str, Any]:
    return {
        "benefit_month": month,
        "benefit_kind": kind,
        "paid_fen": fen(amount),
        "state": state,
        "paid_on": _day(paid_on),
    }


def _day(day: date | str) -> Any:
    return pd.Timestamp(day) if day else pd.NaT


def _linked(name: str, cases: Sequence[Case]) -> pd.DataFrame:
    rows = [
        {**row, "person_id": case.own(row["person_id"])}
        for case in cases
        for table in listed(case.fields.get(name, []))
        for row in _spread(name, table)
    ]
    columns = feed(name).columns
    frame = pd.DataFrame(
        {
            "person_id": [row["person_id"] for row in rows],
            "link_tier": [row["link_tier"] for row in rows],
            "link_probability": [0.995 if row["link_tier"] in LINK_TIERS[-2:] else 1.0 for row in rows],
            "differs": [row["differs"] for row in rows],
            "delivered_on": pd.to_datetime([row["delivered_on"] for row in rows]),
            "delivery_id": [f"{name}/{row['delivered_on']}" for row in rows],
            "file": f"{name}.csv",
            "line": range(2, len(rows) + 2),
        }
    )
    values = {c.name: [_value(c, row.get(c.name, "")) for row in rows] for c in columns.values()}
    return frame.assign(**{n: _typed(columns[n], v) for n, v in values.items()})


def _spread(name: str, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows that one table of a sentence stands for: one a month where it names several."""
    row = {**USUAL_LINK, **USUAL_ROW.get(name, {}), **table}
    if "covered_month" not in row:
        yield row
        return
    for month in map(months.text, span(row["covered_month"])):
        yield {"settled_month": month, **row, "covered_month": month}


def _value(column: Column, value: Any) -> Any:
    if value == "" or value is None:
        return None
    if column.type == "month":
        return float(months.number(value))
    if column.type == "money":
        return fen(value)
    return column.codes[value] if column.codes else value


def _typed(column: Column, values: list[Any]) -> "pd.Series[Any]":
    if column.type == "date":
        return pd.Series(pd.to_datetime(values))
    return pd.Series(values, dtype="float64" if column.type in ("month", "money") else object)


def listed(tables: Any) -> list[dict[str, Any]]:
    """One table or several, as a list."""
    return tables if isinstance(tables, list) else [tables]
