"""What two people confirmed and the agency took off the roll is counted as kept back, and nothing else."""

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select

from pipelines.database import tally
from pipelines.decisions import reviews
from pipelines.decisions.record import Decision
from sql import tables as t
from tests.findings import city
from tests.lists import AT


@pytest.fixture
def waiting(database: Engine) -> tuple[str, int]:
    """A candidate with something on the roll, handed out and heard, and how much that is in fen."""
    city(claims=60).fill(database)
    p, c = t.preventable.c, t.suspension_candidate.c
    fen = func.sum(p.scheduled_fen)
    wanted = select(c.candidate_id, fen.label("fen")).join(t.preventable, p.candidate_id == c.candidate_id)
    wanted = wanted.where(p.recoverable_from_person, c.status == "open").group_by(c.candidate_id)
    with database.connect() as connection:
        number, scheduled = connection.execute(wanted.having(fen > 0).limit(1)).one()
    reviews.decide(database, Decision(number, "notified", "甲", "heard"), AT)
    return str(number), int(scheduled)


def confirm(database: Engine, number: str, *, second: str = "乙") -> None:
    detail = {"stop_month": "2026-11"}
    reviews.decide(database, Decision(number, "confirmed", "甲", "x", second_by=second, detail=detail), AT)


def kept_back(database: Engine) -> int:
    """As the next night adds it up."""
    with database.begin() as connection:
        tally.write(connection)
        sums = select(t.candidate_tally.c.amount).where(t.candidate_tally.c.figure == tally.Figure.PREVENTED)
        return sum(connection.execute(sums).scalars())


def take_off_the_roll(connection: Connection, number: str) -> list[dict[str, object]]:
    p = t.preventable
    lines = connection.execute(select(p).where(p.c.candidate_id == number)).mappings().all()
    connection.execute(delete(p).where(p.c.candidate_id == number))
    return [dict(line) for line in lines]


def test_what_was_on_the_roll_and_is_not_sent_counts_once_two_have_signed(
    database: Engine, waiting: tuple[str, int]
) -> None:
    number, scheduled = waiting
    confirm(database, number)
    assert kept_back(database) == 0
    with database.begin() as connection:
        take_off_the_roll(connection, number)
    assert kept_back(database) == scheduled


def test_what_one_person_alone_confirmed_counts_for_nothing(
    database: Engine, waiting: tuple[str, int]
) -> None:
    confirm(database, waiting[0], second="")
    with database.begin() as connection:
        take_off_the_roll(connection, waiting[0])
    assert kept_back(database) == 0


def test_what_was_sent_all_the_same_counts_for_nothing_even_where_it_came_back(
    database: Engine, waiting: tuple[str, int]
) -> None:
    confirm(database, waiting[0])
    with database.begin() as connection:
        for line in take_off_the_roll(connection, waiting[0]):
            fen = line.pop("scheduled_fen")
            sent = {**line, "paid_fen": fen, "recovered_fen": fen, "due_fen": 0, "counted": True}
            connection.execute(insert(t.overpayment).values(**sent))
    assert kept_back(database) == 0
