"""Notices from Word templates: numbered without a gap, on record, the same bytes again, fit for an office."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select, update

from matchers.causes import causes
from pipelines.base import clock
from pipelines.desk import letter_words, notice_kinds
from pipelines.desk.app import create
from pipelines.desk.roles import Role
from sql import tables as t
from sql.desk_tables import desk_notice
from tests.desk import Desk, Person, events, status
from tests.test_desk_handing import carried
from tests.test_desk_pages import particulars

OWN, FOREIGN = "500106", "500229"
SOON = clock.today() + timedelta(days=30)
DAY = f"{SOON.year}年{SOON.month}月{SOON.day}日"


def text(document: bytes) -> str:
    """Everything that stands in a Word file."""
    opened = Document(io.BytesIO(document))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in opened.paragraphs), *cells])


def issue(person: Person, number: str, kind: str, **more: str) -> bytes:
    person.get(f"/candidates/{number}")
    answer = person.post(f"/candidates/{number}/notice", {"kind": kind, "reply_by": str(SOON)} | more)
    assert answer.status_code == 200, answer.text
    made = re.search('role="status"><p>已出具.*?name="notice" value="([^"]+)"', answer.text, re.DOTALL)
    assert made, "the case does not show what was issued"
    return person.post(f"/candidates/{number}/notice/file", {"notice": made[1]}).content


def numbers(desk: Desk) -> list[str]:
    c = desk_notice.c
    with desk.engine.connect() as connection:
        return list(connection.execute(select(c.number).order_by(c.number)).scalars())


def test_a_person_is_written_what_it_is_about_for_and_against_and_what_their_rights_are(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open", cause="REEMPLOYED")
    name, id_number, _ = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    letter = text(issue(handler, number, "notification"))
    with desk.engine.connect() as connection:
        c = t.overpayment.c
        wanted = select(c.benefit_month).where(c.candidate_id == number, c.recoverable_from_person)
        months = set(connection.execute(wanted).scalars())
    for words in (
        f"{name}：", DAY, "不是结论", "陈述、申辩", "投诉", "行政复议", "请携带", "失业保险金", *months,
        "由谁提供", "对您有利的情况",
    ):  # fmt: skip
        assert words in letter, words
    assert id_number not in letter
    assert status(desk, number) == "open"


def test_the_family_is_written_to_where_the_person_is_said_to_be_dead(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open", cause="DEATH")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    name = particulars(desk, number)[0]
    letter = text(issue(handler, number, "notification"))
    assert all(
        words in letter
        for words in (f"{name}的遗属：", f"{name}名下的待遇", "作为遗属，您有权", "实际领取的人")
    )
    assert not any(words in letter for words in ("劳动合同", "您的待遇", "与您有关的记录", "对您有利"))
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    asked = text(issue(boss, number, "verification"))
    assert "告知遗属并听取" in asked
    assert "可止付金额" in asked


def test_each_cause_has_its_own_words_for_what_to_bring() -> None:
    assert set(letter_words.MATERIALS) == set(causes())
    assert all(
        "劳动合同" not in words for code, words in letter_words.MATERIALS.items() if code != "REEMPLOYED"
    )


def test_an_inquiry_names_the_person_and_no_claim_amount_law_or_suspicion(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open", cause="REEMPLOYED")
    name, id_number, phone = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    letter = text(issue(handler, number, "inquiry", to="永川某某有限公司"))
    assert all(words in letter for words in ("永川某某有限公司：", name, id_number, DAY))
    with desk.engine.connect() as connection:
        c = t.suspension_candidate.c
        claim = connection.execute(select(c.claim_id).where(c.candidate_id == number)).scalar_one()
    assert not any(words in letter for words in (number, claim, phone, "元", "失业保险条例", "疑点", "应退"))


def test_notices_are_numbered_without_a_gap_in_each_kind_over_all_districts(desk: Desk) -> None:
    own, foreign = desk.candidate(OWN, status="open"), desk.candidate(FOREIGN, status="open")
    year = clock.today().year
    handler = desk.person("handler1", Role.HANDLER, OWN)
    theirs = desk.person("theirs", Role.HANDLER, FOREIGN)
    issue(handler, own, "notification")
    issue(theirs, foreign, "notification")
    refused = handler.post(f"/candidates/{own}/notice", {"kind": "verification", "reply_by": str(SOON)})
    assert refused.status_code == 400
    assert theirs.post(f"/candidates/{own}/notice", {"kind": "notification"}).status_code == 404
    issue(handler, own, "notification")
    issue(handler, own, "inquiry")
    assert numbers(desk) == [
        *(f"告知〔{year}〕{turn:04d}号" for turn in (1, 2, 3)), f"询证〔{year}〕0001号",
    ]  # fmt: skip
    assert [act for _, act in events(desk, own)].count("notice") == 3


def test_a_notice_comes_again_byte_for_byte_to_those_who_may_see_the_case(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    issued = issue(handler, number, "notification")
    with desk.engine.begin() as connection:
        connection.execute(update(t.suspension_candidate).values(overpaid_fen=1))
    [named] = numbers(desk)
    checker = desk.person("checker1", Role.CHECKER, OWN)
    checker.get(f"/candidates/{number}")
    again = checker.post(f"/candidates/{number}/notice/file", {"notice": named})
    assert again.content == issued
    assert ("区县复核checker1", "download") in events(desk, named)
    theirs = desk.person("theirs", Role.HANDLER, FOREIGN)
    theirs.get("/candidates")
    foreign = desk.candidate(FOREIGN)
    for case in (number, foreign):
        assert theirs.post(f"/candidates/{case}/notice/file", {"notice": named}).status_code == 404


def test_equal_values_make_equal_bytes(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    first, second = (issue(handler, number, "notification") for _ in range(2))
    same = [zipfile.ZipFile(io.BytesIO(part)) for part in (first, second)]
    parts = [{entry: book.read(entry) for entry in book.namelist()} for book in same]
    different = {name for name in parts[0] if parts[0][name] != parts[1][name]}
    assert different == {"word/document.xml"}
    turned = parts[0]["word/document.xml"].decode().replace("0001号", "0002号")
    assert turned == parts[1]["word/document.xml"].decode()


def test_a_selection_is_one_archive_with_a_notice_for_each_and_is_all_or_nothing(desk: Desk) -> None:
    c = t.suspension_candidate.c
    with desk.engine.connect() as connection:
        wanted = select(c.candidate_id).where(c.status == "open", c.district.in_((OWN, FOREIGN)))
        chosen = list(connection.execute(wanted.order_by(c.candidate_id).limit(5)).scalars())
    boss = desk.person("boss", Role.SUPERVISOR, "*")
    sent = {"number": carried(boss, chosen), "kind": "verification", "reply_by": str(SOON)}
    archive = zipfile.ZipFile(io.BytesIO(boss.post("/candidates/notices", sent).content))
    assert archive.namelist() == [f"{number}.docx" for number in numbers(desk)]
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    written = "".join(text(archive.read(name)) for name in archive.namelist())
    assert all(number in written for number in chosen)
    with desk.engine.begin() as connection:
        ended = update(t.suspension_candidate).where(c.candidate_id == chosen[2]).values(status="withdrawn")
        connection.execute(ended)
    refused = boss.post("/candidates/notices", sent)
    assert (refused.status_code, f"{chosen[2]}：疑点已办结" in refused.text) == (400, True)
    assert len(numbers(desk)) == 5
    assert len(archive.namelist()) == 5


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_agencys_own_template_is_used_and_a_slip_in_it_is_named_and_numbers_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    desk.settings = replace(desk.settings, notice_templates=str(folder))
    desk.app = create(desk.settings, desk.served, desk.origin)
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    for wording, expected in (
        ("{{ nobody }}", "nobody"),
        ("{{ ''.__class__.__mro__ }}", "inquiry.docx"),
        ("{% for x %}", "inquiry.docx"),
    ):
        own = Document()
        own.add_paragraph(wording)
        own.save(str(folder / "inquiry.docx"))
        handler.get(f"/candidates/{number}")
        sent = {"kind": "inquiry", "reply_by": str(SOON)}
        refused = handler.post(f"/candidates/{number}/notice", sent)
        assert (refused.status_code, expected in refused.text) == (400, True)
    (folder / "inquiry.docx").write_bytes(b"no document")
    assert handler.post(f"/candidates/{number}/notice", sent).status_code == 400
    assert handler.post(f"/candidates/{number}/notice", sent | {"kind": "notification"}).status_code == 400
    assert numbers(desk) == []
    own = Document()
    own.add_paragraph("兹证明 {{ name }}，{{ number }}")
    own.save(str(folder / "inquiry.docx"))
    assert text(issue(handler, number, "inquiry")).endswith("0001号")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_markup_in_a_name_is_text_in_a_notice(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    odd = "甲</w:t><b>&{{ 7*7 }}{% x %}\x02"
    with desk.engine.begin() as connection:
        c = t.suspension_candidate.c
        person = select(c.person_id).where(c.candidate_id == number).scalar_subquery()
        connection.execute(update(t.recipient).where(t.recipient.c.person_id == person).values(name=odd))
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert "甲</w:t><b>&{{ 7*7 }}{% x %}" in text(issue(handler, number, "inquiry"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_libreoffice_opens_every_notice_with_nothing_left_unfilled(desk: Desk, tmp_path: Path) -> None:
    program = shutil.which("soffice")
    writer = program and (Path(program).resolve().parent / "libswlo.so").exists()
    if program is None or not writer:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no LibreOffice Writer here")
    number = desk.candidate(OWN, status="open", cause="REEMPLOYED")
    people = {kind: role for role, kinds in notice_kinds.MAY.items() for kind in kinds}
    for kind, role in people.items():
        person = desk.person(f"x-{kind}", role, OWN)
        (tmp_path / f"{kind}.docx").write_bytes(issue(person, number, kind))
    files = [str(tmp_path / f"{kind}.docx") for kind in people]
    command = [program, f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), *files],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    for kind in people:
        shown = (tmp_path / f"{kind}.txt").read_text("utf-8-sig")
        assert notice_kinds.SIGNS[kind] in shown
        assert DAY in shown
        assert not re.search(r"[{}]|None", shown)
