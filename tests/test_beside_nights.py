"""A night that writes back while people decide loses no decision, and nobody decides on what it took away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier

from sqlalchemy import Engine, func, select, update

from pipelines.base.errors import DecisionRefused, Locked
from pipelines.database import audit
from pipelines.database.lock import held
from pipelines.decisions import reviews
from pipelines.decisions.record import Decision
from pipelines.judging import writeback
from pipelines.judging.writeback import Who
from pipelines.runs import Later
from sql import tables as t
from tests.findings import city
from tests.lists import AT
from tests.test_decisions import HISTORIES, nobody, says

PEOPLE = ("甲", "乙")
NIGHT = date(2026, 10, 21)


def write_back(engine: Engine) -> bool:
    """True once a night has written back that sees none of the candidates, whoever was deciding first."""
    while True:
        try:
            with held(engine) as lock, lock.writing() as connection:
                who = Who(nobody(t.identity_question), nobody(t.probable_link))
                writeback.write(connection, says(0, None), who, NIGHT, frozenset(), Later({}))
                return True
        except Locked:
            continue


def decide(engine: Engine, candidate_id: str, by: str) -> bool:
    """Whether the decision was taken: the night may be at work, or have withdrawn the candidate."""
    try:
        reviews.decide(engine, Decision(candidate_id, "verifying", by, "x"), AT)
    except (Locked, DecisionRefused):
        return False
    return True


def together(*acts: Callable[[], bool]) -> list[bool]:
    """What each act returned, all begun in the same moment."""
    start = Barrier(len(acts))

    def one(act: Callable[[], bool]) -> bool:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_a_night_that_writes_back_while_people_decide_loses_no_decision(database: Engine) -> None:
    city(claims=HISTORIES).fill(database)
    c, r = t.suspension_candidate.c, t.review.c
    with database.begin() as connection:
        numbers = connection.execute(select(c.candidate_id).order_by(c.candidate_id)).scalars().all()
        connection.execute(update(t.suspension_candidate).values(status="withdrawn"))
    taken = 0
    for number in numbers[:HISTORIES]:
        one = c.candidate_id == number
        with database.begin() as connection:
            connection.execute(update(t.suspension_candidate).where(one).values(status="open"))
        night = partial(write_back, database)
        *decided, _ = together(*(partial(decide, database, number, by) for by in PEOPLE), night)
        taken += sum(decided)
        with database.connect() as connection:
            status = connection.execute(select(c.status).where(one)).scalar_one()
            recorded = select(func.count()).where(r.candidate_id == number)
            assert connection.execute(recorded).scalar_one() == sum(decided)
        assert status == ("verifying" if any(decided) else "withdrawn")
    assert audit.verify(database) == audit.Verdict(taken, audit.head(database), ())
