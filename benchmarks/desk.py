"""How fast the desk answers on a city of many candidates on PostgreSQL, asked over HTTP as browsers ask.

``python -m benchmarks.desk [--candidates N] [--times N] [--users N] [--seconds N]``: p50 and p95 of each
page, one request after another, beside ``SELECT 1`` through the same process; then users who read and choose
between requests; then what must be reached. Times are the client's, on loopback, pages whole.
"""

import argparse
import http.client
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import psycopg
import uvicorn
import xlsxwriter
from sqlalchemy import Engine, select
from starlette.responses import PlainTextResponse, Response

import sql
from benchmarks.desk_city import DISTRICTS, LAST, fill
from matchers.lifecycle import Stage
from pipelines.base.settings import Settings
from pipelines.database.migrate import upgrade
from pipelines.desk import accounts, origin, sessions
from pipelines.desk.app import create
from pipelines.desk.roles import EVERYONE, Role
from pipelines.desk.route import Route
from pipelines.desk.routes import GET, ROUTES
from pipelines.desk.visit import Visit
from sql.tables import suspension_candidate
from tests.postgres import server

ROLES = Path(sql.__file__).parent / "roles" / "postgresql.sql"
TOKEN = re.compile(rb'name="csrf" value="([0-9a-f]{64})"')
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
FILTERS = ({}, {"tier": "precise"}, {"age": "10"}, {"tonight": "1"}, {"cause": "PENSION"}, {"yuan": "5000"})
THINKS = (1.0, 5.0)  # seconds between two requests of one user, evenly spread
BOUND, PAGE, CROWD = ("list", "case", "overview"), 50.0, 300.0  # milliseconds
MIX = ("list",) * 9 + ("case",) * 7 + ("overview",) * 2 + ("search", "download")
Seconds = dict[str, list[float]]


class Browser:
    """One signed-in user on a connection that is kept."""

    def __init__(self, port: int, token: str, district: str, cases: list[str], seed: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": f"desk={token}", "Origin": f"http://127.0.0.1:{port}"}
        self._district, self._cases = district, cases
        self._chance = random.Random(seed)
        self._csrf = (TOKEN.search(self.ask("GET", "/candidates")) or [b"", b""])[1].decode()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> bytes:
        """The whole page; anything but a page ends the measurement."""
        body = urlencode({"csrf": self._csrf} | form) if form is not None else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body, self._headers | kind)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status}")
        return content

    def act(self, what: str) -> None:
        """One thing that people do, with a choice of what on."""
        choose = self._chance.choice
        if what == "list":
            asked = choose(FILTERS) | choose(({}, {"district": self._district}))
            self.ask("GET", f"/candidates?{urlencode(asked)}")
        elif what == "next page":
            self.ask("GET", "/candidates?after=3~0~1026000~HX")
        elif what == "case":
            self.ask("GET", f"/candidates/{choose(self._cases)}")
        elif what == "search":
            self.ask("POST", "/candidates/search", {"words": choose(self._cases)})
        elif what == "download":
            name = f"疑点清单-{self._district}.xlsx"
            self.ask("POST", "/downloads/file", {"night": LAST.isoformat(), "file": name})
        else:
            self.ask("GET", f"/{what}")


def one(visit: Visit) -> Response:
    """``SELECT 1`` behind the same gate and session as every page."""
    with visit.engine.connect() as connection:
        return PlainTextResponse(str(connection.exec_driver_sql("SELECT 1").scalar()))


def serve(url: str, reports: str, port: int) -> None:
    engine = sql.connect(url)
    settings = Settings(reports=Path(reports), database_url=url)
    routes = (*ROUTES, Route("/one", GET, one, EVERYONE))
    app = create(settings, engine, origin.of("127.0.0.1", port, "", ""), routes)
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_keep_alive=75)


@contextmanager
def desk(url: str, reports: Path) -> Iterator[int]:
    """The port of a desk in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.desk", "--serve", url, str(reports), str(port)]
    with subprocess.Popen(command) as process:
        try:
            while not _answers(port):
                time.sleep(0.2)
            yield port
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def city(engine: Engine, candidates: int) -> None:
    sql.create_agency(engine)
    upgrade(engine)
    fill(engine, candidates)


def workbooks(reports: Path) -> None:
    """A list of five thousand rows for each district."""
    folder = reports / LAST.isoformat()
    folder.mkdir(parents=True)
    first = folder / f"疑点清单-{DISTRICTS[0]}.xlsx"
    with xlsxwriter.Workbook(first, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("疑点清单")
        for line in range(5000):
            sheet.write_row(line, 0, [f"{line}-{n}" for n in range(25)])
    for district in DISTRICTS[1:]:
        os.link(first, folder / f"疑点清单-{district}.xlsx")


def hire(engine: Engine, users: int) -> list[tuple[str, str]]:
    """Sessions of people who are signed in: token and district; the first sees the whole city."""
    signed_in = []
    with engine.begin() as connection:
        for n in range(users + 1):
            district = DISTRICTS[n % len(DISTRICTS)]
            role, bounds = (Role.HANDLER, [district]) if n else (Role.SUPERVISOR, ["*"])
            accounts.add(connection, f"user{n}", f"某{n}号", role, bounds, "测试")
            signed_in.append((sessions.begin(connection, f"user{n}", Stage.OPEN), district))
    return signed_in


def cases(engine: Engine, district: str, most: int = 500) -> list[str]:
    c = suspension_candidate.c
    wanted = select(c.candidate_id).where(c.district == district, c.status == "open").limit(most)
    with engine.connect() as connection:
        return list(connection.execute(wanted).scalars())


def alone(browser: Browser, times: int) -> Seconds:
    measured: Seconds = defaultdict(list)
    for _ in range(times):
        for what in ("one", "list", "next page", "case", "overview", "search", "download"):
            if what == "search" and len(measured[what]) >= 50:  # people may search sixty times an hour
                continue
            measured[what].append(timed(browser, what))
    return measured


def together(browsers: list[Browser], seconds: int) -> Seconds:
    measured: Seconds = defaultdict(list)
    end = time.monotonic() + seconds

    def use(browser: Browser, seed: int) -> None:
        chance = random.Random(seed)
        time.sleep(chance.uniform(0, THINKS[1]))
        while time.monotonic() < end:
            what = chance.choice(MIX)
            measured[what].append(timed(browser, what))
            time.sleep(chance.uniform(*THINKS))

    threads = [threading.Thread(target=use, args=(b, n)) for n, b in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured


def timed(browser: Browser, what: str) -> float:
    begun = time.perf_counter()
    browser.act(what)
    return time.perf_counter() - begun


def shown(title: str, measured: Seconds) -> None:
    """Printed: each page and all together, beside ``SELECT 1`` where that was asked for in between."""
    print(
        f"\n{title}\n\n| page | requests | p50 ms | p95 ms | p99 ms | longest ms | p50 ÷ `SELECT 1` |\n"
        "|---|---|---|---|---|---|---|"
    )
    least = _cut(measured["one"], 50) if "one" in measured else None
    for what, seconds in [*measured.items(), ("all", _all(measured))]:
        figures = (*(_cut(seconds, share) for share in (50, 95, 99)), max(seconds))
        ratio = f"{figures[0] / least:.1f}" if least else ""
        print(
            f"| {what} | {len(seconds)} | " + " | ".join(f"{s * 1000:.0f}" for s in figures) + f" | {ratio} |"
        )


def reached(one_by_one: Seconds, crowd: Seconds, users: int, seconds: int) -> None:
    """Printed: the bounds beside what was measured; an answer that is no page has ended the run before."""
    print("\n| what it must reach | measured | |\n|---|---|---|")
    bounds = [(f"{page}: p95 ≤ {PAGE:.0f} ms", _cut(one_by_one[page], 95), PAGE) for page in BOUND]
    mix = f"{users} users for {seconds} s: no error, p99 ≤ {CROWD:.0f} ms"
    for what, took, most in [*bounds, (mix, _cut(_all(crowd), 99), CROWD)]:
        print(f"| {what} | {took * 1000:.0f} ms | {'met' if took * 1000 <= most else 'not met'} |")


def _all(measured: Seconds) -> list[float]:
    return [s for part in measured.values() for s in part]


def _cut(seconds: list[float], share: int) -> float:
    return quantiles(seconds, n=100)[share - 1] if len(seconds) > 1 else seconds[0]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--candidates", type=int, default=200_000)
    asked.add_argument("--times", type=int, default=100)
    asked.add_argument("--users", type=int, default=50)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.serve:
        serve(given.serve[0], given.serve[1], int(given.serve[2]))
        return
    with server() as running, tempfile.TemporaryDirectory() as folder:
        running.execute("CREATE DATABASE city")
        engine = sql.connect(running.url("city"))
        begun = time.monotonic()
        city(engine, given.candidates)
        print(f"{given.candidates} candidates made in {time.monotonic() - begun:.0f} s, {date.today()}")
        for name in DURABLE:  # what is measured keeps what it commits
            running.execute(f"ALTER SYSTEM SET {name} = on")
        running.execute("SELECT pg_reload_conf()")
        with psycopg.connect(running.url("city").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(ROLES.read_bytes())
        reports = Path(folder) / "reports"
        workbooks(reports)
        people = hire(engine, given.users)
        own = {district: cases(engine, district) for _, district in people}
        engine.dispose()
        with desk(running.url("city", "desk"), reports) as port:
            browsers = [Browser(port, token, d, own[d], n) for n, (token, d) in enumerate(people)]
            alone(browsers[0], 3)
            whole = alone(browsers[0], given.times)
            shown("One after another, whole city", whole)
            shown("One after another, one district", alone(browsers[1], given.times))
            crowd = together(browsers[1:], given.seconds)
            shown(f"{given.users} users for {given.seconds} s", crowd)
            reached(whole, crowd, given.users, given.seconds)
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
