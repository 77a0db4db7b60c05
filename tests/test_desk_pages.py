"""What people see and do at the desk, and what nobody gets."""

import ast
import itertools
import json
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, update

import pipelines
from pipelines.database import lock
from pipelines.desk import accounts, trail
from pipelines.desk.pages import case
from pipelines.desk.roles import NO_DISTRICTS, Role
from pipelines.desk.route import Scope
from pipelines.desk.routes import ROUTES
from sql import tables as t
from tests.desk import Desk, Person, decide, events, hidden, status

OWN, FOREIGN = "500106", "500229"
LONG = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{17}[0-9X](?![0-9A-Za-z])|(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])"
)


def particulars(desk: Desk, number: str) -> tuple[str, str, str]:
    c, r = t.suspension_candidate.c, t.recipient
    joined = select(r.c.name, r.c.id_number, r.c.phone).join(
        t.suspension_candidate, c.person_id == r.c.person_id
    )
    with desk.engine.connect() as connection:
        return tuple(connection.execute(joined.where(c.candidate_id == number)).one())  # type: ignore[return-value]


def test_every_role_gets_at_every_address_what_the_table_says_and_no_foreign_district(desk: Desk) -> None:
    numbers = {"own": desk.candidate(OWN), "foreign": desk.candidate(FOREIGN), "none": "YD0000000000000000"}
    people: dict[Role | None, Person] = {None: desk.browser()}
    for role in Role:
        people[role] = desk.person(f"x-{role}", role, *(() if role in NO_DISTRICTS else (OWN,)))
    unexpected = []
    for (role, person), route in itertools.product(people.items(), ROUTES):
        if route.path in ("/sign-in", "/sign-out"):
            continue
        for kind, number in numbers.items() if route.scope is Scope.CASE else [("", "")]:
            path = route.path.replace("{candidate_id}", number).replace("{account}", "x-handler")
            for method in route.methods:
                person.client.follow_redirects = False
                if method == "POST":
                    answer = person.post(path, {"reason": "核对证件号码"})
                else:
                    answer = person.client.get(path)
                person.client.follow_redirects = True
                expected = {200, 204, 400, 303}
                if route.roles is not None and role is None:
                    expected = {303}
                elif (route.roles is not None and role not in route.roles) or route.scope is Scope.CITY:
                    expected = {403}
                elif kind in ("foreign", "none"):
                    expected = {404}
                if answer.status_code not in expected:
                    unexpected.append((role, method, path, kind, answer.status_code))
                if role is None and route.roles is not None:
                    assert answer.headers["location"] == "/sign-in"
    assert unexpected == []


def test_a_refused_address_is_in_the_audit_by_whom(desk: Desk) -> None:
    number = desk.candidate(FOREIGN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    assert handler.get(f"/candidates/{number}").status_code == 404
    assert events(desk, f"/candidates/{number}") == [("区县经办handler1", "refused")]
    assert events(desk, number) == []


def test_what_is_not_there_and_what_is_anothers_look_the_same(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    pages = {
        re.sub("[0-9a-f]{64}", "", handler.get(f"/candidates/{number}").text)
        for number in (desk.candidate(FOREIGN), "YD0000000000000000")
    }
    assert len(pages) == 1


def test_the_list_shows_the_own_district_in_the_order_of_the_workbook_and_every_candidate_once(
    desk: Desk,
) -> None:
    settled = [desk.candidate(OWN, tier=tier, status="open") for tier in ("precise", "important")]
    c = t.suspension_candidate.c
    with desk.engine.begin() as connection:
        proven = update(t.suspension_candidate).where(c.candidate_id.in_(settled))
        connection.execute(proven.values(status="confirmed", preventable_fen=9_000_000))
    supervisor = desk.person("boss", Role.SUPERVISOR, "*")
    seen, path = [], "/candidates"
    while path:
        page = supervisor.get(path).text
        seen += re.findall(r'href="/candidates/(YD[0-9A-Z]+)"', page)
        following = re.search(r'href="(/candidates\?[^"]*after=[^"]*)"', page)
        path = unescape(following[1]) if following else ""
    from pipelines.reports.deriving import aged
    from pipelines.reports.ranking import in_order
    from pipelines.reports.reading import candidates
    from tests.findings import NIGHTS

    with desk.engine.connect() as connection:
        every = aged(candidates(connection, NIGHTS[-1]), NIGHTS[-1])
    assert seen == list(in_order(every[every["active"]])["candidate_id"])
    assert seen[-2:] == settled
    of_tier = supervisor.get("/candidates?tier=precise").text
    assert settled[0] in of_tier
    handler = desk.person("handler1", Role.HANDLER, OWN)
    own = re.findall(r'href="/candidates/(YD[0-9A-Z]+)"', handler.get("/candidates").text)
    districts = every.set_index("candidate_id")["district"]
    assert own
    assert {districts[number] for number in own} == {OWN}


def test_a_filter_that_cannot_be_read_narrows_nothing_and_a_foreign_district_shows_nothing(
    desk: Desk,
) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    every = handler.get("/candidates").text.count('scope="row"')
    odd = handler.get("/candidates?age=soon&yuan=much&after=~~~&status=nothing&tier=").text
    assert odd.count('scope="row"') >= every
    assert 'href="/candidates/YD' not in handler.get(f"/candidates?district={FOREIGN}").text
    quoted = handler.get("/candidates?district=%27%20OR%201%3D1--&cause=%00")
    assert 'href="/candidates/YD' not in quoted.text


def test_a_search_finds_a_whole_number_or_name_and_no_part_of_it(desk: Desk) -> None:
    number = desk.candidate(OWN)
    name, id_number, _ = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get("/candidates")
    for words in (number, id_number, name):
        answer = handler.post("/candidates/search", {"words": words})
        assert f'href="/candidates/{number}"' in answer.text
        assert words == number or id_number not in answer.text
    for part in (id_number[:17], id_number[:6], name[:1] + "%", "%", "__", number[:10]):
        assert 'href="/candidates/YD' not in handler.post("/candidates/search", {"words": part}).text
    foreign = particulars(desk, desk.candidate(FOREIGN))
    assert 'href="/candidates/YD' not in handler.post("/candidates/search", {"words": foreign[1]}).text
    assert handler.client.get(f"/candidates/search?words={id_number}").status_code == 404


def test_no_number_of_a_person_is_in_any_page_title_address_or_header_without_reveal(desk: Desk) -> None:
    people = [
        desk.person("handler1", Role.HANDLER, OWN),
        desk.person("boss", Role.SUPERVISOR, "*"),
        desk.person("steward1", Role.STEWARD, "*"),
        desk.person("look", Role.AUDITOR),
    ]
    number = desk.candidate(OWN)
    paths = [r.path.replace("{candidate_id}", number) for r in ROUTES if "GET" in r.methods]
    for person, path in itertools.product(people, paths):
        answer = person.get(path)
        assert not LONG.search(answer.text), path
        assert not LONG.search(str(answer.headers) + str(answer.url))


def test_a_number_is_shown_for_a_reason_and_the_reason_is_on_record(desk: Desk) -> None:
    number = desk.candidate(OWN)
    name, id_number, phone = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    page = handler.get(f"/candidates/{number}").text
    assert id_number not in page
    refused = handler.post(f"/candidates/{number}/reveal", {"reason": "看看"})
    assert (refused.status_code, id_number in refused.text) == (400, False)
    shown = handler.post(f"/candidates/{number}/reveal", {"reason": "电话核实本人"})
    assert all(value in shown.text for value in (name, id_number, phone))
    assert id_number not in re.search("<title>(.*)</title>", shown.text)[1]  # type: ignore[index]
    assert [action for _, action in events(desk, number)] == ["case_view", "case_view", "reveal"]
    with desk.engine.connect() as connection:
        detail = select(t.audit_event.c.detail).where(t.audit_event.c.action == "reveal")
        assert json.loads(connection.execute(detail).scalar_one()) == {"reason": "电话核实本人"}


def test_more_than_twenty_reveals_in_an_hour_are_brought_before_the_auditor(desk: Desk) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get(f"/candidates/{number}")
    for _ in range(20):
        handler.post(f"/candidates/{number}/reveal", {"reason": "逐个抄下来"})
    assert events(desk, "handler1")[-1][1] != "reveal_many"
    handler.post(f"/candidates/{number}/reveal", {"reason": "逐个抄下来"})
    assert events(desk, "handler1")[-1] == ("区县经办handler1", "reveal_many")


def test_who_reveals_without_end_is_shown_no_more_and_it_is_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case, "MOST_REVEALS", 2)
    number = desk.candidate(OWN)
    _, id_number, _ = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.get(f"/candidates/{number}")
    reveal = f"/candidates/{number}/reveal"
    answers = [handler.post(reveal, {"reason": "逐个抄下来"}) for _ in range(3)]
    assert [(answer.status_code, id_number in answer.text) for answer in answers] == [
        (200, True), (200, True), (429, False),
    ]  # fmt: skip
    assert events(desk, reveal) == [("区县经办handler1", "refused")]


def test_a_number_that_somebody_put_into_a_note_is_covered_until_it_is_revealed(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    _, id_number, _ = particulars(desk, number)
    handler = desk.person("handler1", Role.HANDLER, OWN)
    decide(handler, number, decision="verifying", note=f"本人出示{id_number}原件")
    page = handler.get(f"/candidates/{number}").text
    assert "原件" in page
    assert id_number not in page
    shown = handler.post(f"/candidates/{number}/reveal", {"reason": "电话核实本人"}).text
    assert f"本人出示{id_number}原件" in shown


def test_a_decision_that_must_wait_for_a_run_keeps_everything_that_was_typed(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    handler = desk.person("handler1", Role.HANDLER, OWN)
    page = handler.get(f"/candidates/{number}").text
    carried = {name: hidden(page, name) for name in ("version", "form")}
    typed = {"decision": "notified", "notice_on": "2026-10-21", "note": "已当面告知本人，听取申辩"}
    with lock.held(desk.engine):
        answer = handler.post(f"/candidates/{number}/decision", carried | typed)
    assert answer.status_code == 503
    assert 'role="alert"' in answer.text
    assert all(value in answer.text for value in ("2026-10-21", typed["note"]))
    assert {name: hidden(answer.text, name) for name in carried} == carried
    assert status(desk, number) == "open"
    handler.post(f"/candidates/{number}/decision", carried | typed)
    assert status(desk, number) == "notified"


def test_a_case_gives_each_article_with_its_words_and_since_when_it_holds(desk: Desk) -> None:
    page = desk.person("handler1", Role.HANDLER, OWN).get(f"/candidates/{desk.candidate(OWN)}").text
    articles = page.split("<h2>政策依据</h2>")[1].split("</ul>")[0].split("<li>")[1:]
    assert articles
    assert all(re.search(r"\d{4}-\d\d-\d\d 起施行", article) for article in articles)


def test_a_case_counts_claims_elsewhere_and_tells_of_no_foreign_suspicion(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    c, handler = t.suspension_candidate.c, desk.person("handler1", Role.HANDLER, OWN)
    count = re.compile("另有 [0-9]+ 项")
    before = count.findall(handler.get(f"/candidates/{number}").text)
    with desk.engine.begin() as connection:
        person = select(c.person_id).where(c.candidate_id == number).scalar_subquery()
        own = connection.execute(select(person)).scalar_one()
        other = c.candidate_id == desk.candidate(FOREIGN)
        connection.execute(update(t.suspension_candidate).where(other).values(person_id=own))
    assert count.findall(handler.get(f"/candidates/{number}").text) == before


def test_a_field_beside_a_file_is_no_larger_than_any_other(desk: Desk) -> None:
    steward = desk.person("steward1", Role.STEWARD, "*")
    sent = {"file": ("a.csv", b"x" * 300_000)}
    assert steward.post("/data/check", {"feed": "x"}, files=sent).status_code == 400
    assert steward.post("/data/check", {"feed": "x" * 300_000}, files=sent).status_code == 413


def test_the_auditor_is_shown_first_which_accounts_were_made_reset_or_moved(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        accounts.add(connection, "maker1", "某甲", Role.HANDLER, [OWN], "安装")
        accounts.reset(connection, "maker1", "安装")
        accounts.move(connection, "maker1", Role.CHECKER, [OWN], "安装")
    page = desk.person("look", Role.AUDITOR).get("/audit").text
    first = re.search("请先看(.*?)</section>", page, re.S)
    assert first
    assert all(f"{act}　maker1" in first[1] for act in ("建立账号", "重置口令", "更改岗位或区县"))


def test_every_event_that_is_recorded_has_a_word_for_the_auditor() -> None:
    recorded = set()
    for file in Path(pipelines.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                recorded |= {ast.literal_eval(action) for action in node.args[2:3] if is_text(action)}
    assert len(recorded) > 40
    assert recorded - set(trail.WORDS) == set()


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_what_people_type_is_shown_as_text_wherever_it_stands(desk: Desk) -> None:
    number = desk.candidate(OWN, status="open")
    evil = "\"><script>alert(1)</script><img src=x onerror='a'>{{7*71428571428571}}"
    handler = desk.person("handler1", Role.HANDLER, OWN, name='甲"><b>')
    decide(handler, number, decision="verifying", note=evil)
    root = desk.person("root", Role.ADMINISTRATOR)
    for person, path in (
        (handler, f"/candidates/{number}"),
        (root, "/accounts"),
        (root, "/accounts/handler1"),
    ):
        page = person.get(path).text
        assert "<script" not in page
        assert "<img" not in page
        assert "<b>" not in page
        assert "499999999999997" not in page
    assert "&lt;script&gt;" in handler.get(f"/candidates/{number}").text
    odd = handler.post("/candidates/search", {"words": evil})
    assert "<script" not in odd.text


def test_no_address_leads_out_of_the_desk(desk: Desk) -> None:
    handler = desk.person("handler1", Role.HANDLER, OWN)
    handler.client.follow_redirects = False
    for path in (
        "/sign-in?next=https://elsewhere.example",
        "/?next=//elsewhere.example",
        "//elsewhere.example/",
    ):
        answer = handler.client.get(path)
        assert "elsewhere" not in answer.headers.get("location", "")
    for path in (
        "/candidates/..%2f..%2fetc%2fpasswd",
        "/candidates/YD%0d%0aset-cookie:x=1",
        "/style.css/../../x",
    ):
        answer = handler.client.get(path)
        assert answer.status_code in (404, 303)
        assert "x=1" not in answer.headers.get("set-cookie", "")


def test_the_auditor_sees_who_did_what_verifies_the_chain_and_takes_a_copy_without_formulas(
    desk: Desk,
) -> None:
    number = desk.candidate(OWN)
    handler = desk.person("handler1", Role.HANDLER, OWN, name="=cmd()甲")
    handler.get(f"/candidates/{number}")
    handler.post(f"/candidates/{number}/reveal", {"reason": "电话核实本人"})
    look = desk.person("look", Role.AUDITOR)
    page = look.post("/audit", {"subject": number}).text
    assert "查看疑点" in page
    assert "电话核实本人" in page
    assert "完整" in look.post("/audit/verify").text
    copied = look.post("/audit/export", {"subject": number})
    lines = copied.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["case_view", "reveal"]
    assert {line.split(",")[2] for line in lines[1:]} == {"'=cmd()甲"}
    assert "attachment" in copied.headers["content-disposition"]
    assert events(desk, "audit")[-1] == ("审计look", "audit_export")
    assert "不完整" in look.post("/audit/verify", {"head": "f" * 64}).text
