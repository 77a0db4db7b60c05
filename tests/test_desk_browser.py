"""The desk in a browser: its way with script on and off, on a desk and on a phone, open to everybody."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from pipelines.desk import origin
from pipelines.desk.app import create
from pipelines.desk.roles import Role
from tests.desk import PASSWORD, SECRET, Desk, status
from tests.findings import city
from tests.postgres import _free_port
from tests.test_desk_pages import OWN

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
CONFORMANCE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(database: Engine) -> Iterator[Desk]:
    city(claims=40).fill(database)
    opened = Desk(database)
    yield opened
    opened.close()


@pytest.fixture
def place(desk: Desk) -> Iterator[str]:
    """Where the desk is served over real HTTP."""
    port = _free_port()
    app = create(desk.settings, desk.served, origin.of("127.0.0.1", port, "", ""))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, server_header=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def sign_in(page: Page, place: str, account: str) -> None:
    page.goto(f"{place}/")
    page.get_by_label("账号").fill(account)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    if page.url.endswith("/second-factor"):
        page.get_by_label("验证器显示的六位数").fill(pyotp.TOTP(SECRET).at(datetime.now(UTC)))
        page.get_by_role("button", name="继续").click()


def hire(desk: Desk) -> None:
    desk.hire("boss", Role.SUPERVISOR, "*")
    desk.hire("handler1", Role.HANDLER, OWN)
    desk.hire("checker1", Role.CHECKER, OWN)
    desk.hire("steward1", Role.STEWARD, "*")
    desk.hire("look", Role.AUDITOR)
    desk.hire("root", Role.ADMINISTRATOR)


@pytest.mark.parametrize(("script", "size"), [(False, WIDE), (True, PHONE)], ids=["no script", "phone"])
def test_a_candidate_is_notified_confirmed_and_signed_by_people_with_a_browser_alone(
    desk: Desk, place: str, chromium: Browser, script: bool, size: dict[str, int]
) -> None:
    hire(desk)
    number = desk.candidate(OWN, status="open")
    context = chromium.new_context(java_script_enabled=script, viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if place not in request.url else None)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    sign_in(page, place, "handler1")
    page.get_by_role("link", name="疑点", exact=True).click()
    page.get_by_label("查找").fill(number)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=number).click()
    page.get_by_label("决定").select_option(label="告知")
    page.get_by_label("告知日期").fill("2026-10-21")
    page.get_by_role("button", name="登记决定").click()
    page.get_by_label("决定").select_option(label="属实")
    page.get_by_label("停发年月").fill("2026-08")
    page.get_by_role("button", name="登记决定").click()
    assert page.get_by_text("待复核").count()
    page.get_by_role("button", name="退出").click()

    sign_in(page, place, "checker1")
    page.goto(f"{place}/candidates/{number}")
    page.get_by_role("button", name="同意，签认").click()
    assert status(desk, number) == "confirmed"
    page.get_by_role("button", name="退出").click()
    page.goto(f"{place}/candidates/{number}")
    assert page.url == f"{place}/sign-in"
    assert (elsewhere, complaints) == ([], [])
    context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_page_is_open_to_everybody_at_any_width_and_by_keyboard_alone(
    desk: Desk, place: str, chromium: Browser, size: dict[str, int]
) -> None:
    hire(desk)
    number = desk.candidate(OWN, status="open")
    ways = {
        "": ["/sign-in", "/nowhere"],
        "handler1": ["/overview", "/candidates", f"/candidates/{number}", "/password"],
        "checker1": [f"/candidates/{number}"],
        "steward1": ["/nights", "/identities", "/data", "/downloads", "/precision"],
        "look": ["/audit"],
        "root": ["/accounts", "/accounts/handler1"],
    }
    faults = []
    for account, paths in ways.items():
        context = chromium.new_context(viewport=size, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        if account:
            sign_in(page, place, account)
        for path in paths:
            page.goto(place + path)
            broken = Axe().run(page, options=CONFORMANCE).response["violations"]
            faults += [(path, rule["id"], rule["nodes"][0]["html"][:120]) for rule in broken]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append((path, "wider than the window", ""))
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.className") != "skip":
                faults.append((path, "the first stop is not the way to the content", ""))
        context.close()
    assert faults == []
