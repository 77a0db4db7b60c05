"""A feed that names one number over and over: bounded work, and no more candidates than claims and causes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

import sql
from pipelines import night
from pipelines.deliveries import deliveries
from sql.tables import suspension_candidate
from tests.faults.town import SECOND, Town, build_on_sqlite
from tests.inbox import DEATHS, HIRES, Inbox, id_number, name, text

MANY = 10_000


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return build_on_sqlite(tmp_path)


@pytest.fixture
def engine(town: Town) -> Iterator[Engine]:
    engine = sql.connect(town.url)
    yield engine
    engine.dispose()


def candidates(engine: Engine) -> list[tuple[str, str, str]]:
    """Claim, cause and status of each candidate."""
    c = suspension_candidate.c
    with engine.connect() as connection:
        wanted = select(c.claim_id, c.cause, c.status).order_by(c.claim_id, c.cause)
        return [tuple(row) for row in connection.execute(wanted)]


def test_one_person_reported_ten_thousand_times_is_one_candidate(town: Town, engine: Engine) -> None:
    rows = [(id_number(1), name(1), f"第{n}公司", "2026-02-03", "单位就业") for n in range(MANY)]
    Inbox(town.settings.inbox).deliver("hires", "2026-02-18", {"h.csv": text(HIRES, rows)})
    night.propose(town.settings, SECOND)
    raised = candidates(engine)
    assert ("C001", "REEMPLOYED", "open") in raised
    assert len({(claim, cause) for claim, cause, _ in raised}) == len(raised)


def test_a_feed_full_of_one_number_that_nobody_has_is_held_and_moves_nothing(
    town: Town, engine: Engine
) -> None:
    night.propose(town.settings, SECOND)
    before = candidates(engine)
    rows = [("1" * 18, name(n), "2026-01-05", "死亡", "公安") for n in range(MANY)]
    Inbox(town.settings.inbox).deliver("deaths", "2026-02-18", {"d.csv": text(DEATHS, rows)})
    night.propose(town.settings, SECOND)
    assert deliveries(engine, "deaths")[-1].health == "held"
    assert candidates(engine) == before
    assert any(cause == "DEATH" for _, cause, _ in before)
