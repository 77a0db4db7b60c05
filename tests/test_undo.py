"""A night that is taken back has never been; what people decided stays."""

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select
from typer.testing import CliRunner, Result

import sql
from matchers import lifecycle
from matchers.judge import Judgement
from pipelines import night
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.cli import app
from pipelines.database import audit
from pipelines.judging import restore, writeback
from pipelines.judging.writeback import Who
from pipelines.past.undo import undo
from pipelines.runs import Later
from sql import tables as t
from tests.faults.town import FIRST, SECOND, Town, build
from tests.test_decisions import HISTORIES, NIGHTS, RECORDS, STARTED, decide, nobody, rows, says

FEED = frozenset({"pension_payees"})
STATED = (
    t.suspension_candidate, t.evidence, t.overpayment, t.preventable, t.excluded_match, t.identity_question,
    t.probable_link, t.material_request, t.entitlement_notice,
)  # fmt: skip
NIGHT = st.tuples(st.sampled_from(STARTED), st.booleans())
JUDGED_AGAIN = [
    (1, "2026-05", False), (lifecycle.Step.DISMISSED, True),
    (2, "2026-07", False), (lifecycle.Step.DISMISSED, True),
]  # fmt: skip
DECISION = st.tuples(st.sampled_from(sorted(lifecycle.MAY_FOLLOW)), st.booleans())


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Any], Any, list[Any]]:
    """Nights and decisions before a night, the night, and nights after it; the dates in any order."""
    order = draw(st.permutations(range(len(NIGHTS))))
    before, after = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    nights = [(number, *draw(NIGHT)) for number in order]
    history: list[Any] = []
    for ran in nights[:before]:
        history += [ran, *draw(st.lists(DECISION, max_size=3))]
    return history, nights[before], nights[before + 1 : before + 1 + after]


class World:
    """What was run and decided on one database, within a transaction that is rolled back."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.ran: dict[date, frozenset[str]] = {}
        self.judged: dict[date, Judgement] = {}

    def go(self, steps: Sequence[Any]) -> None:
        for n, step in enumerate(steps):
            if isinstance(step[0], str):
                decide(self.connection, *step, n)
            else:
                self.night(*step)

    def night(self, number: int, started: str | None, lacking: bool) -> None:
        day, out = NIGHTS[number], FEED if lacking else frozenset()
        later = Later({other: feeds for other, feeds in self.ran.items() if other > day})
        self.judged[day] = says(number, None if lacking else started)
        writeback.write(self.connection, *self.judgement(day), day, out, later)
        self.ran[day] = out

    def judgement(self, day: date) -> tuple[Judgement, Who]:
        return self.judged[day], Who(nobody(t.identity_question), nobody(t.probable_link))

    def undo(self, number: int) -> None:
        del self.ran[NIGHTS[number]], self.judged[NIGHTS[number]]
        restore.without(self.connection, NIGHTS[number], self.ran, self.judgement)

    def state(self) -> list[list[tuple[Any, ...]]]:
        return rows(self.connection, *STATED, *RECORDS)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("undo") / "benefit.db"
        shutil.copyfile(sqlite_template, file)
        engine = sql.connect(f"sqlite:///{file}")
        yield engine
        engine.dispose()
    else:
        from tests.conftest import TEMPLATE

        server = request.getfixturevalue("postgres")
        server.execute(f"CREATE DATABASE undone TEMPLATE {TEMPLATE}")
        engine = sql.connect(server.url("undone"))
        yield engine
        engine.dispose()
        server.execute("DROP DATABASE undone WITH (FORCE)")


@settings(max_examples=HISTORIES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(histories())
@example((JUDGED_AGAIN, (3, "2026-07", False), []))
def test_a_night_that_is_taken_back_has_never_been(migrated: Engine, history: tuple[Any, Any, Any]) -> None:
    before, taken_back, after = history
    states = []
    for nights in ([taken_back, *after], after):
        with migrated.connect() as connection, connection.begin() as transaction:
            world = World(connection)
            world.go([*before, *nights])
            if nights is not after:
                world.undo(taken_back[0])
            states.append(world.state())
            transaction.rollback()
    assert states[0] == states[1]


@settings(max_examples=HISTORIES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(histories(), st.lists(DECISION, min_size=1, max_size=3))
def test_what_people_decided_on_a_night_that_is_taken_back_stays(
    migrated: Engine, history: tuple[Any, Any, Any], decisions: list[Any]
) -> None:
    before, taken_back, after = history
    c = t.suspension_candidate.c
    taken_up = select(c.candidate_id, c.status).where(c.status.in_(lifecycle.TAKEN_UP))
    with migrated.connect() as connection, connection.begin() as transaction:
        world = World(connection)
        world.go([*before, taken_back, *decisions, *after])
        records, standing = rows(connection, *RECORDS), connection.execute(taken_up).all()
        world.undo(taken_back[0])
        assert rows(connection, *RECORDS) == records
        assert connection.execute(taken_up).all() == standing
        transaction.rollback()


@pytest.fixture
def town(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    made = build(tmp_path, database_url)
    for name in ("database_url", "inbox", "store", "reports"):
        monkeypatch.setenv(f"CROSSMATCH_{name.upper()}", str(getattr(made.settings, name)))
    monkeypatch.chdir(tmp_path)
    return made


def crossmatch(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def state(database: Engine) -> list[list[tuple[Any, ...]]]:
    with database.connect() as connection:
        return rows(connection, *STATED, t.match_run)


def test_two_people_take_a_night_back_by_the_command(town: Town, database: Engine) -> None:
    night.propose(town.settings, FIRST)
    before = state(database)
    night.propose(town.settings, SECOND)
    ran = state(database)
    assert ran != before
    words = ("night", "undo", SECOND.isoformat(), "--reason", "口径选错")
    for name in ("张三", "張 三"):
        asked = crossmatch(*words, "--by", name)
        assert (asked.exit_code, state(database)) == (0, ran)
        assert "须由另一人" in asked.stdout
    done = crossmatch(*words, "--by", "李四", "--json")
    assert json.loads(done.stdout)["done"] is True
    assert state(database) == before
    with database.connect() as connection:
        acted = connection.execute(select(t.audit_event.c.actor, t.audit_event.c.action)).all()
    assert [tuple(row) for row in acted if "undo" in row.action] == [
        ("张三", "ask_undo"), ("李四", "ask_undo"), ("李四", "undo"),
    ]  # fmt: skip
    assert audit.verify(database).faults == ()
    assert not (town.settings.store / "nights" / SECOND.isoformat()).exists()
    night.propose(town.settings, SECOND)
    assert state(database)[0] == ran[0]
    assert undo(town.settings, SECOND, ["王五"], "再撤").people == 1


def test_a_night_that_did_not_run_and_one_without_a_name_or_a_reason_are_not_taken_back(town: Town) -> None:
    for by, reason, refusal in (
        (["甲"], "误跑", "没有运行记录"),
        ([], "误跑", "--by"),
        (["甲"], " ", "--reason"),
    ):
        with pytest.raises(UsageError, match=refusal):
            undo(town.settings, FIRST, by, reason)


def test_a_night_to_come_is_refused_wherever_it_is_asked_for(
    town: Town, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772294400")
    tomorrow = date(2026, 3, 2)
    assert clock.today() == date(2026, 3, 1)
    before = state(database)
    for step in (night.run, night.propose, night.link, night.judge, night.write_back):
        with pytest.raises(UsageError, match="尚未到来"):
            step(town.settings, tomorrow)
    with pytest.raises(UsageError, match="尚未到来"):
        night.accept(town.settings, "deaths", tomorrow)
    for words in (
        ["night", "2026-03-02"],
        ["night", "2026-03-02", "--dry-run"],
        ["backfill", "2026-03-01", "2026-03-02"],
    ):
        assert isinstance(crossmatch(*words).exception, UsageError)
    assert state(database) == before
