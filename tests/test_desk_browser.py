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
from pipelines.desk.pages import single_sign_on
from pipelines.desk.roles import NO_DISTRICTS, Role
from pipelines.desk.routes import ROUTES
from tests.desk import PASSWORD, SECRET, Desk, status
from tests.findings import city
from tests.postgres import _free_port
from tests.test_desk_pages import OWN

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
HALF = {"width": 640, "height": 450}  # what a window of the wide size shows at 200 %
STAFF = {
    "handler1": Role.HANDLER, "checker1": Role.CHECKER, "steward1": Role.STEWARD, "boss": Role.SUPERVISOR,
    "look": Role.AUDITOR, "root": Role.ADMINISTRATOR,
}  # fmt: skip
NO_PAGES = ("/", "/style.css", "/favicon.ico", "/second-factor", single_sign_on.BACK)
STOP = """() => {
  const stop = document.activeElement;
  const label = stop.labels?.[0]?.innerText ?? stop.ariaLabel ?? stop.innerText;
  return [stop.tagName, label.split("\\n")[0].trim(), getComputedStyle(stop).outlineStyle];
}"""
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


def password(page: Page, place: str, account: str) -> None:
    page.goto(f"{place}/")
    page.get_by_label("账号").fill(account)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def sign_in(page: Page, place: str, account: str) -> None:
    password(page, place, account)
    if page.url.endswith("/second-factor"):
        page.get_by_label("验证器显示的六位数").fill(pyotp.TOTP(SECRET).at(datetime.now(UTC)))
        page.get_by_role("button", name="继续").click()


def hire(desk: Desk) -> None:
    for account, role in STAFF.items():
        whole = role in (Role.STEWARD, Role.SUPERVISOR)
        desk.hire(account, role, *(() if role in NO_DISTRICTS else ("*",) if whole else (OWN,)))


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


def pages(number: str) -> dict[str, list[str]]:
    """Every page of the route table, under the first account that may open it."""
    ways: dict[str, list[str]] = {"": ["/nowhere"], **{account: [] for account in STAFF}}
    for route in ROUTES:
        if "GET" not in route.methods or route.path in NO_PAGES:
            continue
        who = "" if route.roles is None else next(a for a, role in STAFF.items() if role in route.roles)
        ways[who].append(route.path.replace("{candidate_id}", number).replace("{account}", "handler1"))
    return ways


def findings(page: Page, path: str) -> list[tuple[str, str, str]]:
    """What is wrong with the page that is shown."""
    broken = Axe().run(page, options=CONFORMANCE).response["violations"]
    faults = [(path, rule["id"], rule["nodes"][0]["html"][:120]) for rule in broken]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append((path, "wider than the window", ""))
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.className") != "skip":
        faults.append((path, "the first stop is not the way to the content", ""))
    return faults


@pytest.mark.parametrize(
    ("size", "zoom"), [(WIDE, 1), (PHONE, 1), (HALF, 2)], ids=["wide", "phone", "200 % zoom"]
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_page_of_the_table_is_open_to_everybody_at_any_width_and_zoom(
    desk: Desk, place: str, chromium: Browser, size: dict[str, int], zoom: int
) -> None:
    hire(desk)
    faults = []
    for account, paths in pages(desk.candidate(OWN, status="open")).items():
        context = chromium.new_context(viewport=size, device_scale_factor=zoom, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        if account == "look":
            password(page, place, account)
            faults += findings(page, page.url)
            page.get_by_role("button", name="退出").click()
        if account:
            sign_in(page, place, account)
        for path in paths:
            page.goto(place + path)
            faults += findings(page, path)
        context.close()
    assert faults == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_candidate_is_taken_up_with_the_keyboard_alone_and_each_stop_is_seen(
    desk: Desk, place: str, chromium: Browser
) -> None:
    hire(desk)
    number = desk.candidate(OWN, status="open")
    page = chromium.new_page(viewport=WIDE)  # type: ignore[arg-type]
    unseen: list[str] = []

    def reach(name: str, kind: str) -> None:
        for _ in range(200):
            page.keyboard.press("Tab")
            tag, label, outline = page.evaluate(STOP)
            if outline == "none":
                unseen.append(f"{page.url} {label}")
            if (tag, label) == (kind, name):
                return
        raise AssertionError(f"{name} is out of reach")

    page.goto(f"{place}/")
    reach("账号", "INPUT")
    page.keyboard.type("handler1")
    reach("口令", "INPUT")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-factor")
    reach("验证器显示的六位数", "INPUT")
    page.keyboard.type(pyotp.TOTP(SECRET).at(datetime.now(UTC)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")
    reach("疑点", "A")
    page.keyboard.press("Enter")
    page.wait_for_url("**/candidates")
    reach("查找", "INPUT")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    reach(number, "A")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{number}")
    reach("决定", "SELECT")
    page.keyboard.press("ArrowDown")
    reach("备注", "TEXTAREA")
    page.keyboard.type("电话核实")
    reach("登记决定", "BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=*")
    assert status(desk, number) == "verifying"
    assert unseen == []
    page.close()
