"""Who signs in at the city's own provider of identities, and who does not, whatever the provider answers."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey
from sqlalchemy import Engine, select

import pipelines.desk
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.desk import accounts, oidc, single_sign_on
from pipelines.desk.roles import Role
from pipelines.desk.serve import serve
from sql.desk_tables import desk_account, desk_session, desk_sign_in
from sql.tables import audit_event
from tests.desk import PASSWORD, PLACE, Desk, Person
from tests.provider import CLIENT, SECRET, STRANGER, Provider, provider

ONWARD = re.compile(r'<a href="(http[^"]+)">继续</a>')


@pytest.fixture(scope="module")
def serving() -> Iterator[Provider]:
    with provider() as serving:
        yield serving


@pytest.fixture
def city(serving: Provider) -> Provider:
    """The provider as it is when it does what it should."""
    fresh = Provider(serving.issuer)
    for name in ("subject", "algorithm", "key", "twist", "described", "asked"):
        setattr(serving, name, getattr(fresh, name))
    return serving


@pytest.fixture
def desk(database: Engine, city: Provider) -> Iterator[Desk]:
    opened = Desk(database, settings(city))
    opened.hire("boss", Role.SUPERVISOR, "*")
    bind(opened, "boss", "u-1")
    yield opened
    opened.close()


def settings(city: Provider) -> Settings:
    return Settings(oidc_issuer=city.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)


def bind(desk: Desk, account: str, subject: str) -> None:
    with desk.engine.begin() as connection:
        single_sign_on.bind(connection, account, desk.settings.oidc_issuer, subject, "测试")


def begin(person: Person) -> str:
    """Where the desk sends the browser."""
    page = person.post("/sign-in/single")
    assert page.status_code == 200, page.text
    onward = ONWARD.search(page.text)
    assert onward
    assert f'content="0; url={onward[1]}"' in page.text
    return unescape(onward[1])


def at_provider(address: str) -> str:
    """Where the provider sends the browser back to."""
    answer = httpx.get(address, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def last(desk: Desk) -> tuple[str, dict[str, object]]:
    with desk.engine.connect() as connection:
        row = connection.execute(select(audit_event).order_by(audit_event.c.seq.desc())).first()
        assert row is not None
        return row.action, json.loads(row.detail)


def is_out(desk: Desk, person: Person) -> bool:
    with desk.engine.connect() as connection:
        assert connection.execute(select(desk_session)).all() == []
    return person.get("/overview").url.path == "/sign-in"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_whom_an_administrator_named_signs_in_at_the_provider_and_needs_no_code_of_ours(
    desk: Desk, city: Provider, algorithm: str
) -> None:
    city.algorithm = algorithm
    person = desk.browser()
    address = begin(person)
    assert address.startswith(f"{city.issuer}/authorize?")
    back = at_provider(address)
    assert back.startswith(f"{PLACE}/sign-in/single/back?")
    page = person.get(back)
    assert page.status_code == 200
    assert '<a href="/">继续</a>' in page.text
    assert person.get("/overview").url.path == "/overview"
    assert last(desk)[1]["provider"] == city.issuer
    assert audit.verify(desk.engine).faults == ()
    with desk.engine.connect() as connection:
        assert connection.execute(select(desk_sign_in)).all() == []
        kept = connection.execute(select(desk_account)).mappings().all()
    assert "u-1" not in str(kept)


def test_a_provider_may_want_the_secret_in_the_form(desk: Desk, city: Provider) -> None:
    city.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    person = desk.browser()
    person.get(at_provider(begin(person)))
    assert person.get("/overview").url.path == "/overview"


def test_cookies_of_both_kinds_are_out_of_reach_of_scripts_and_only_that_of_the_way_back_crosses_sites(
    desk: Desk,
) -> None:
    person = desk.browser()
    page = person.post("/sign-in/single")
    lent = page.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= set(lent.split("; "))
    address = ONWARD.search(page.text)
    assert address
    given = person.get(at_provider(unescape(address[1]))).headers["set-cookie"]
    assert re.search(r"desk=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", given)


Twist = Callable[[dict[str, object]], dict[str, object]]
TWISTS: dict[str, Twist] = {
    "another nonce": lambda claims: claims | {"nonce": "x"},
    "no nonce": lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
    "another issuer": lambda claims: claims | {"iss": "https://elsewhere.example"},
    "another audience": lambda claims: claims | {"aud": "another desk"},
    "many audiences and another party": lambda claims: claims | {"aud": [CLIENT, "b"], "azp": "b"},
    "expired": lambda claims: claims | {"exp": 1_000_000_000},
    "no expiry": lambda claims: {k: v for k, v in claims.items() if k != "exp"},
    "of the future": lambda claims: claims | {"iat": 9_000_000_000},
    "no subject": lambda claims: {k: v for k, v in claims.items() if k != "sub"},
    "a subject that is a number": lambda claims: claims | {"sub": 1},
}


def test_a_token_that_is_not_for_this_sign_in_opens_nothing(desk: Desk, city: Provider) -> None:
    for name, city.twist in TWISTS.items():
        person = desk.browser()
        answer = person.get(at_provider(begin(person)))
        assert (answer.status_code, "没有通过" in answer.text) == (401, True), name
        assert is_out(desk, person), name
        action, detail = last(desk)
        assert (action, set(detail)) == ("sign_in_failed", {"address", "reason"}), name


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_the_provider_has_not_signed_opens_nothing(desk: Desk, city: Provider) -> None:
    shared = OctKey.import_key(SECRET, {"kid": "rsa"})
    for city.key, city.algorithm in ((STRANGER, "RS256"), (shared, "none"), (shared, "HS256")):
        person = desk.browser()
        assert person.get(at_provider(begin(person))).status_code == 401, city.algorithm
        assert is_out(desk, person), city.algorithm


def test_a_way_back_is_good_once_and_for_the_browser_that_began(desk: Desk) -> None:
    person, stranger = desk.browser(), desk.browser()
    back = at_provider(begin(person))
    begin(stranger)
    assert stranger.get(back).status_code == 401
    assert person.get(back).status_code == 200
    person.get("/overview")
    person.post("/sign-out")
    assert person.get(back).status_code == 401
    assert is_out(desk, person)
    for bogus in ("/sign-in/single/back", "/sign-in/single/back?state=x&code=y"):
        assert person.get(bogus).status_code == 401


def test_a_way_back_is_good_for_ten_minutes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    person = desk.browser()
    back = at_provider(begin(person))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000601")
    assert person.get(back).status_code == 401
    begin(person)
    with desk.engine.connect() as connection:
        assert len(connection.execute(select(desk_sign_in)).all()) == 1


def test_an_answer_that_names_another_provider_or_says_no_opens_nothing(desk: Desk, city: Provider) -> None:
    for changed in ("iss=https%3A%2F%2Felsewhere.example", "error=access_denied"):
        person = desk.browser()
        back = at_provider(begin(person))
        kept = re.sub(r"&iss=[^&]*", "", back)
        assert person.get(f"{kept}&{changed}").status_code == 401
        assert is_out(desk, person)


def test_whom_the_provider_knows_and_no_administrator_named_stays_out_and_gets_no_account(
    desk: Desk, city: Provider
) -> None:
    desk.hire("gone", Role.SUPERVISOR, "*")
    desk.hire("open", Role.SUPERVISOR, "*")
    for account in ("gone", "open"):
        bind(desk, account, account)
    with desk.engine.begin() as connection:
        accounts.lock(connection, "gone", "测试")
    bind(desk, "open", "")
    for city.subject, reason in (("u-2", "unknown"), ("gone", "locked"), ("open", "unknown")):
        person = desk.browser()
        answer = person.get(at_provider(begin(person)))
        assert (answer.status_code, "u-2" in answer.text) == (401, False)
        assert is_out(desk, person)
        assert last(desk)[1]["reason"] == reason
    with desk.engine.connect() as connection:
        assert set(connection.execute(select(desk_account.c.account)).scalars()) == {"boss", "gone", "open"}


def test_no_word_in_an_address_sends_a_browser_elsewhere(desk: Desk, city: Provider) -> None:
    person = desk.browser()
    page = person.post("/sign-in/single?next=https://elsewhere.example", {"next": "//elsewhere.example"})
    assert "elsewhere" not in page.text
    onward = ONWARD.search(page.text)
    assert onward
    asked = parse_qs(urlsplit(unescape(onward[1])).query)
    assert asked["redirect_uri"] == [f"{PLACE}/sign-in/single/back"]
    back = at_provider(unescape(onward[1]))
    page = person.get(f"{back}&next=https://elsewhere.example&redirect_uri=//elsewhere.example")
    assert "elsewhere" not in page.text
    stranger = desk.browser()
    answer = stranger.client.post("/sign-in/single", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_a_provider_that_is_not_the_one_or_speaks_openly_is_not_used(desk: Desk, city: Provider) -> None:
    for name, value in (
        ("authorization_endpoint", "http://elsewhere.example/"),
        ("token_endpoint", "http://elsewhere.example/"),
        ("jwks_uri", "javascript:alert(1)"),
        ("issuer", "https://elsewhere.example"),
    ):
        city.described = {name: value}
        answer = desk.browser().post("/sign-in/single")
        assert (answer.status_code, "此刻无法使用" in answer.text) == (503, True), name
        assert "elsewhere" not in answer.text, name


def test_a_password_opens_no_account_of_the_provider_until_it_is_reset(desk: Desk, city: Provider) -> None:
    person = desk.browser("boss")
    assert person.post("/sign-in", {"account": "boss", "password": PASSWORD}).status_code == 401
    with desk.engine.begin() as connection:
        password = accounts.reset(connection, "boss", "测试")
    page = person.post("/sign-in", {"account": "boss", "password": password})
    assert page.url.path == "/second-factor"
    other = desk.browser()
    assert other.get(at_provider(begin(other))).status_code == 401


def test_an_administrator_names_the_person_once_and_who_is_signed_in_is_out(desk: Desk) -> None:
    root = desk.person("root", Role.ADMINISTRATOR)
    desk.hire("auditor1", Role.AUDITOR)
    answer = root.post("/accounts/auditor1", {"act": "bind", "subject": "u-1"})
    assert (answer.status_code, "已对应账号 boss" in answer.text) == (400, True)
    person = desk.browser()
    person.get(at_provider(begin(person)))
    answer = root.post("/accounts/boss", {"act": "bind", "subject": "u-9"})
    assert (answer.status_code, "u-9" in answer.text) == (200, False)
    assert last(desk)[0] == "account_bind"
    assert person.get("/overview").url.path == "/sign-in"
    assert root.post("/accounts/root", {"act": "bind", "subject": "u-3"}).status_code == 400
    with pytest.raises(UsageError, match="没有账号"):
        bind(desk, "nobody", "u-4")


def test_a_city_without_a_provider_has_no_way_to_one(database: Engine) -> None:
    desk = Desk(database)
    person = desk.browser()
    assert "统一身份认证" not in person.get("/sign-in").text
    assert person.post("/sign-in/single").url.path == "/sign-in"
    assert person.get("/sign-in/single/back?state=x&code=y").url.path == "/sign-in"
    desk.close()


def test_settings_that_are_not_whole_are_named_before_anybody_comes(city: Provider) -> None:
    oidc.require(settings(city))
    with pytest.raises(UsageError, match="https"):
        oidc.require(replace(settings(city), oidc_issuer="http://login.example"))
    with pytest.raises(UsageError, match="oidc_client_id"):
        oidc.require(replace(settings(city), oidc_client_id=""))
    assert SECRET not in repr(settings(city))


def test_the_secret_stands_in_no_file_of_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", "utf-8")
    file = tmp_path / "crossmatch.toml"
    given = {"CROSSMATCH_CONFIG": str(file), "CROSSMATCH_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}
    file.write_text('oidc_client_secret = ""\n', "utf-8")
    assert Settings.load(given).oidc_client_secret == SECRET
    file.write_text('oidc_client_secret = "x"\n', "utf-8")
    with pytest.raises(UsageError, match="CROSSMATCH_OIDC_CLIENT_SECRET"):
        Settings.load(given)


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "authlib", None)
    monkeypatch.setitem(sys.modules, "authlib.oidc.core", None)
    monkeypatch.delitem(sys.modules, "pipelines.desk.oidc", raising=False)
    monkeypatch.delattr(pipelines.desk, "oidc", raising=False)
    with pytest.raises(UsageError, match=re.escape("benefit-crossmatch[desk-oidc]")):
        serve(Settings(oidc_issuer="https://login.example"), "127.0.0.1", 8460)
