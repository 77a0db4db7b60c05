"""An agency with other tables offers views, and the product reads the same facts through them."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert, select

import sql
from sql.tables import claim, payment, recipient, recovery
from tests.city import City, settle
from tests.lemis import move_to_lemis

NOT_IN_LEMIS = {"commitment_signed_on", "approved_by"}
PERSON = {
    "person_id": "p1", "id_kind": "resident_id", "id_number": "50019919850101001X", "name": "测试甲",
    "sex": "F", "birth_date": date(1985, 1, 1), "phone": None, "district": "500106",
}  # fmt: skip
CLAIM = {
    "claim_id": "k1", "person_id": "p1", "district": "500106", "registered_on": date(2025, 8, 20),
    "start_month": "2025-09", "entitled_months": 12, "deemed_months": 2, "extended_to_retirement": False,
    "monthly_amount": 1710, "status": "active", "stop_month": None, "stop_cause": None,
    "separated_on": date(2025, 8, 14), "separation_reason": "221", "last_employer_id": "500128443",
    "last_employer_uscc": "91500109MA00000000", "last_employer_name": "某某商贸有限公司",
    "accepted_by": "op1",
}  # fmt: skip
PAYMENT = {
    "payment_id": "y1", "claim_id": "k1", "benefit_month": "2025-09", "benefit_kind": "unemployment_benefit",
    "amount": 1710, "state": "paid", "paid_on": date(2025, 9, 26), "bank_account": "6200",
}  # fmt: skip


def rows(database: Engine, table: Table) -> list[dict[str, object]]:
    key = next(iter(table.primary_key)).name
    kept = [c for c in table.columns if c.name not in NOT_IN_LEMIS]
    with database.connect() as connection:
        shown = [dict(r) for r in connection.execute(select(*kept)).mappings()]
    for row in shown:
        row[key] = str(row[key]).split("-")[0]
    return sorted(shown, key=lambda row: str(row[key]))


def test_a_lemis_core_behind_views_reads_like_the_reference_schema(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(recipient), [PERSON, PERSON | {"person_id": "p2", "id_kind": "passport", "sex": None}]
        )
        connection.execute(
            insert(claim),
            [
                CLAIM,
                CLAIM | {"claim_id": "k2", "person_id": "p2", "status": "exhausted", "entitled_months": 24},
                CLAIM | {"claim_id": "k3", "status": "stopped", "stop_month": "2025-11", "stop_cause": "641"},
                CLAIM | {"claim_id": "k4", "start_month": "2024-12", "extended_to_retirement": True},
                CLAIM | {"claim_id": "k5", "status": "suspended", "last_employer_id": None,
                         "last_employer_uscc": None, "last_employer_name": None},
            ],
        )  # fmt: skip
        connection.execute(
            insert(payment),
            [
                PAYMENT,
                PAYMENT | {"payment_id": "y2", "benefit_kind": "medical_insurance", "amount": 512.35},
                PAYMENT
                | {
                    "payment_id": "y3",
                    "benefit_kind": "price_subsidy",
                    "state": "in_transit",
                    "paid_on": None,
                },
                PAYMENT
                | {"payment_id": "y4", "benefit_kind": "funeral", "state": "scheduled", "paid_on": None},
                PAYMENT | {"payment_id": "y5", "benefit_month": "2025-12", "state": "returned"},
            ],
        )
        back = {
            "recovery_id": "v1",
            "claim_id": "k1",
            "benefit_month": "2025-09",
            "received_on": date(2026, 1, 5),
        }
        connection.execute(insert(recovery), [back | {"benefit_kind": "price_subsidy", "amount": 40.1}])
    relations = (recipient, claim, payment, recovery)
    before = [rows(database, relation) for relation in relations]
    move_to_lemis(database)
    assert [rows(database, relation) for relation in relations] == before


def state(city: City) -> dict[str, list[tuple[Any, ...]]]:
    """What the nights left. The views name a payment by its line of the roll and its benefit's code."""
    unlike = ("match_run", "report_export", "report_export_row")
    findings = {name: rows for name, rows in city.findings().items() if name not in unlike}
    return findings | {name: _without_lines(findings[name]) for name in ("overpayment", "preventable")}


def _without_lines(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(re.sub(r"-\d\d$", "", str(value)) for value in row) for row in rows)


def test_a_night_through_the_views_finds_what_a_night_on_the_plain_layout_finds(
    postgresql_url: str, shared: Path, tmp_path: Path
) -> None:
    database = sql.connect(postgresql_url)
    city = settle(shared / "data" / "world-b", postgresql_url, database, tmp_path)
    city.night("2025-03-18")
    plain = state(city)
    city.forget()
    move_to_lemis(database)
    city.night("2025-03-18", report=True)
    assert state(city) == plain
    assert len(plain["suspension_candidate"]) > 20
    assert plain["overpayment"]
    database.dispose()
