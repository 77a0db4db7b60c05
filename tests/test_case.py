"""What stands behind one candidate, as values: for the page of text, for a desk, for whoever asks."""

import json
from collections import Counter, defaultdict

import pytest
from sqlalchemy import Engine, insert, select

from pipelines.reports import case as cases
from pipelines.reports.case import reading
from sql.tables import claim, probable_link, recipient, suspension_candidate
from tests.findings import EXPLAINED, LETTERS, city


@pytest.fixture
def engine(database: Engine) -> Engine:
    city(claims=60).fill(database)
    return database


def numbers(engine: Engine) -> list[str]:
    wanted = select(suspension_candidate.c.candidate_id).order_by(suspension_candidate.c.candidate_id)
    with engine.connect() as connection:
        return list(connection.execute(wanted).scalars())


def test_a_case_shows_the_persons_other_candidates_and_every_claim(engine: Engine) -> None:
    c = suspension_candidate.c
    by_person: dict[str, set[str]] = defaultdict(set)
    with engine.connect() as connection:
        for number, person_id in connection.execute(select(c.candidate_id, c.person_id)):
            by_person[person_id].add(number)
        claims = Counter(connection.execute(select(claim.c.person_id)).scalars())
    assert {len(own) for own in by_person.values()} == {1, 2}
    for person_id, own in by_person.items():
        for number in own:
            case = cases.read(engine, number)
            assert {other.candidate_id for other in case.siblings} == own - {number}
            assert len(case.claims) == claims[person_id]
            assert case.candidate["claim_id"] in {one.claim_id for one in case.claims}


def test_facts_for_and_against_stand_apart_each_with_its_file_and_line(engine: Engine) -> None:
    every = [cases.read(engine, number) for number in numbers(engine)]
    assert any(case.against for case in every)
    assert any(case.supporting for case in every)
    for case in every:
        assert len(case.supporting) + len(case.against) == len(case.evidence)
        for fact in case.evidence:
            assert fact.file in fact.place
            assert f"第{fact.line}行" in fact.place


def test_a_person_is_named_in_full_only_where_that_is_asked_for(engine: Engine) -> None:
    for number in numbers(engine):
        covered, revealed = cases.read(engine, number), cases.read(engine, number, masked=False)
        with engine.connect() as connection:
            wanted = select(recipient).where(recipient.c.person_id == revealed.person.person_id)
            on_file = connection.execute(wanted).mappings().one()
        for column in ("name", "id_number", "phone"):
            assert getattr(revealed.person, column) == on_file[column]
            assert "*" in getattr(covered.person, column)
            assert on_file[column] not in repr(covered)


def test_a_link_is_explained_without_the_characters_in_which_the_names_differ(
    engine: Engine,
) -> None:
    number = next(number for number in numbers(engine) if cases.read(engine, number).supporting)
    case = cases.read(engine, number)
    fact, elsewhere = case.supporting[0], case.supporting[0].line + 10_000
    linked = {
        "pair_id": "P1", "person_id": case.person.person_id, "feed": fact.feed, "tier": "probable",
        "delivery_id": fact.delivery_id, "file": fact.file, "probability": 0.995,
        "explanation": json.dumps(EXPLAINED, ensure_ascii=False),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(
            insert(probable_link), [linked | {"line": line} for line in (fact.line, elsewhere)]
        )
    case = cases.read(engine, number)
    (link,) = case.links
    assert link.line == fact.line
    assert LETTERS not in repr(case)
    assert LETTERS in repr(cases.read(engine, number, masked=False))
    assert dict(link.bits) == {"先验": -20.0, "姓名": 9.5, "出生日期": 12.5, "亲属或他人": -0.5}


def test_what_a_case_rests_on_is_read_without_a_change_and_its_months_stand_in_order(engine: Engine) -> None:
    for number in numbers(engine):
        with engine.connect() as connection:
            rows = reading.rows(connection, number)
            assert reading.rows(connection, number) == rows
        months = [(paid.benefit_month, paid.benefit_kind) for paid in cases.read(engine, number).overpayments]
        assert months == sorted(months)
        assert len(months) == len(rows.overpayments)
