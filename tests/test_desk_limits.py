"""Nobody tires the desk out, and nobody learns by asking often."""

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from starlette.types import Message

import sql
from pipelines.database import audit
from pipelines.database.transaction import looking
from pipelines.desk import brake, origin
from pipelines.desk.app import create
from pipelines.desk.brake import A_MINUTE, AT_ONCE, WAITING, Brake
from pipelines.desk.pages import candidates
from pipelines.desk.pages.candidates import MANY
from pipelines.desk.roles import Role
from pipelines.desk.visit import Refused
from tests.desk import PLACE, Desk, events

OWN = "500106"


def sent_to(desk: Desk, path: str, headers: dict[str, str]) -> tuple[int, int]:
    """The status of the answer, and how much of the body the desk asked for."""
    asked, answers = 0, []

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8460),
    }  # fmt: skip
    asyncio.run(desk.app(scope, receive, send))
    return answers[0]["status"], asked


def test_not_a_byte_is_read_of_what_somebody_sends_who_may_not(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    form = {"host": "127.0.0.1:8460", "content-type": "multipart/form-data; boundary=x"}
    own = {"origin": PLACE, "cookie": f"desk={handler.client.cookies['desk']}"}
    assert sent_to(desk, "/data/check", form | {"origin": PLACE}) == (303, 0)
    assert sent_to(desk, "/data/check", form | own) == (403, 0)
    assert sent_to(desk, "/downloads/returned", form | own) == (403, 0)
    assert sent_to(desk, "/sign-in", form | {"origin": "https://elsewhere.example"}) == (403, 0)
    assert sent_to(desk, "/sign-in", form | {"origin": PLACE, "host": "elsewhere.example"}) == (421, 0)


def test_a_page_is_answered_while_more_people_sign_in_than_can_be_helped_at_once(desk: Desk) -> None:
    """Forty threads answer pages; twice as many who wait for a password to be hashed leave them free."""
    handler = desk.person("handler1", Role.HANDLER, OWN)
    held, free = threading.Barrier(AT_ONCE + 1), threading.Event()

    def slow() -> str:
        if not free.is_set():
            held.wait(30)
            free.wait(30)
        return "done"

    async def crowd() -> tuple[list[object], int]:
        dear = Brake()
        many = [
            asyncio.create_task(dear.run(f"10.0.{n // 250}.{n % 250}", slow))
            for n in range(AT_ONCE + WAITING)
        ]
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, held.wait, 30)
        with pytest.raises(Refused) as refused:
            await dear.run("10.9.9.9", slow)
        page = await asyncio.to_thread(handler.get, "/overview")
        free.set()
        return [refused.value.status, page.status_code], len(await asyncio.gather(*many))

    assert asyncio.run(crowd()) == ([429, 200], AT_ONCE + WAITING)


def test_an_address_that_asks_too_often_is_turned_away_and_once_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brake, "A_MINUTE", 3)
    app = create(desk.settings, desk.served, origin.of("127.0.0.1", 8460, "", ""))
    desk.app = app
    person = desk.browser("nobody")
    answers = [person.post("/sign-in", {"account": "nobody", "password": "x"}).status_code for _ in range(6)]
    assert answers == [401, 401, 401, 429, 429, 429]
    assert [action for _, action in events(desk, "/sign-in")] == ["refused"]
    assert A_MINUTE > 3


def test_who_searches_without_end_learns_nothing_more_and_the_auditor_is_told_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SEARCHES", 3)
    handler, number = desk.person("handler1", Role.HANDLER, OWN), desk.candidate(OWN)
    for n in range(3):
        answer = handler.post("/candidates/search", {"words": f"某某{n}"})
        assert answer.status_code == 200
    for words in (number, "某某"):
        refused = handler.post("/candidates/search", {"words": words})
        assert refused.status_code == 400
        assert "已告知审计" in refused.text
        assert f"/candidates/{number}" not in refused.text
    assert [action for _, action in events(desk, "handler1")].count(MANY) == 1
    page = desk.person("look", Role.AUDITOR).get("/audit").text
    first = re.search("请先看(.*?)</section>", page, re.S)
    assert first
    assert "查找过多" in first[1]


def test_the_auditor_s_filter_stands_in_no_address(desk: Desk) -> None:
    look = desk.person("look", Role.AUDITOR)
    page = look.get("/audit?subject=handler1").text
    assert 'value="handler1"' not in page
    narrowed = look.post("/audit", {"subject": "look"})
    assert (narrowed.status_code, narrowed.url.query) == (200, b"")
    assert 'action="/audit"' in page
    assert not re.search(r'href="/audit\?|method="get" action="/audit"', narrowed.text)


def test_what_cannot_be_refused_on_record_is_answered_as_busy_with_no_word_of_the_server(desk: Desk) -> None:
    person = desk.person("handler1", Role.HANDLER, OWN)
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME TO audit_gone"))
    for path in ("/accounts", "/nowhere", f"/candidates/{'X' * 20}"):
        answer = person.client.get(path)
        assert answer.status_code == 503, path
        assert "Traceback" not in answer.text
        assert "audit_gone" not in answer.text
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE desk_session RENAME TO session_gone"))
    assert person.client.get("/nowhere").status_code == 503


def test_on_a_server_people_look_at_the_same_time_and_the_chain_holds(postgresql_url: str) -> None:
    engine, inside = sql.connect(postgresql_url), threading.Barrier(3, timeout=60)

    def look(who: str) -> str:
        with looking(engine) as connection:
            connection.execute(text("SELECT 1"))
            inside.wait()  # none gets here before the others while each waits for its turn from the beginning
            return audit.record(connection, who, "case_view", "x", {})

    with ThreadPoolExecutor(3) as pool:
        heads = list(pool.map(look, "甲乙丙"))
    verdict = audit.verify(engine)
    engine.dispose()
    assert (verdict.events, verdict.faults) == (3, ())
    assert verdict.head in heads
