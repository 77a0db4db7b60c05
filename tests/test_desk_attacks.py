"""What somebody types or sends with bad intent is text, is refused, and stands in no log."""

import logging
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from pipelines import desk as desk_package
from pipelines.desk.roles import NO_DISTRICTS, Role
from pipelines.desk.routes import ROUTES
from tests.desk import Desk, Person, decide
from tests.test_desk_attachments import PDF
from tests.test_desk_pages import LONG, OWN, particulars

EVIL = "\"'><script>alert(1)</script><img src=x onerror=a>{{7*71428571428571}}"
FIELD = re.compile(r'(?:name="|f\.(?:field|choice|text)\(")(\w+)"')
TEMPLATES = Path(desk_package.__file__).parent / "templates"


def fields() -> list[str]:
    """The name of every field of every form."""
    sources = [path.read_text("utf-8") for path in TEMPLATES.glob("*.j2")]
    return sorted({name for source in sources for name in FIELD.findall(source)} - {"csrf"})


def staff(desk: Desk) -> dict[Role, Person]:
    return {role: desk.person(f"x-{role}", role, *(() if role in NO_DISTRICTS else ("*",))) for role in Role}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_script_in_every_field_of_every_form_is_text_on_every_page(desk: Desk) -> None:
    people, number = staff(desk), desk.candidate(OWN, status="open")
    names = fields()
    assert {"note", "reason", "name", "words", "why", "to", "district"} <= set(names)
    seen = []
    for route in ROUTES:
        if route.roles is None or "POST" not in route.methods or route.path in ("/sign-out", "/password"):
            continue
        person = people[next(role for role in Role if role in route.roles)]
        path = route.path.replace("{candidate_id}", number).replace("{account}", "x-handler")
        carried = {"number": number, "reply_by": "2099-01-01", "decision": "verifying", "kind": "inquiry"}
        for values in ({}, {name: value for name, value in carried.items() if name in names}):
            sent = {name: EVIL for name in names} | values
            files = {"file": (f"{EVIL}.pdf", PDF)} if route.bytes > 1 << 20 else None
            seen.append((path, person.post(path, sent, files=files)))
    decide(people[Role.HANDLER], number, decision="verifying", note=EVIL)
    for route in ROUTES:
        for role in route.roles or ():
            if "GET" in route.methods:
                path = route.path.replace("{candidate_id}", number).replace("{account}", "x-handler")
                seen.append((path, people[role].get(path)))
    assert [(path, answer.status_code) for path, answer in seen if answer.status_code >= 500] == []
    for path, answer in seen:
        for live in ("<script", "<img", "499999999999997"):
            assert live not in answer.text, path
    assert any("&lt;script&gt;" in answer.text for _, answer in seen)


def test_a_number_that_somebody_types_is_in_no_log_and_before_no_auditor(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = desk.candidate(OWN, status="open")
    _, id_number, phone = particulars(desk, number)
    assert LONG.search(id_number)
    assert LONG.search(phone)
    handler, look = desk.person("handler1", Role.HANDLER, OWN), desk.person("look", Role.AUDITOR)
    decide(handler, number, decision="verifying", note=f"{id_number} {phone}")
    for path, field in (
        ("/candidates/search", "words"),
        ("/candidates/filters", "name"),
        (f"/candidates/{number}/reveal", "reason"),
        (f"/candidates/{id_number}", "words"),
    ):
        for typed in (id_number, phone):
            handler.post(path, {field: typed})
    handler.get(f"/candidates/{id_number}")
    assert not LONG.search(look.get("/audit").text)
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME TO audit_gone"))
    assert handler.post("/candidates/search", {"words": id_number}).status_code >= 500
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert not LONG.search("\n".join(map(logging.Formatter().format, ours)))
