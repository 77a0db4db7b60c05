"""Nothing that people decide is kept without its audit event, and each act leaves the events it should."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, Executable, delete, func, insert, select, update

from pipelines.base.errors import DecisionRefused
from pipelines.base.failures import DatabaseFailed
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.lock import held
from pipelines.database.transaction import Unaudited, deciding, trying
from pipelines.decisions import handout, identities, release, reviews
from pipelines.decisions.record import Decision
from pipelines.feedback.dispatch import dispatch
from pipelines.reports import contents, notify
from sql import tables as t
from tests.findings import NIGHTS, city
from tests.lists import AT, DISMISSED, List, handed_out, taken_in
from tests.test_waiting import HELD, QUESTION

RELEASED = {"subject": "held", "released_by": "甲", "reason": "已核对", "released_at": AT}
PIPELINES = Path(__file__).parents[1] / "pipelines"
OWN = {
    "database/lock.py", "database/migrate.py", "database/preflight.py", "database/transaction.py",
    "database/transfer.py",
    "demo/agency.py", "demo/risk/build.py", "desk/sessions.py", "desk/single_sign_on.py",
    "past/rehearsal.py",
}  # fmt: skip
DECIDES = {"decisions/identities.py", "decisions/record.py", "decisions/release.py", "past/undo.py"}
DECISION = r"(review|review_detail|judged_fact|identity_decision|release_decision)"


@pytest.fixture
def filled(database: Engine) -> Engine:
    city(claims=20, districts=("500106",)).fill(database)
    with database.begin() as connection:
        connection.execute(insert(t.match_run).values(HELD))
        connection.execute(insert(t.identity_question).values(QUESTION))
    return database


def count(engine: Engine, table: object) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def actions(engine: Engine) -> list[str]:
    c = t.audit_event.c
    with engine.connect() as connection:
        wanted = select(c.action).where(c.action != "report").order_by(c.seq)
        return list(connection.execute(wanted).scalars())


def candidates(engine: Engine) -> list[str]:
    c = t.suspension_candidate.c
    with engine.connect() as connection:
        return list(connection.execute(select(c.candidate_id).order_by(c.candidate_id)).scalars())


@pytest.mark.parametrize("beside_nights", [True, False])
@pytest.mark.parametrize(
    "write",
    [
        insert(t.release_decision).values(RELEASED),
        update(t.suspension_candidate).values(status="closed"),
        delete(t.identity_question),
    ],
    ids=["insert", "update", "delete"],
)
def test_what_is_written_without_an_audit_event_is_taken_back(
    filled: Engine, write: Executable, beside_nights: bool
) -> None:
    questions = count(filled, t.identity_question)
    with pytest.raises(Unaudited), deciding(filled, beside_nights=beside_nights) as connection:
        connection.execute(write)
    c = t.suspension_candidate.c
    with filled.connect() as connection:
        assert not connection.execute(select(c.status).where(c.status == "closed")).all()
    assert (count(filled, t.release_decision), count(filled, t.identity_question)) == (0, questions)


def test_a_run_that_decides_in_peoples_name_needs_the_event_too(filled: Engine) -> None:
    with held(filled) as lock:
        with pytest.raises(Unaudited), deciding(lock) as connection:
            connection.execute(insert(t.release_decision).values(RELEASED))
        with deciding(lock) as connection:
            connection.execute(insert(t.release_decision).values(RELEASED))
            audit.record(connection, "甲", "release", "held", {})
    assert count(filled, t.release_decision) == 1


def test_an_event_that_is_taken_back_with_its_savepoint_does_not_count(filled: Engine) -> None:
    def forgetful() -> None:
        with deciding(filled) as connection:
            attempt = connection.begin_nested()
            audit.record(connection, "甲", "release", "held", {})
            attempt.rollback()
            connection.execute(insert(t.release_decision).values(RELEASED))

    with pytest.raises(Unaudited):
        forgetful()
    assert (count(filled, t.release_decision), count(filled, t.audit_event)) == (0, 0)


def test_a_write_that_is_taken_back_with_its_savepoint_needs_no_event(filled: Engine) -> None:
    with deciding(filled) as connection:
        attempt = connection.begin_nested()
        connection.execute(insert(t.release_decision).values(RELEASED))
        attempt.rollback()
    with trying(filled) as connection:
        connection.execute(insert(t.release_decision).values(RELEASED))
    assert (count(filled, t.release_decision), count(filled, t.audit_event)) == (0, 0)


def test_an_event_names_who_acted(filled: Engine) -> None:
    with pytest.raises(ValueError, match="who acted"), deciding(filled) as connection:
        audit.record(connection, " ", "release", "held", {})


def test_what_the_database_refuses_a_decision_is_an_error_of_ours(filled: Engine) -> None:
    with pytest.raises(DatabaseFailed), deciding(filled) as connection:
        connection.execute(insert(t.release_decision), [RELEASED, RELEASED])


def released(engine: Engine, folder: Path) -> None:
    release.release(engine, "held", "甲", "已核对")


def answered(engine: Engine, folder: Path) -> None:
    identities.decide(engine, "asked", "same", "甲", "已核对")


def reviewed(engine: Engine, folder: Path) -> None:
    reviews.decide(engine, Decision(candidates(engine)[0], "verifying", "甲", "x"), AT)


def two_handed_out(engine: Engine, folder: Path) -> None:
    handout.hand_out(engine, candidates(engine)[:2], "督办", AT)


def all_of_a_list(engine: Engine, folder: Path) -> None:
    dispatch(engine, handed_out(engine, folder), "督办", AT)


def returned(engine: Engine, folder: Path) -> None:
    sheet = List(handed_out(engine, folder))
    sheet.fill(2, DISMISSED)
    taken_in(engine, sheet.saved())


def tried(engine: Engine, folder: Path) -> None:
    sheet = List(handed_out(engine, folder))
    sheet.fill(2, DISMISSED)
    taken_in(engine, sheet.saved(), apply=False)


def queued(engine: Engine, folder: Path) -> None:
    notify.queue(engine, contents.read(engine, Store(folder), NIGHTS[-1]))


@pytest.mark.parametrize(
    ("act", "events"),
    [
        (released, ["release"]),
        (answered, ["identity"]),
        (reviewed, ["review"]),
        (two_handed_out, ["review", "review"]),
        (returned, ["review", "review", "import_feedback"]),
        (tried, []),
        (queued, ["queue_message"]),
    ],
)
def test_an_act_leaves_one_event_for_each_thing_that_was_done(
    filled: Engine, tmp_path: Path, act: Callable[[Engine, Path], None], events: list[str]
) -> None:
    act(filled, tmp_path)
    assert actions(filled) == events
    assert audit.verify(filled).faults == ()


def test_a_list_that_is_handed_out_leaves_one_event_for_each_candidate(
    filled: Engine, tmp_path: Path
) -> None:
    all_of_a_list(filled, tmp_path)
    assert actions(filled) == ["review"] * count(filled, t.review)
    assert len(actions(filled)) == len(candidates(filled))


@pytest.mark.parametrize("act", [released, answered, reviewed, two_handed_out, all_of_a_list, queued])
def test_the_same_act_again_leaves_no_further_event(
    filled: Engine, tmp_path: Path, act: Callable[[Engine, Path], None]
) -> None:
    act(filled, tmp_path)
    before = actions(filled)
    act(filled, tmp_path)
    assert actions(filled) == before


def test_a_decision_that_is_refused_leaves_no_event(filled: Engine) -> None:
    for refused in (
        lambda: release.release(filled, "nowhere", "甲", "已核对"),
        lambda: identities.decide(filled, "nobody", "same", "甲", "已核对"),
        lambda: reviews.decide(filled, Decision(candidates(filled)[0], "closed", "甲", "x"), AT),
        lambda: handout.hand_out(filled, [candidates(filled)[0], "none"], "督办", AT),
        lambda: handout.hand_out(filled, candidates(filled), " ", AT),
    ):
        with pytest.raises(DecisionRefused):
            refused()
    assert actions(filled) == []
    assert count(filled, t.review) == 0


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"\.begin\(\)|writes=True", OWN),
        (rf"insert\((t\.)?{DECISION}\)|\b{DECISION}\.insert\(", DECIDES),
    ],
)
def test_nobody_writes_past_the_transaction_that_asks_for_an_event(pattern: str, allowed: set[str]) -> None:
    writers = {
        str(path.relative_to(PIPELINES))
        for path in PIPELINES.rglob("*.py")
        if re.search(pattern, path.read_text("utf-8"))
    }
    assert writers <= allowed
    assert writers & allowed
