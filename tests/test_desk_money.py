"""What has come of it so far: confirmed by two people, and what is on record as come back."""

from sqlalchemy import select

from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk, decide, status

OWN, FOREIGN = "500106", "500229"


def test_the_overview_sums_what_two_people_confirmed_and_the_newest_record_of_what_came_back(
    desk: Desk,
) -> None:
    number = desk.candidate(OWN, status="open", cause="REEMPLOYED")
    c = t.suspension_candidate.c
    with desk.engine.connect() as connection:
        wanted = select(c.overpaid_fen, c.stop_month).where(c.candidate_id == number)
        fen, stop = connection.execute(wanted).one()
    handler, checker = desk.person("h1", Role.HANDLER, OWN), desk.person("c1", Role.CHECKER, OWN)
    decide(handler, number, decision="notified", notice_on="2026-10-21")
    decide(handler, number, decision="confirmed", stop_month=stop, recoverable_fen="500")
    assert "登记已追回 0.00 元" in handler.get("/overview").text
    decide(checker, number, decision="confirmed")
    for back in ("100", "250"):
        decide(handler, number, decision="recovering", recovered_fen=back)
    assert status(desk, number) == "recovering"
    page = handler.get("/overview").text
    assert "登记已追回 250.00 元" in page
    assert f"{fen // 100:,}.{fen % 100:02d}<small> 元" in page.split("至今两人签认属实")[1]
    theirs = desk.person("theirs", Role.HANDLER, FOREIGN).get("/overview").text
    assert "登记已追回 0.00 元" in theirs
