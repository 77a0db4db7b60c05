"""A small seeded city: about two hundred candidates over three nights and four districts, nobody real."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, insert

from matchers import months
from matchers.causes import causes
from matchers.evidence import candidate_id, digest
from matchers.law import policy
from matchers.people.resident_id import check_character
from pipelines.database import tally
from sql import tables as t

NIGHTS = (date(2026, 10, 18), date(2026, 10, 19), date(2026, 10, 20))
DISTRICTS = ("500106", "500107", "500229", "500243")
POLICY = policy("national")
FEED = {
    "REEMPLOYED": "contributions", "BUSINESS": "business_roles", "PENSION": "pension_payees",
    "DEATH": "deaths", "IMPRISONED": "imprisonments", "REFUSED_JOB": "job_referrals",
}  # fmt: skip
REASON = {
    "REEMPLOYED": "insured_by_employer", "BUSINESS": "operates_entity", "PENSION": "draws_pension",
    "DEATH": "death_recorded", "IMPRISONED": "confined", "REFUSED_JOB": "refused",
}  # fmt: skip
TIERS = ("precise", "precise", "precise", "important", "important", "lead")
KINDS = {"unemployment_benefit": 171000, "medical_insurance": 41230, "price_subsidy": 4500}
SURNAMES, GIVEN = "赵钱孙李周吴郑王", ("一鸣", "小燕", "建国", "丽", "=思远", "文")
LETTERS = "鸣／铭"
EXPLAINED = {
    "sentence": f"姓名同音（{LETTERS}）；出生日期一致", "posterior": 0.8,
    "prior_bits": -20.0, "rivals_bits": -0.5,
    "fields": [{"field": "name", "bits": 9.5}, {"field": "birth_date", "bits": 12.5}],
}  # fmt: skip
AT = datetime(2026, 10, 20, 1, 30)


@dataclass
class City:
    """The rows of a made-up city by table, as they go into the database."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def fill(self, engine: Engine) -> None:
        tables = {**t.AGENCY.tables, **t.OURS.tables}
        with engine.begin() as connection:
            for name, rows in self.rows.items():
                connection.execute(insert(tables[name]), rows)
            tally.write(connection)


def city(claims: int = 180, seed: int = 7, districts: Sequence[str] = DISTRICTS) -> City:
    """The city; one claim in ten has two candidates for the same months."""
    chance = random.Random(seed)
    made = City()
    _nights(made)
    for number in range(claims):
        _claim(made, number, chance.choice(districts), chance)
    return made


def resident_id(number: int, chance: random.Random) -> str:
    """A well-formed number in a region code that was never given out."""
    born = f"{chance.randint(1970, 2004)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    body = f"50019{number % 10}{born}{number % 1000:03d}"
    return body + check_character(body)


def _nights(made: City) -> None:
    for night in NIGHTS:
        made.add(
            "match_run", run_id=f"{night}-0123456789ab", as_of=night, status="succeeded", started_at=AT,
            finished_at=AT, policy=POLICY.name, policy_version=POLICY.stamp, code_version="0.1.0",
            input_digest=digest(str(night)), counts=json.dumps({"unavailable": ["hires"], "drift": []}),
        )  # fmt: skip
    for feed in (*FEED.values(), "hires"):
        held = feed == "hires"
        made.add(
            "delivery", delivery_id=f"{feed}/2026-10-10", feed=feed, delivered_on=date(2026, 10, 10),
            files=json.dumps([]), sha256=digest(feed), encoding="gb18030", rows_read=1000, rows_landed=980,
            rows_rejected=15, rows_dropped=5, health="held" if held else "accepted",
            reason="行数 1000 低于近六次中位数的一半" if held else "", measures="{}", landed_at=AT,
        )  # fmt: skip


def _claim(made: City, number: int, district: str, chance: random.Random) -> None:
    person, claim_id = f"P{number:07d}", f"C{number:07d}"
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    start = months.number("2026-01") + chance.randint(0, 4)
    made.add(
        "recipient", person_id=person, id_kind="resident_id", id_number=resident_id(number, chance),
        name=name, sex="F", birth_date=date(1980, 1, 1), phone=f"1990000{number:04d}", district=district,
    )  # fmt: skip
    made.add(
        "claim", claim_id=claim_id, person_id=person, district=district, registered_on=date(2025, 12, 20),
        start_month=months.text(start), entitled_months=12, deemed_months=number % 7 == 0,
        extended_to_retirement=False, monthly_amount=1710, status="active",
    )  # fmt: skip
    made.add("excluded_match", **_excluded(claim_id, number, chance))
    if number % 7 == 0:
        made.add("material_request", claim_id=claim_id, reason="deemed_contribution",
                 asked_for="视同缴费年限的证明材料", due_on=date(2026, 11, 18), status="open")  # fmt: skip
    if number % 20 == 0:
        made.add("identity_question", **_question(claim_id, person, number))
    chosen = chance.sample(sorted(FEED), 2 if number % 10 == 0 else 1)
    first, last = start + chance.randint(1, 3), months.number("2026-10")
    for cause in chosen:
        _candidate(made, claim_id, person, district, cause, first, last, chance)


def _candidate(
    made: City,
    claim_id: str,
    person: str,
    district: str,
    cause: str,
    first: int,
    last: int,
    chance: random.Random,
) -> None:
    number, tier, feed = candidate_id(claim_id, cause), chance.choice(TIERS), FEED[cause]
    scheduled = chance.random() < 0.3
    paid = [m for m in range(first, last) if chance.random() < 0.9]
    lines = [(m, kind, fen) for m in paid for kind, fen in KINDS.items()]
    made.add(
        "suspension_candidate", candidate_id=number, claim_id=claim_id, person_id=person, district=district,
        cause=cause, tier=tier, event_month=months.text(first - 1), stop_month=months.text(first),
        first_conflict_month=months.text(first), last_conflict_month=months.text(last),
        overpaid_months=len(paid), overpaid_fen=sum(f for _, k, f in lines if k != "medical_insurance"),
        preventable_fen=175500 if scheduled else 0, link_tier="exact" if tier != "lead" else "probable",
        link_probability=None if tier != "lead" else 0.995, legal_basis=POLICY.basis(cause),
        policy_version=POLICY.stamp, within_notice_period=chance.random() < 0.1,
        two_month_flag=len(paid) >= 2, severe_flag=len(paid) > 6,
        summary=f"涉嫌{causes()[cause].title}：自{months.text(first - 1)}起；建议核实后停发。",
        fingerprint=digest(number), status="open", changed="", first_seen_as_of=chance.choice(NIGHTS),
        last_seen_as_of=NIGHTS[-1],
    )  # fmt: skip
    facts = [_fact(number, cause, feed, month) for month in paid]
    if cause == "REEMPLOYED":
        facts.append(_fact(number, cause, feed, first, weight="against", reason="intermediary"))
    for fact in facts:
        made.add("evidence", **fact, line=len(made.rows.get("evidence", ())) + 2)
    for month, kind, fen in lines:
        made.add(
            "overpayment", candidate_id=number, claim_id=claim_id, benefit_month=months.text(month),
            benefit_kind=kind, paid_fen=fen, recovered_fen=0, due_fen=fen,
            recoverable_from_person=kind != "medical_insurance", counted=True,
            payment_id=f"{claim_id}-{month}-{kind}",
        )  # fmt: skip
    for kind, fen in KINDS.items() if scheduled else ():
        made.add(
            "preventable", candidate_id=number, claim_id=claim_id, benefit_month=months.text(last),
            benefit_kind=kind, scheduled_fen=fen, recoverable_from_person=kind != "medical_insurance",
            payment_id=f"{claim_id}-{last}-{kind}",
        )  # fmt: skip
    if cause == "DEATH":
        made.add("entitlement_notice", claim_id=claim_id, kind="survivors", basis="社会保险法第四十九条",
                 note="如死亡属实，请告知遗属申领一次性丧葬补助金和抚恤金")  # fmt: skip


def _fact(
    number: str, cause: str, feed: str, month: int, weight: str = "supports", reason: str = ""
) -> dict[str, Any]:
    code = reason or REASON[cause]
    fact = {"covered_month": months.text(month), "employer_name": "=永川某某有限公司", "base": 400000}
    return {
        "candidate_id": number, "feed": feed, "delivery_id": f"{feed}/2026-10-10", "file": "明细.csv",
        "fact_key": digest([number, month, weight]), "fact": json.dumps(fact, ensure_ascii=False),
        "months": months.text(month), "weight": weight, "reason_code": code,
        "note": causes()[cause].words.get(code, code),
    }  # fmt: skip


def _excluded(claim_id: str, number: int, chance: random.Random) -> dict[str, Any]:
    reason = chance.choice(("self_paid", "fund_paid", "late_deregistration", "refunded"))
    return {
        "claim_id": claim_id, "cause": "REEMPLOYED", "feed": "contributions",
        "delivery_id": "contributions/2026-10-10", "file": "明细.csv", "line": 500 + number, "reason": reason,
    }  # fmt: skip


def _question(claim_id: str, person: str, number: int) -> dict[str, Any]:
    return {
        "question_id": f"Q{number}", "kind": "possible_match", "claim_id": claim_id, "person_id": person,
        "feed": "hires", "delivery_id": "hires/2026-10-10", "file": "就业.xlsx#Sheet1", "line": number + 2,
        "probability": 0.8, "explanation": json.dumps(EXPLAINED, ensure_ascii=False),
    }  # fmt: skip
