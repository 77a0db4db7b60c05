"""What people attach to a case is bounded, kept by hash, and given to those alone who may see the case."""

import hashlib
import stat

import pytest
from sqlalchemy import select

from pipelines.desk import attachments
from pipelines.desk.roles import Role
from sql.desk_tables import desk_attachment
from tests.desk import Desk, Person, events

OWN, FOREIGN = "500106", "500229"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def attach(person: Person, number: str, name: str, content: bytes) -> object:
    person.get(f"/candidates/{number}")
    return person.post(f"/candidates/{number}/attachment", {}, files={"file": (name, content)})


def kept(desk: Desk) -> list[str]:
    with desk.engine.connect() as connection:
        return list(connection.execute(select(desk_attachment.c.name)).scalars())


def test_an_attachment_comes_back_as_it_was_and_is_never_shown(desk: Desk) -> None:
    number, digest = desk.candidate(OWN), hashlib.sha256(PDF).hexdigest()
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert "合同.pdf" in attach(handler, number, "合同.pdf", PDF).text  # type: ignore[attr-defined]
    attach(handler, number, "同一份.PDF", PDF)
    assert kept(desk) == ["合同.pdf"]
    checker = desk.person("checker1", Role.CHECKER, OWN)
    checker.get(f"/candidates/{number}")
    answer = checker.post(f"/candidates/{number}/attachment/file", {"sha256": digest})
    assert (answer.content, answer.headers["content-type"]) == (PDF, "application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("区县复核checker1", "attachment") in events(desk, number)
    file = desk.settings.desk_files / digest[:2] / digest
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("页.html", b"<html><script>alert(1)</script>"),
        ("页.pdf", b"<html><script>alert(1)</script>"),
        ("程序.exe", PDF),
        ("图.png", PDF),
        ("图.svg", b"<svg xmlns='x'/>"),
        ("空.pdf", b""),
        ("大.pdf", PDF + b"0" * attachments.LARGEST),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_small_pdf_or_picture_is_refused_and_not_kept(
    desk: Desk, name: str, content: bytes
) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    answer = attach(handler, number, name, content)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert ("区县经办handler1", "upload_refused") in events(desk, number)
    assert kept(desk) == []
    assert not desk.settings.desk_files.exists()


def test_far_too_much_is_not_even_read(desk: Desk) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert attach(handler, number, "大.pdf", PDF + b"0" * (12 << 20)).status_code == 413  # type: ignore[attr-defined]


def test_a_hostile_name_is_a_name_and_no_place(desk: Desk) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    for name in ("../../../etc/cron.d/x.png", "C:\\windows\\x.png", "甲\r\nset-cookie: x=1.png", "<img>.png"):
        page = attach(handler, number, name, PNG + name.encode()).text  # type: ignore[attr-defined]
        assert "<img" not in page
    assert all(not set(name) & set("/\\<>\r\n:") for name in kept(desk))
    folder = desk.settings.desk_files
    assert {path.parent.parent for path in folder.rglob("*") if path.is_file()} == {folder}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_number_of_a_person_in_a_name_is_covered_before_it_is_kept(desk: Desk) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    attach(handler, number, "500199198006250097 证明 19900000001.png", PNG)
    [name] = kept(desk)
    assert "证明" in name
    assert "19800625" not in name
    assert "0000001" not in name


def test_another_districts_attachment_is_not_there_for_anybody_else(desk: Desk) -> None:
    number, digest = desk.candidate(FOREIGN), hashlib.sha256(PDF).hexdigest()
    theirs = desk.person("theirs", Role.HANDLER, FOREIGN)
    attach(theirs, number, "合同.pdf", PDF)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    own = desk.candidate(OWN)
    for case in (number, own):
        handler.get("/candidates")
        assert handler.post(f"/candidates/{case}/attachment/file", {"sha256": digest}).status_code == 404
    assert attach(handler, number, "合同.pdf", PDF).status_code == 404  # type: ignore[attr-defined]


def test_a_file_that_was_changed_on_disk_is_not_given_out(desk: Desk) -> None:
    number, digest = desk.candidate(OWN), hashlib.sha256(PDF).hexdigest()
    handler = desk.person("handler1", Role.HANDLER, OWN)
    attach(handler, number, "合同.pdf", PDF)
    (desk.settings.desk_files / digest[:2] / digest).write_bytes(b"%PDF-other")
    answer = handler.post(f"/candidates/{number}/attachment/file", {"sha256": digest})
    assert answer.status_code == 400
    assert b"other" not in answer.content
