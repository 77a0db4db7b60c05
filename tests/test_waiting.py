"""What people decide waits its turn beside whoever writes, and is lost on nobody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from pipelines.base.store import Store
from pipelines.decisions import identities, release
from pipelines.reports import contents, notify
from sql import tables as t
from tests.findings import NIGHTS, city

HELD = {
    "run_id": "held", "as_of": date(2026, 3, 1), "status": "held", "started_at": datetime(2026, 3, 1),
    "policy": "national", "policy_version": "1", "code_version": "1", "input_digest": "x", "counts": "{}",
}  # fmt: skip
QUESTION = {
    "question_id": "asked", "kind": "possible_match", "claim_id": "C1", "person_id": "P1", "feed": "deaths",
    "delivery_id": "deaths/2026-03-01", "file": "a.csv", "line": 2, "explanation": "{}",
}  # fmt: skip


def released(engine: Engine) -> None:
    release.release(engine, "held", "甲", "已核对")


def answered(engine: Engine) -> None:
    identities.decide(engine, "asked", "same", "甲", "已核对")


def queued(engine: Engine) -> None:
    notify.queue(engine, contents.read(engine, Store(Path("nowhere")), NIGHTS[-1]))


@pytest.mark.parametrize("decided", [released, answered, queued])
def test_a_decision_waits_for_an_open_write_and_is_then_taken(
    database: Engine, decided: Callable[[Engine], None]
) -> None:
    city(claims=20).fill(database)
    with database.begin() as connection:
        connection.execute(insert(t.match_run).values(HELD))
        connection.execute(insert(t.identity_question).values(QUESTION))
    with ThreadPoolExecutor(1) as person:
        with database.execution_options(writes=True).begin() as other:
            other.execute(update(t.run_epoch).values(epoch=t.run_epoch.c.epoch))
            deciding = person.submit(decided, database)
            if database.dialect.name == "sqlite":
                with pytest.raises(TimeoutError):
                    deciding.result(timeout=0.5)
        deciding.result(timeout=10)
