"""Three proposals of a clean-up run, on record for tests that decide on them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, insert, select

import sql
from pipelines.cleanup import decisions
from pipelines.cleanup.decisions import Decision
from pipelines.database.transaction import deciding
from sql import cleanup_tables as t
from sql.tables import claim

AT = datetime(2026, 10, 21, 9)
DISTRICT = "999901"
SHORT = {
    "proposal_id": "SHORT", "check_code": "ENT_UNDER", "district": DISTRICT, "relation": "claim",
    "record_key": "C1", "column_name": "entitled_months", "before_value": "6", "after_value": "12",
    "why": "核定少于应享", "evidence": '{"expected": 12}', "confidence": "likely", "favours": "person",
    "proof_needed": "单位或档案记录", "status": "proposed", "first_run": "R1", "last_run": "R1",
}  # fmt: skip
MERGE = SHORT | {
    "proposal_id": "MERGE", "check_code": "DUPLICATE_PERSON", "relation": "registrations",
    "record_key": "P1+P2", "column_name": "person_no", "before_value": "P1+P2", "after_value": "P1",
    "favours": "nobody",
    "evidence": json.dumps({"editors": ["赵六"], "record": {"name": ["张三", "P1", "与号码同一登记"]}}),
}  # fmt: skip
SPLIT = SHORT | {
    "proposal_id": "SPLIT", "check_code": "EMPLOYER_SPLIT", "relation": "employers", "district": "",
    "record_key": "91500000MA5OLDCO1X", "column_name": "employer_id", "before_value": "70010001+80020002",
    "after_value": "91500000MA5OLDCO1X", "evidence": "", "favours": "nobody",
}  # fmt: skip
CLAIM = {
    "claim_id": "C1", "person_id": "P1", "district": DISTRICT, "registered_on": date(2020, 7, 1),
    "start_month": "2020-07", "entitled_months": 6, "deemed_months": 0, "extended_to_retirement": False,
    "monthly_amount": 1710, "status": "active", "accepted_by": "受理人、王五", "approved_by": "审批人",
}  # fmt: skip


@contextmanager
def proposed(database_url: str) -> Iterator[Engine]:
    """The database with the claim, the run and its proposals."""
    engine = sql.connect(database_url)
    run = {"run_id": "R1", "as_of": date(2026, 10, 20), "batches": "[]", "policy": "chongqing",
           "policy_version": "chongqing-1", "status": "finished", "started_at": AT, "finished_at": AT,
           "input_digest": "", "counts": "{}"}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(claim).values(**CLAIM))
        connection.execute(insert(t.cleanup_run).values(**run))
        connection.execute(insert(t.correction_proposal), [SHORT, MERGE, SPLIT])
    yield engine
    engine.dispose()


def decide(engine: Engine, proposal: str, decision: str, by: str, second: str = "", after: int = 0) -> str:
    made = Decision(proposal, decision, by, "有材料", second)
    with deciding(engine) as connection:
        return decisions.decide(connection, made, AT + timedelta(minutes=after))


def status(engine: Engine, proposal: str) -> str:
    c = t.correction_proposal.c
    with engine.connect() as connection:
        return str(connection.execute(select(c.status).where(c.proposal_id == proposal)).scalar_one())
