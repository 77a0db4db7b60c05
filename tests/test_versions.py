"""What changed since it was shown is not decided on unseen; of two who decide at once, one is refused."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, select, update

from pipelines.base.errors import DecisionRefused, Outdated
from pipelines.database import audit
from pipelines.decisions import handout, identities, release, reviews, version
from pipelines.decisions.record import Decision
from pipelines.feedback import Receipt
from sql import tables as t
from tests.findings import city
from tests.lists import AT, DISMISSED, List, handed_out, taken_in
from tests.test_waiting import HELD, QUESTION

c, e, r = t.suspension_candidate.c, t.evidence.c, t.review.c


@pytest.fixture
def filled(database: Engine) -> Engine:
    city(claims=20).fill(database)
    return database


def candidates(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(c.candidate_id).order_by(c.candidate_id)).scalars())


def shown(engine: Engine, candidate_id: str) -> str:
    with engine.connect() as connection:
        return version.of(connection, [candidate_id])[candidate_id]


def made(candidate_id: str, decision: str, by: str, source: str = "x", second: str = "") -> Decision:
    return Decision(candidate_id, decision, by, source, "back_paid", second_by=second)


CHANGES: list[tuple[str, Callable[[str], Sequence[Any]]]] = [
    ("状态", lambda one: [update(t.suspension_candidate).values(status="verifying")]),
    ("疑点级别", lambda one: [update(t.suspension_candidate).values(tier="lead")]),
    ("年月", lambda one: [update(t.suspension_candidate).values(stop_month="2020-01")]),
    ("金额", lambda one: [update(t.suspension_candidate).values(overpaid_fen=c.overpaid_fen + 1)]),
    ("移送标志", lambda one: [update(t.suspension_candidate).values(severe_flag=~c.severe_flag)]),
    ("口径", lambda one: [update(t.suspension_candidate).values(policy_version="later")]),
    ("事实与证据", lambda one: [delete(t.evidence).where(e.candidate_id == one)]),
]


@pytest.mark.parametrize(("part", "change"), CHANGES, ids=[part for part, _ in CHANGES])
def test_a_decision_on_a_candidate_that_has_changed_is_refused_with_what_changed(
    filled: Engine, part: str, change: Callable[[str], Sequence[Any]]
) -> None:
    one = candidates(filled)[0]
    seen = shown(filled, one)
    with filled.begin() as connection:
        for statement in change(one):
            connection.execute(statement)
    with pytest.raises(Outdated) as refused:
        reviews.decide(filled, made(one, "dismissed", "甲"), AT, expected=seen)
    assert refused.value.changes == (part,)
    assert (refused.value.subject, part in refused.value.reason) == (one, True)
    with filled.connect() as connection:
        assert not connection.execute(select(r.review_id)).all()
    now = shown(filled, one)
    assert not reviews.decide(filled, made(one, "dismissed", "甲"), AT, expected=now).final


def test_another_persons_decision_is_a_change_and_one_made_twice_is_not(filled: Engine) -> None:
    one = candidates(filled)[0]
    seen = shown(filled, one)
    first = reviews.decide(filled, made(one, "dismissed", "甲"), AT, expected=seen)
    assert reviews.decide(filled, made(one, "dismissed", "甲"), AT, expected=seen) == first
    with pytest.raises(Outdated) as refused:
        reviews.decide(filled, made(one, "dismissed", "乙"), AT, expected=seen)
    assert refused.value.changes == ("核查决定",)
    done = reviews.decide(filled, made(one, "dismissed", "乙"), AT, expected=shown(filled, one))
    assert (done.status, done.final) == ("dismissed", True)


def test_what_a_night_merely_sees_again_is_no_change(filled: Engine) -> None:
    one = candidates(filled)[0]
    seen = shown(filled, one)
    with filled.begin() as connection:
        connection.execute(update(t.suspension_candidate).values(last_seen_as_of=AT.date()))
    assert reviews.decide(filled, made(one, "verifying", "甲"), AT, expected=seen).status == "verifying"


def test_a_version_nobody_was_shown_fits_nothing(filled: Engine) -> None:
    for expected in ("x", "0" * 64, "状态"):
        with pytest.raises(Outdated):
            reviews.decide(filled, made(candidates(filled)[0], "verifying", "甲"), AT, expected=expected)


def test_of_many_that_are_handed_out_one_that_has_changed_stops_all(filled: Engine) -> None:
    numbers = candidates(filled)
    with filled.connect() as connection:
        seen = version.of(connection, numbers)
    assert set(seen) == set(numbers)
    reviews.decide(filled, made(numbers[3], "verifying", "甲"), AT)
    with pytest.raises(Outdated) as refused:
        handout.hand_out(filled, numbers, "督办", AT, expected=seen)
    assert refused.value.subject == numbers[3]
    with filled.connect() as connection:
        seen = version.of(connection, numbers)
    done = handout.hand_out(filled, numbers, "督办", AT, expected=seen)
    assert (done.asked, set(done.dispatched)) == (len(numbers), set(numbers) - {numbers[3]})


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned, or the refusal it met, all begun in the same moment."""
    start = Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except DecisionRefused as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(one, acts))


def test_of_two_who_decide_at_once_on_what_both_were_shown_one_is_refused(filled: Engine) -> None:
    ways = [("dismissed", ""), ("notified", ""), ("dismissed", "丙")]
    for n, one in enumerate(candidates(filled)[:9]):
        decision, second = ways[n % 3]
        decide = partial(reviews.decide, filled, at=AT, expected=shown(filled, one))
        came = at_once(*(partial(decide, made(one, decision, by, second=second)) for by in ("甲", "乙")))
        assert sorted(type(what).__name__ for what in came) == ["Outdated", "Reviewed"]
    with filled.connect() as connection:
        reviewed = select(r.candidate_id, func.count()).group_by(r.candidate_id)
        assert {n for _, n in connection.execute(reviewed)} == {1}
    assert audit.verify(filled).faults == ()


def test_as_many_decide_at_once_as_a_process_has_connections_and_nobody_starves(database: Engine) -> None:
    city(claims=60).fill(database)
    numbers = candidates(database)[:40]
    acts = [partial(reviews.decide, database, made(one, "verifying", "甲"), AT) for one in numbers]
    came = at_once(*acts)
    assert [getattr(what, "status", what) for what in came] == ["verifying"] * len(numbers)
    assert audit.verify(database).events == len(numbers)


def test_of_two_answers_at_once_to_a_question_of_identity_one_is_refused(filled: Engine) -> None:
    with filled.begin() as connection:
        asked = [QUESTION | {"question_id": f"asked{n}"} for n in range(10)]
        connection.execute(insert(t.identity_question), asked)
    for n in range(10):
        decide = partial(identities.decide, filled, f"asked{n}", reason="依据")
        came = at_once(
            partial(decide, decision="same", by="甲"), partial(decide, decision="different", by="乙")
        )
        assert sorted(type(what).__name__ for what in came) == ["DecisionRefused", "bool"]


def test_two_who_release_a_night_at_once_are_counted_one_after_the_other(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.execute(insert(t.match_run).values(HELD))
    sign = partial(release.release, filled, "held", reason="已核对")
    came = at_once(*(partial(sign, by=by) for by in ("甲", "乙", "甲 ")))
    assert set(came) <= {1, 2}
    assert 2 in came
    with filled.connect() as connection:
        assert connection.execute(select(func.count()).select_from(t.release_decision)).scalar_one() == 2


def test_a_list_that_comes_back_twice_at_once_is_taken_in_once(filled: Engine, tmp_path: Path) -> None:
    sheet = List(handed_out(filled, tmp_path))
    for row in (2, 3):
        sheet.fill(row, DISMISSED)
    path = sheet.saved()
    came = at_once(*(partial(taken_in, filled, path) for _ in range(2)))
    receipts = [what for what in came if isinstance(what, Receipt)]
    assert sorted(receipt.outcomes["taken"] for receipt in receipts) == [0, 2]
    assert all(receipt.problems == () for receipt in receipts)
    with filled.connect() as connection:
        dismissed = select(func.count()).where(r.decision == "dismissed")
        assert connection.execute(dismissed).scalar_one() == 2
    assert audit.verify(filled).faults == ()
