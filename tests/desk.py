"""A desk for tests: the application on a benefit database, and people who are signed in to it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import httpx
import psycopg
import pyotp
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

import sql
from pipelines.base.settings import Settings
from pipelines.desk import accounts, origin, passwords
from pipelines.desk.app import create
from pipelines.desk.roles import NO_DISTRICTS, WORDS, Role
from sql.desk_tables import desk_account
from sql.tables import audit_event, suspension_candidate

PLACE = "http://127.0.0.1:8460"
PASSWORD = "一匹白马过河去 2026"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
ROLES = Path(sql.__file__).parent / "roles" / "postgresql.sql"
HASHED = passwords.hashed(PASSWORD)


def as_desk(engine: Engine) -> Engine:
    """An engine of its own for the application: on PostgreSQL of the role ``desk``, all rights granted."""
    if engine.dialect.name == "postgresql":
        url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ROLES.read_bytes())
        return sql.connect(engine.url.set(username="desk").render_as_string(hide_password=False))
    return sql.connect(engine.url.render_as_string(hide_password=False))


@dataclass
class Person:
    """Somebody with a browser without script; forms carry what the page of the desk put into them."""

    client: TestClient
    account: str
    csrf: str = field(default="")

    def get(self, path: str) -> httpx.Response:
        return self._noted(self.client.get(path))

    def post(self, path: str, data: dict[str, object] | None = None, **sent: object) -> httpx.Response:
        values = {"csrf": self.csrf} | (data or {})
        return self._noted(self.client.post(path, data=values, headers={"origin": PLACE}, **sent))

    def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        answer = self.post("/sign-in", {"account": self.account, "password": password})
        if "动态验证码" in answer.text:
            answer = self.post("/second-factor", {"code": pyotp.TOTP(SECRET).at(datetime.now(UTC))})
        return answer

    def _noted(self, answer: httpx.Response) -> httpx.Response:
        if found := TOKEN.search(answer.text):
            self.csrf = found[1]
        return answer


class Desk:
    """The desk on one database, and who has an account there.

    ``engine``: of the database's owner, who sees everything. On PostgreSQL the application works as ``desk``.
    """

    def __init__(self, engine: Engine, settings: Settings | None = None) -> None:
        self.engine = engine
        self.settings = settings or Settings()
        self.served = as_desk(engine)
        self.origin = origin.of("127.0.0.1", 8460, "", "")
        self.app = create(self.settings, self.served, self.origin)

    def close(self) -> None:
        self.served.dispose()

    def candidate(self, district: str, **wanted: object) -> str:
        """The first candidate of the district whose columns are as ``wanted``."""
        c = suspension_candidate.c
        asked = select(c.candidate_id).where(c.district == district, *(c[k] == v for k, v in wanted.items()))
        with self.engine.connect() as connection:
            return str(connection.execute(asked.order_by(c.candidate_id)).scalars().first())

    def browser(self, account: str = "") -> Person:
        return Person(TestClient(self.app, PLACE, client=("127.0.0.1", 50000)), account)

    def hire(self, account: str, role: Role, *districts: str, name: str = "") -> None:
        """An account that has set its password and, where its role needs one, its second factor."""
        kept = () if role in NO_DISTRICTS else districts
        with self.engine.begin() as connection:
            accounts.add(connection, account, name or f"{WORDS[role]}{account}", role, kept, "测试")
            ready: dict[str, object] = {"password_hash": HASHED, "must_change": False}
            second = {"totp_secret": SECRET, "totp_step": 0}
            own = desk_account.c.account == account
            connection.execute(update(desk_account).where(own).values(**ready, **second))

    def person(self, account: str, role: Role, *districts: str, name: str = "") -> Person:
        """Somebody new who is signed in."""
        self.hire(account, role, *districts, name=name)
        person = self.browser(account)
        answer = person.sign_in()
        assert answer.status_code in (200, 404), unescape(answer.text)
        return person


def events(desk: Desk, subject: str) -> list[tuple[str, str]]:
    c = audit_event.c
    with desk.engine.connect() as connection:
        rows = connection.execute(select(c.actor, c.action).where(c.subject == subject).order_by(c.seq))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def status(desk: Desk, number: str) -> str:
    c = suspension_candidate.c
    with desk.engine.connect() as connection:
        return str(connection.execute(select(c.status).where(c.candidate_id == number)).scalar_one())


def hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match, name
    return match[1]


def decide(person: Person, number: str, **fields: str) -> object:
    page = person.get(f"/candidates/{number}").text
    carried = {name: hidden(page, name) for name in ("version", "form")}
    return person.post(f"/candidates/{number}/decision", carried | fields)
