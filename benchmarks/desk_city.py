"""A made-up city of many candidates, written into PostgreSQL by COPY: what the desk is measured on."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

import sql
from matchers import months
from matchers.causes import causes
from matchers.evidence import candidate_id, digest
from matchers.lifecycle import Status, Step
from pipelines.base import clock
from pipelines.database import tally
from sql import tables as t
from sql.desk_tables import DESK

LAST = clock.today() - timedelta(days=1)
AT = datetime.combine(LAST, time(1, 30))
DISTRICTS = tuple(f"{500200 + n}" for n in range(1, 41))
DAYS = 300
SEVERAL = 10  # one claim in so many has two candidates
OPENED = 4  # of one candidate in so many somebody has looked at the case
KINDS = (("unemployment_benefit", 171000, True), ("medical_insurance", 41230, False))
TIERS = ("precise", "precise", "precise", "important", "important", "lead")
STATUSES = (Status.OPEN,) * 9 + (Status.DISPATCHED,) * 3 + (*Status,)[2:]
DAYS_TO_ANSWER = (-10, 30)  # from the last night on, evenly spread
DECIDED = {
    Status.NOTIFIED: Step.CONFIRMED, Status.CONFIRMED: Step.CONFIRMED, Status.RECOVERING: Step.CONFIRMED,
    Status.CLOSED: Step.CONFIRMED, Status.DISMISSED: Step.DISMISSED,
}  # fmt: skip
UNSIGNED = Status.NOTIFIED
Rows = dict[str, list[tuple[Any, ...]]]


def fill(engine: Engine, candidates: int, seed: int = 1) -> None:
    """The city: claims in forty districts, payments, candidates with evidence, and looks at cases."""
    chance = random.Random(seed)
    with engine.begin() as connection:
        # Loading checks no reference: the rows are made so that each has its own.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for rows in _blocks(candidates, chance):
            for name, part in rows.items():
                sql.copy_rows(connection, _tables()[name], part)
        _nights(connection)
        tally.write(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _blocks(candidates: int, chance: random.Random, size: int = 20_000) -> Iterator[Rows]:
    made, claim, events = 0, 0, _Chain()
    rows: Rows = {}
    names = sorted(causes())
    while made < candidates:
        district = chance.choice(DISTRICTS)
        person, number = f"P{claim:07d}", f"C{claim:07d}"
        _add(rows, "recipient", (person, "resident_id", _resident_id(claim), f"某{claim:07d}", "F",
             date(1980, 1, 1), f"1990{claim:07d}", district))  # fmt: skip
        _add(rows, "claim", (
            number, person, district, date(2025, 12, 20), "2026-01", 12, 0, False, 1710, "active", None, None,
            date(2025, 12, 1), None, None, None, None, None, "受理员", "审批员",
        ))  # fmt: skip
        for cause in chance.sample(names, 2 if claim % SEVERAL == 0 else 1):
            _candidate(rows, number, person, district, cause, chance, events)
            made += 1
        claim += 1
        if len(rows["suspension_candidate"]) >= size or made >= candidates:
            yield rows
            rows = {}


def _candidate(
    rows: Rows,
    claim: str,
    person: str,
    district: str,
    cause: str,
    chance: random.Random,
    events: "_Chain",
) -> None:
    number, first = candidate_id(claim, cause), months.number("2026-02") + chance.randint(0, 4)
    paid = range(first, first + chance.randint(1, 6))
    scheduled = chance.random() < 0.3
    owed = sum(fen for _, fen, own in KINDS if own) * len(paid)
    status = chance.choice(STATUSES)
    _add(rows, "suspension_candidate", (
        number, claim, person, district, cause, chance.choice(TIERS), months.text(first - 1),
        months.text(first), months.text(first), months.text(paid[-1]), len(paid), owed,
        171000 if scheduled else 0, 0, "exact", None, "〔2019〕2号", "national-1", False, False, False,
        f"涉嫌{causes()[cause].title}：自{months.text(first - 1)}起；建议核实后停发。", digest(number),
        status, "", LAST - timedelta(chance.randint(0, DAYS)), LAST, "",
    ))  # fmt: skip
    _decided(rows, number, status, owed, chance)
    for line, month in enumerate(paid):
        fact = json.dumps({"covered_month": months.text(month), "base": 400000})
        _add(rows, "evidence", (
            number, "contributions", "contributions/2026-10-10", "明细.csv", line, f"{number}{line}", fact,
            months.text(month), "supports", "insured_by_employer", "用人单位缴费",
        ))  # fmt: skip
        for kind, fen, own in KINDS:
            _add(rows, "overpayment", (number, claim, months.text(month), kind, fen, 0, fen, own, True,
                 f"{claim}-{month}-{kind}"))  # fmt: skip
    if scheduled:
        _add(
            rows,
            "preventable",
            (number, claim, "2026-11", "unemployment_benefit", 171000, True, f"{claim}-next"),
        )
    if chance.randrange(OPENED) == 0:
        _add(rows, "audit_event", events.next("case_view", number))


def _decided(rows: Rows, number: str, status: Status, owed: int, chance: random.Random) -> None:
    """What people did about a candidate of this status: a day of answer, or a decision and what came back."""
    if status == Status.DISPATCHED:
        due = LAST + timedelta(chance.randint(*DAYS_TO_ANSWER))
        _add(rows, "reply_deadline", (number, due, "某督办", AT))
    if (decision := DECIDED.get(status)) is not None:
        signed = (None, None) if status == UNSIGNED else ("某复核", AT)
        _add(rows, "review", (f"R{number}", number, decision, "", "", "某经办", AT, *signed))
        detail = {
            "review_id": f"R{number}", "cause": "", "tier": "", "policy_version": "national-1",
            "recovered_fen": owed // 2,
        }  # fmt: skip
        _add(rows, "review_detail", [detail.get(column.name) for column in t.review_detail.c])
        if decision == Step.CONFIRMED:
            _add(rows, "review_money", (f"R{number}", 171000, owed))


class _Chain:
    """Events of an audit that is long; nothing here verifies it."""

    def __init__(self) -> None:
        self._seq, self._hash = 0, "0" * 64

    def next(self, action: str, subject: str) -> tuple[Any, ...]:
        self._seq += 1
        before, self._hash = self._hash, digest(str(self._seq))
        return self._seq, AT, "某经办", action, subject, "{}", before, self._hash, None, None


def _nights(connection: Connection) -> None:
    nights = [
        {
            "run_id": f"{day}-0123456789ab", "as_of": day, "status": "succeeded", "started_at": AT,
            "finished_at": AT, "policy": "national", "policy_version": "national-1", "code_version": "0.1.0",
            "input_digest": digest(str(day)), "counts": json.dumps({"unavailable": []}),
        }
        for day in (LAST - timedelta(n) for n in range(60))
    ]  # fmt: skip
    connection.execute(insert(t.match_run), nights)


def _resident_id(number: int) -> str:
    return f"500199198001{number % 28 + 1:02d}{number // 28 % 1000:03d}X"


def _tables() -> dict[str, Any]:
    return {**t.AGENCY.tables, **t.OURS.tables, **DESK.tables}


def _add(rows: Rows, table: str, values: Sequence[Any]) -> None:
    rows.setdefault(table, []).append(tuple(values))
