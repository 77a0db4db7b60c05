"""The worked queries run as they are printed, answer something, and can change nothing."""

from sqlalchemy import Engine, text

from docs import reference
from sql import SCHEMA
from tests.findings import city

WORKED = reference.worked()


def test_there_are_ten_and_each_says_what_it_answers() -> None:
    assert len(WORKED) == 10
    for title, statement in WORKED.items():
        assert any("一" <= letter <= "鿿" for letter in title)
        assert statement.startswith("SELECT")
        assert statement.count(";") == 1


def test_each_runs_on_either_database_and_those_of_candidates_answer_something(database: Engine) -> None:
    city(claims=40).fill(database)
    answers = {}
    with database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection.execute(text(f"SET search_path TO {SCHEMA}"))
            connection.execute(text("SET TRANSACTION READ ONLY"))
        for title, statement in WORKED.items():
            answers[title] = connection.execute(text(statement.rstrip(";"))).all()
    filled = [title for title, rows in answers.items() if rows]
    assert {"各停领情形的疑点各到了哪一步", "最近三十次比对：结局、起止时刻"} <= set(filled)
    by_status = sum(row.candidates for row in answers["各停领情形的疑点各到了哪一步"])
    with database.connect() as connection:
        schema = f"{SCHEMA}." if database.dialect.name == "postgresql" else ""
        every = connection.scalar(text(f"SELECT COUNT(*) FROM {schema}suspension_candidate"))
    assert by_status == every
