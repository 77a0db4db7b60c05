"""Who gets in at the desk, and how a session ends."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.desk import accounts, origin, passwords
from pipelines.desk.roles import Role
from sql.desk_tables import desk_account, desk_session
from sql.tables import audit_event
from tests.desk import PASSWORD, PLACE, SECRET, Desk

NEW = "另一匹黑马过桥去 2027"


@pytest.fixture
def desk(database: Engine) -> Iterator[Desk]:
    opened = Desk(database)
    yield opened
    opened.close()


def actions(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(audit_event.c.action).order_by(audit_event.c.seq)).scalars())


def test_a_first_sign_in_sets_the_second_factor_and_a_password_before_any_page(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        first = accounts.add(connection, "root", "管理员甲", Role.ADMINISTRATOR, [], "安装")
    person = desk.browser("root")
    page = person.post("/sign-in", {"account": "root", "password": first})
    assert page.url.path == "/second-factor"
    assert person.get("/accounts").url.path == "/second-factor"
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page.text)
    assert secret
    page = person.post("/second-factor", {"code": pyotp.TOTP(secret[1]).at(datetime.now(UTC))})
    assert page.url.path == "/password"
    assert person.get("/accounts").url.path == "/password"
    page = person.post("/password", {"old": first, "new": NEW, "again": NEW})
    assert page.url.path == "/accounts"
    assert actions(desk.engine) == [
        "account_add", "sign_in", "second_factor_begun", "second_factor", "password_change",
    ]  # fmt: skip
    assert audit.verify(desk.engine).faults == ()


def test_a_secret_that_was_used_once_is_never_shown_again(desk: Desk) -> None:
    desk.hire("root", Role.ADMINISTRATOR)
    page = desk.browser("root").post("/sign-in", {"account": "root", "password": PASSWORD})
    assert page.url.path == "/second-factor"
    assert SECRET not in page.text


def test_a_code_opens_the_desk_once(desk: Desk) -> None:
    desk.hire("root", Role.ADMINISTRATOR)
    code = pyotp.TOTP(SECRET).at(datetime.now(UTC))
    for expected in ("/accounts", "/second-factor"):
        person = desk.browser("root")
        person.post("/sign-in", {"account": "root", "password": PASSWORD})
        assert person.post("/second-factor", {"code": code}).url.path == expected


def test_five_wrong_codes_bar_the_account_however_often_the_right_password_is_given(desk: Desk) -> None:
    desk.hire("root", Role.ADMINISTRATOR)
    for _ in range(5):
        person = desk.browser("root")
        person.post("/sign-in", {"account": "root", "password": PASSWORD})
        assert person.post("/second-factor", {"code": "x"}).status_code == 401
    code = pyotp.TOTP(SECRET).at(datetime.now(UTC))
    assert person.post("/second-factor", {"code": code}).status_code == 401
    assert person.get("/accounts").url.path == "/second-factor"


@pytest.mark.parametrize("act", ["sign in", "change"])
def test_a_password_that_is_reset_while_it_is_checked_opens_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    person = desk.person("handler1", Role.HANDLER, "500106")
    is_right = passwords.is_right

    def reset_behind(kept: str | None, password: str) -> bool:
        monkeypatch.setattr(passwords, "is_right", is_right)
        right = is_right(kept, password)
        with desk.engine.begin() as connection:
            accounts.reset(connection, "handler1", "测试")
        return right

    monkeypatch.setattr(passwords, "is_right", reset_behind)
    if act == "sign in":
        answer = desk.browser().post("/sign-in", {"account": "handler1", "password": PASSWORD})
        assert answer.status_code == 401
    else:
        assert person.post("/password", {"old": PASSWORD, "new": NEW, "again": NEW}).status_code == 400
    with desk.engine.connect() as connection:
        assert connection.execute(select(desk_session)).all() == []
        assert connection.execute(select(desk_account.c.must_change)).scalar_one()


def test_no_address_is_mended_by_a_redirect_that_repeats_the_host_it_was_sent(desk: Desk) -> None:
    person = desk.browser()
    person.client.follow_redirects = False
    answer = person.client.post("/sign-in/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("short", "12"),
        ("aaaaaaaaaaaaaaaa", "不同的字符太少"),
        ("handler1 本人的口令", "账号或姓名"),
        (PASSWORD, "相同"),
    ],
)
def test_a_password_that_is_too_easy_is_refused_and_says_why(desk: Desk, new: str, says: str) -> None:
    person = desk.person("handler1", Role.HANDLER, "500106")
    answer = person.post("/password", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 400
    assert says in answer.text


def test_five_wrong_passwords_bar_the_account_for_fifteen_minutes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hire("handler1", Role.HANDLER, "500106")
    person = desk.browser("handler1")
    now = int(time.time())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now))
    for _ in range(5):
        assert person.post("/sign-in", {"account": "handler1", "password": "错"}).status_code == 401
    for later, status in ((0, 401), (899, 401), (901, 200)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now + later))
        answer = person.post("/sign-in", {"account": "handler1", "password": PASSWORD})
        assert (later, answer.status_code, answer.url.path == "/sign-in") == (later, status, status == 401)


def test_a_wrong_name_a_wrong_password_and_a_barred_account_get_the_same_answer(desk: Desk) -> None:
    desk.hire("handler1", Role.HANDLER, "500106")
    desk.hire("handler2", Role.HANDLER, "500106")
    with desk.engine.begin() as connection:
        accounts.lock(connection, "handler2", "测试")
    tried = [("nobody", "x"), ("handler1", "x"), ("handler2", PASSWORD)]
    answers = []
    for account, password in tried:
        page = desk.browser().post("/sign-in", {"account": account, "password": password})
        answers.append((page.status_code, page.text.replace(account, "")))
    assert len(set(answers)) == 1
    assert actions(desk.engine)[-3:] == ["sign_in_failed"] * 3


def test_an_unknown_name_takes_as_long_as_a_wrong_password(desk: Desk) -> None:
    desk.hire("handler1", Role.HANDLER, "500106")
    person = desk.browser()
    took: dict[str, list[float]] = {"handler1": [], "nobody": []}
    for _ in range(4):
        for account, times in took.items():
            begun = time.perf_counter()
            person.post("/sign-in", {"account": account, "password": "错"})
            times.append(time.perf_counter() - begun)
    known, unknown = (min(times) for times in took.values())
    assert 0.4 < unknown / known < 2.5


def test_the_typed_name_of_nobody_is_in_no_record(desk: Desk) -> None:
    desk.browser().post("/sign-in", {"account": PASSWORD, "password": "x"})
    with desk.engine.connect() as connection:
        kept = [str(tuple(row)) for row in connection.execute(select(audit_event))]
    assert kept
    assert not any(PASSWORD in row for row in kept)


def test_a_session_ends_after_half_an_hour_of_silence_and_after_eight_hours(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hire("root", Role.ADMINISTRATOR)
    now = int(time.time())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now))
    quiet, busy = desk.browser("root"), desk.browser("root")
    quiet.sign_in()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now + 60))
    busy.post("/sign-in", {"account": "root", "password": PASSWORD})
    busy.post("/second-factor", {"code": pyotp.TOTP(SECRET).at(now + 60)})
    assert busy.get("/accounts").url.path == "/accounts"
    for minute in range(20, 8 * 60, 20):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now + minute * 60))
        assert busy.get("/accounts").url.path == "/accounts"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now + 31 * 60))
    assert quiet.get("/accounts").url.path == "/sign-in"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now + 8 * 3600 + 61))
    assert busy.get("/accounts").url.path == "/sign-in"


@pytest.mark.parametrize("act", ["lock", "reset", "move"])
def test_whoever_is_locked_reset_or_moved_is_out_at_once(desk: Desk, act: str) -> None:
    handler = desk.person("handler1", Role.HANDLER, "500106")
    root = desk.person("root", Role.ADMINISTRATOR)
    root.get("/accounts/handler1")
    answer = root.post("/accounts/handler1", {"act": act, "role": "checker", "districts": "500107"})
    assert answer.status_code == 200
    assert handler.get("/password").url.path == "/sign-in"


def test_signing_out_ends_the_session_on_the_server_too(desk: Desk) -> None:
    person = desk.person("root", Role.ADMINISTRATOR)
    token = person.client.cookies["desk"]
    assert person.post("/sign-out").url.path == "/sign-in"
    person.client.cookies.set("desk", token)
    assert person.get("/accounts").url.path == "/sign-in"
    assert actions(desk.engine)[-1] == "sign_out"


def test_a_token_that_somebody_put_into_the_browser_is_not_the_one_after_sign_in(desk: Desk) -> None:
    desk.hire("root", Role.ADMINISTRATOR)
    person = desk.browser("root")
    person.client.cookies.set("desk", "planted")
    given = person.post("/sign-in", {"account": "root", "password": PASSWORD}).history[0]
    assert re.match("desk=[0-9A-Za-z_-]{43};", given.headers["set-cookie"])
    other = desk.browser()
    other.client.cookies.set("desk", "planted")
    assert other.get("/accounts").url.path == "/sign-in"


def test_the_database_holds_no_token_and_no_password(desk: Desk) -> None:
    person = desk.person("root", Role.ADMINISTRATOR)
    with desk.engine.connect() as connection:
        kept = str(
            connection.execute(select(desk_session)).all() + connection.execute(select(desk_account)).all()
        )
    assert person.client.cookies["desk"] not in kept
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


def test_one_person_has_one_account_however_the_name_is_written(desk: Desk) -> None:
    desk.hire("handler1", Role.HANDLER, "500106", name="张小燕")
    with desk.engine.begin() as connection, pytest.raises(UsageError, match="同名"):
        accounts.add(connection, "checker1", "張 小燕（复核）", Role.CHECKER, ["500106"], "测试")
    with pytest.raises(IntegrityError), desk.engine.begin() as connection:
        connection.execute(update(desk_account).values(signature=desk_account.c.signature, role="nobody"))


@pytest.mark.parametrize(
    ("role", "districts", "says"),
    [
        ("boss", ["500106"], "没有这个岗位"),
        ("handler", [], "区县代码"),
        ("handler", ["*", "500106"], "单独一个"),
        ("handler", ["5001"], "六位"),
        ("auditor", ["*"], "不设区县"),
        ("administrator", ["500106"], "不设区县"),
    ],
)
def test_an_account_has_one_role_and_the_districts_that_go_with_it(
    desk: Desk, role: str, districts: list[str], says: str
) -> None:
    with desk.engine.begin() as connection, pytest.raises(UsageError, match=says):
        accounts.add(connection, "someone", "某人", role, districts, "测试")


def test_behind_tls_the_cookie_is_bound_to_the_host_and_never_leaves_tls(desk: Desk) -> None:
    known = origin.of("127.0.0.1", 8460, "https://desk.example", "10.0.0.1")
    assert (known.encrypted, known.cookie) == (True, "__Host-desk")
    assert known.client("10.0.0.1", ["6.6.6.6, 10.1.2.3"]) == "10.1.2.3"
    assert known.client("10.0.0.1", ["6.6.6.6", "7.7.7.7, 10.1.2.3"]) == "10.1.2.3"
    assert known.client("10.9.9.9", ["10.1.2.3"]) == "10.9.9.9"
    assert known.client("10.0.0.1", []) == "10.0.0.1"
    with pytest.raises(UsageError, match="desk_origin"):
        origin.of("0.0.0.0", 8460, "", "")
    with pytest.raises(UsageError, match="明文"):
        origin.of("0.0.0.0", 8460, "http://desk.example", "")


def test_a_form_from_elsewhere_or_without_its_token_is_refused_and_on_record(desk: Desk) -> None:
    person = desk.person("root", Role.ADMINISTRATOR)
    form = {"csrf": person.csrf, "account": "evil", "name": "某", "role": "administrator"}
    elsewhere = [
        {"origin": "https://elsewhere.example"},
        {"origin": PLACE, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": PLACE},
        {"origin": "null"},
        {},
        {"referer": "http://127.0.0.1:8460.elsewhere.example/"},
    ]
    for headers in elsewhere:
        assert person.client.post("/accounts", data=form, headers=headers).status_code == 403, headers
    for csrf in ("", "0" * 64, "甲"):
        assert person.post("/accounts", form | {"csrf": csrf}).status_code == 403
    assert person.client.get("/accounts", headers={"host": "elsewhere.example"}).status_code == 421
    with desk.engine.connect() as connection:
        assert connection.execute(select(desk_account.c.account)).scalars().all() == ["root"]
    assert actions(desk.engine).count("refused") == len(elsewhere) + 4


def test_every_answer_keeps_the_page_to_itself(desk: Desk) -> None:
    person = desk.person("root", Role.ADMINISTRATOR)
    for path in ("/accounts", "/nowhere", "/sign-in", "/style.css"):
        answer = person.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert path == "/style.css" or answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|style=|<style|https?://(?!127)", answer.text), path
    given = desk.browser("root").post("/sign-in", {"account": "root", "password": PASSWORD}).history[0]
    kept = given.headers["set-cookie"].casefold()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert "domain" not in kept


def test_a_form_that_is_too_large_or_no_form_is_refused(desk: Desk) -> None:
    person = desk.person("root", Role.ADMINISTRATOR)
    assert person.post("/accounts", {"name": "字" * 300_000}).status_code == 413
    broken = {"content-type": "multipart/form-data; boundary=x", "origin": PLACE}
    assert person.client.post("/accounts", content=b"--x\r\nrubbish", headers=broken).status_code in (
        403,
        413,
    )
    assert person.post("/accounts", {f"field{n}": "1" for n in range(3000)}).status_code == 413
