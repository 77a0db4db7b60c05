"""What is added up beside the candidates is what the tables add up to, whatever nights and people do."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select, text

from matchers.lifecycle import MAY_FOLLOW
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit, tally
from pipelines.database.transaction import trying
from pipelines.decisions import deadlines, reviews
from pipelines.decisions.record import Decision
from pipelines.desk.roles import Role
from sql import tables as t
from sql.migrations import migrations, statements
from tests.desk import Desk
from tests.findings import city
from tests.lists import AT
from tests.test_decisions import HISTORIES, statuses
from tests.test_undo import World, histories, migrated

__all__ = ["migrated"]
PREVENTED = text("""
INSERT INTO candidate_tally SELECT 'prevented', district, '', CAST(sum(fen) AS bigint) FROM (
    SELECT c.district, row_number() OVER (
        PARTITION BY r.candidate_id ORDER BY r.decided_at DESC, r.review_id DESC
    ) AS turn, m.scheduled_fen - coalesce((
        SELECT sum(p.scheduled_fen) FROM preventable p
        WHERE p.candidate_id = c.candidate_id AND p.recoverable_from_person
    ), 0) - coalesce((
        SELECT CASE WHEN sum(o.paid_fen) > m.paid_fen THEN sum(o.paid_fen) - m.paid_fen ELSE 0 END
        FROM overpayment o WHERE o.candidate_id = c.candidate_id AND o.recoverable_from_person
    ), 0) AS fen
    FROM review_money m JOIN review r ON r.review_id = m.review_id
    JOIN suspension_candidate c ON c.candidate_id = r.candidate_id
    WHERE r.second_by IS NOT NULL AND c.status IN ('confirmed', 'recovering', 'closed')
) AS each WHERE turn = 1 AND fen > 0 GROUP BY district
""")
Sums = dict[tuple[str, str, str], int]
DIRECT = [
    statement
    for migration in migrations()
    for statement in statements(migration.up)
    if "INSERT INTO candidate_tally" in statement.text
]


def standing(connection: Connection) -> Sums:
    rows = connection.execute(select(t.candidate_tally))
    return {(figure, district, item): amount for figure, district, item, amount in rows}


def counted_directly(connection: Connection) -> Sums:
    """The sums as plain SQL over the tables makes them, without a line of what is tested here."""
    trial = connection.begin_nested()
    connection.execute(delete(t.candidate_tally))
    for statement in (*DIRECT, PREVENTED):
        connection.execute(statement)
    sums = standing(connection)
    trial.rollback()
    return sums


def look(connection: Connection) -> None:
    numbers = sorted(statuses(connection))
    for number in numbers:
        tally.looked(connection, number)
        audit.record(connection, "甲", tally.VIEW, number, {})
    ask(connection, numbers, 1)
    ask(connection, numbers[::2], 2)


def ask(connection: Connection, numbers: Sequence[str], days: int) -> None:
    deadlines.put(connection, numbers, AT.date() + timedelta(days), "甲", AT)


@settings(max_examples=HISTORIES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(histories(), st.integers(0, 12))
def test_the_sums_are_true_after_every_night_decision_look_and_undo(
    migrated: Engine, history: tuple[Any, Any, Any], looked_after: int
) -> None:
    before, taken_back, after = history
    with migrated.connect() as connection, connection.begin() as transaction:
        world = World(connection)
        for number, step in enumerate([*before, taken_back, *after]):
            world.go([step])
            assert standing(connection) == counted_directly(connection)
            if number == looked_after:
                look(connection)
                assert standing(connection) == counted_directly(connection)
        world.undo(taken_back[0])
        assert standing(connection) == counted_directly(connection)
        transaction.rollback()


def test_the_sums_of_claims_with_several_candidates_stay_true_while_people_decide(
    database: Engine,
) -> None:
    city(claims=60).fill(database)
    chance = random.Random(11)
    with database.connect() as connection:
        numbers = sorted(statuses(connection))
        began = standing(connection)
        assert began == counted_directly(connection)
    later = {f for f in tally.Figure if f.name in ("DUE", "UPHELD", "PREVENTED", "RECOVERED")}
    assert {figure for figure, _, _ in began} == set(tally.Figure) - later
    taken = 0
    for step in range(60):
        number, decision = chance.choice(numbers), chance.choice(sorted(MAY_FOLLOW))
        with database.begin() as connection:
            ask(connection, [number], step % 9)
            assert standing(connection) == counted_directly(connection)
        back = {"recovered_fen": chance.randrange(1, 10_000)}
        made = Decision(number, decision, "甲", str(step), reason_code="other", second_by="乙", detail=back)
        try:
            reviews.decide(database, made, AT)
        except DecisionRefused:
            continue
        taken += 1
        with database.connect() as connection:
            assert standing(connection) == counted_directly(connection)
    assert taken > 10
    with database.connect() as connection:
        ended = standing(connection)
        assert ended != began
        assert {figure for figure, _, _ in ended} == set(tally.Figure) - {tally.Figure.PREVENTED}
    with database.begin() as connection:
        connection.execute(delete(t.preventable))
        tally.write(connection)
        assert standing(connection) == counted_directly(connection)
        assert tally.Figure.PREVENTED in {figure for figure, _, _ in standing(connection)}


def test_a_decision_that_is_taken_back_with_its_transaction_moves_no_sum(database: Engine) -> None:
    city(claims=20).fill(database)
    with database.connect() as connection:
        began, number = standing(connection), sorted(statuses(connection))[0]
    made = Decision(number, "dismissed", "甲", "x", reason_code="other", second_by="乙")
    with trying(database) as connection:
        reviews.take(connection, made, AT)
        assert standing(connection) != began
    with database.connect() as connection:
        assert standing(connection) == began


def test_looking_twice_opens_once_and_the_desk_s_own_role_keeps_the_sums_true(desk: Desk) -> None:
    number = desk.candidate("500106", status="open")
    handler = desk.person("handler1", Role.HANDLER, "500106")
    unopened = (tally.Figure.UNOPENED, "500106", "")
    with desk.engine.connect() as connection:
        began = standing(connection)[unopened]
    for _ in range(2):
        assert handler.get(f"/candidates/{number}").status_code == 200
    with desk.engine.connect() as connection:
        assert standing(connection)[unopened] == began - 1
        assert standing(connection) == counted_directly(connection)


def test_a_run_that_finds_the_sums_wrong_writes_them_anew_and_one_that_finds_them_right_writes_nothing(
    database: Engine,
) -> None:
    city(claims=20).fill(database)
    with database.begin() as connection:
        right = standing(connection)
        rows = connection.execute(select(t.candidate_tally)).all()
        connection.execute(delete(t.candidate_tally).where(t.candidate_tally.c.figure == tally.Figure.OWED))
        connection.execute(t.candidate_tally.update().values(amount=7))
        connection.execute(t.candidate_tally.insert().values(figure="new", district="x", item="", amount=1))
        tally.write(connection)
        assert standing(connection) == right
        assert sorted(map(tuple, rows)) == sorted(map(tuple, connection.execute(select(t.candidate_tally))))
