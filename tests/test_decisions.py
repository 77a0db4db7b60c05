"""Whatever nights are run, in whatever order, and whatever people decide between them: a decision stands."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, select

import sql
from matchers import lifecycle
from matchers.judge import Judgement, judge
from pipelines.base.errors import UsageError
from pipelines.decisions import reviews
from pipelines.decisions.record import Decision
from pipelines.judging import writeback
from pipelines.judging.writeback import Who
from pipelines.runs import Later
from sql import tables as t
from tests.casebook import Case, docket

NIGHTS = [date(2026, 10, 10) + timedelta(n) for n in range(6)]
STARTED = (None, "2026-05", "2026-06", "2026-07")
AT = datetime(2026, 10, 20, 9)
RECORDS = (t.review, t.review_detail, t.review_money, t.judged_fact)
HISTORIES = int(os.environ.get("HISTORIES", "25"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("night"), st.integers(0, len(NIGHTS) - 1), st.sampled_from(STARTED)),
        st.tuples(st.just("decide"), st.sampled_from(sorted(lifecycle.MAY_FOLLOW)), st.booleans()),
    ),
    min_size=3,
    max_size=12,
)


@pytest.fixture
def migrated(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copyfile(sqlite_template, tmp_path / "benefit.db")
    engine = sql.connect(f"sqlite:///{tmp_path / 'benefit.db'}")
    yield engine
    engine.dispose()


@cache
def says(number: int, started: str | None) -> Judgement:
    """What a night says on which a pension began in that month, or no pension is on record."""
    record: dict[str, Any] = {"says": "", "night": NIGHTS[number]}
    return judge(
        docket(
            Case("decisions", 1, record | ({"pension_payees": {"started_month": started}} if started else {}))
        )
    )


def nobody(table: Table) -> pd.DataFrame:
    return pd.DataFrame(columns=[column.name for column in table.columns])


def rows(connection: Connection, *tables: Table) -> list[list[tuple[Any, ...]]]:
    return [sorted(map(tuple, connection.execute(select(table)).all()), key=str) for table in tables]


def statuses(connection: Connection) -> dict[str, str]:
    c = t.suspension_candidate.c
    return {number: status for number, status in connection.execute(select(c.candidate_id, c.status))}


def dismissed_facts(connection: Connection) -> set[str]:
    c = t.judged_fact.c
    return set(connection.execute(select(c.fact_key)).scalars())


def run(connection: Connection, number: int, started: str | None, ran: dict[date, frozenset[str]]) -> None:
    """Writes a night back and holds it against what people had decided before."""
    before, records = statuses(connection), rows(connection, *RECORDS)
    judgement, judged = says(number, started), dismissed_facts(connection)
    later = Later({day: out for day, out in ran.items() if day > NIGHTS[number]})
    who = Who(nobody(t.identity_question), nobody(t.probable_link))
    writeback.write(connection, judgement, who, NIGHTS[number], frozenset(), later)
    ran[NIGHTS[number]] = frozenset()
    assert rows(connection, *RECORDS) == records
    after, seen = statuses(connection), judgement.evidence.groupby("candidate_id")["fact_key"].agg(set)
    for candidate, status in before.items():
        if status in lifecycle.TAKEN_UP:
            assert after[candidate] == status
        if status == lifecycle.Status.DISMISSED and seen.get(candidate, set()) <= judged:
            assert after[candidate] == lifecycle.Status.DISMISSED


def decide(connection: Connection, decision: str, both: bool, number: int) -> None:
    """One or two people take a decision on every candidate, where it may be taken."""
    for candidate in sorted(statuses(connection)):
        made = Decision(
            candidate,
            decision,
            by="甲",
            second_by="乙" * both,
            source=str(number),
            reason_code="another_person",
        )
        try:
            reviews.take(connection, made, AT + timedelta(minutes=number))
        except UsageError:
            continue


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_no_history_of_nights_undoes_what_people_decided(
    migrated: Engine, history: list[tuple[Any, ...]]
) -> None:
    with migrated.connect() as connection, connection.begin() as transaction:
        ran: dict[date, frozenset[str]] = {}
        for number, (what, which, how) in enumerate(history):
            if what == "night":
                run(connection, which, how, ran)
            else:
                decide(connection, which, how, number)
        transaction.rollback()


def test_such_histories_do_decide(migrated: Engine) -> None:
    with migrated.connect() as connection, connection.begin():
        run(connection, 0, "2026-05", {})
        decide(connection, "dismissed", True, 1)
        assert set(statuses(connection).values()) == {lifecycle.Status.DISMISSED}
        run(connection, 1, "2026-05", {})
        assert set(statuses(connection).values()) == {lifecycle.Status.DISMISSED}
        run(connection, 2, "2026-06", {})
        assert set(statuses(connection).values()) == {lifecycle.Status.OPEN}
