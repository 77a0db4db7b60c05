"""The digest after a night: counts only, sent once, and a dead hook fails nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, select, update

from matchers.lifecycle import Status
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.reports import contents, notify, overdue
from sql import tables as t
from tests.findings import NIGHTS, city

pytest.importorskip("apprise")


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=40).fill(database)
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


@contextmanager
def hook(port: int = 0) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A hook on this machine: its port and the messages that reached it."""
    messages: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", port), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, messages
    server.shutdown()
    server.server_close()


def address(port: int) -> dict[str, str]:
    return {notify.VARIABLE: f"json://127.0.0.1:{port}/"}


def waiting(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(
            connection.execute(select(t.outbox.c.attempts).where(t.outbox.c.sent_at.is_(None))).scalars()
        )


def test_nothing_is_sent_unless_an_address_is_set(database: Engine, settings: Settings) -> None:
    assert notify.after_night(settings, NIGHTS[-1], {}) == {"sent": 0, "waiting": 0}
    assert waiting(database) == []


def test_a_digest_is_sent_once(settings: Settings) -> None:
    with hook() as (port, messages):
        assert notify.after_night(settings, NIGHTS[-1], address(port)) == {"sent": 1, "waiting": 0}
        assert notify.after_night(settings, NIGHTS[-1], address(port)) == {"sent": 0, "waiting": 0}
    assert [message["title"] for message in messages] == ["失业保险待遇比对夜报 2026-10-20"]
    assert "下次发放前可止付" in messages[0]["message"]


def test_a_dead_hook_fails_nothing_and_is_tried_again(database: Engine, settings: Settings) -> None:
    with hook() as (port, _):
        pass
    assert notify.after_night(settings, NIGHTS[-1], address(port)) == {"sent": 0, "waiting": 1}
    assert waiting(database) == [1]
    with hook(port) as (_, messages):
        assert notify.after_night(settings, NIGHTS[-1], address(port)) == {"sent": 1, "waiting": 0}
    assert len(messages) == 1


def test_a_digest_says_how_many_answers_are_late_and_of_whom(database: Engine, settings: Settings) -> None:
    with database.begin() as connection:
        connection.execute(update(t.suspension_candidate).values(status=Status.DISPATCHED))
    read = replace(contents.read(database, Store(settings.store), NIGHTS[-1]), reply_days=0)
    late = overdue.by_district(read)
    [line] = [line for line in notify.digest(read)[1].split("\n") if "逾期" in line]
    assert line.startswith(
        f"逾期未答复 {sum(row['count'] for row in late)} 件（下发后超过 {read.reply_days} 天）："
    )
    assert f"{late[0]['name']} {late[0]['count']} 件" in line
    assert "逾期" not in notify.digest(replace(read, reply_days=10_000))[1]


def test_a_digest_names_no_person_and_fits_a_chat_message(database: Engine, settings: Settings) -> None:
    title, body = notify.digest(contents.read(database, Store(settings.store), NIGHTS[-1]))
    with database.connect() as connection:
        people = connection.execute(
            select(t.recipient.c.name, t.recipient.c.id_number, t.recipient.c.phone)
        ).all()
        ids = connection.execute(select(t.suspension_candidate.c.candidate_id)).scalars().all()
    assert not [value for value in [*ids, *(v for person in people for v in person)] if value in title + body]
    assert len((title + body).encode()) < 2048
