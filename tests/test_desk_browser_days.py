"""The day of each role in a browser, one after the other, until a candidate is closed; open to everybody.

With ``DESK_PICTURES`` naming a folder, the pictures of docs/desk.md are taken on the way (``make pictures``).
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from pipelines.base import clock
from pipelines.desk.roles import Role
from tests.desk import Desk, status
from tests.test_desk_attachments import PDF
from tests.test_desk_browser import CONFORMANCE, PHONE, WIDE, chromium, place, sign_in
from tests.test_desk_pages import OWN

__all__ = ["chromium", "place"]
PEOPLE = {
    "boss": (Role.SUPERVISOR, ("*",), "督办甲"),
    "handler1": (Role.HANDLER, (OWN,), "经办乙"),
    "handler2": (Role.HANDLER, (OWN,), "经办庚"),
    "checker1": (Role.CHECKER, (OWN,), "复核丙"),
    "look": (Role.AUDITOR, (), "审计丁"),
    "root": (Role.ADMINISTRATOR, (), "管理戊"),
}
PATIENCE = 120_000  # milliseconds: a busy machine is no fault of the desk
SOON = str(clock.today() + timedelta(days=20))
TODAY = str(clock.today())


def pressed(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def saved(page: Page, name: str) -> bytes:
    with page.expect_download() as begun:
        pressed(page, name)
    return Path(begun.value.path()).read_bytes()


def faults(page: Page) -> list[tuple[str, str, str]]:
    broken = Axe().run(page, options=CONFORMANCE).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [(page.url, r["id"], r["nodes"][0]["html"][:120]) for r in broken] + [
        (page.url, "wide", "")
    ] * wide


@pytest.mark.parametrize(
    ("script", "size"), [(False, WIDE), (True, PHONE)], ids=["wide, no script", "phone, script"]
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_each_role_does_its_day_until_a_candidate_is_closed_without_a_command_line(
    desk: Desk, place: str, chromium: Browser, script: bool, size: dict[str, int]
) -> None:
    for account, (role, districts, name) in PEOPLE.items():
        desk.hire(account, role, *districts, name=name)
    number = desk.candidate(OWN, status="open", cause="REEMPLOYED")
    context = chromium.new_context(
        java_script_enabled=script, viewport=size, bypass_csp=script, locale="zh-CN",  # type: ignore[arg-type]
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if place not in request.url else None)
    broken: list[tuple[str, str, str]] = []

    def look(picture: str = "") -> None:
        folder = os.environ.get("DESK_PICTURES")
        if script:
            broken.extend(faults(page))
        elif folder and picture:
            page.screenshot(path=str(Path(folder) / f"desk-{picture}.png"))

    def day(account: str, work: Callable[[], None]) -> None:
        sign_in(page, place, account)
        work()
        pressed(page, "退出")

    def boss() -> None:
        look("overview")
        follow(page, "疑点")
        page.get_by_label("区县", exact=True).select_option(OWN)
        pressed(page, "筛选")
        look("list")
        page.get_by_label(f"选择 {number}").check()
        pressed(page, "办理所选")
        page.get_by_label("答复期限", exact=True).fill(SOON)
        look("chosen")
        pressed(page, "下发")
        assert page.get_by_text("已下发 1 件").count()
        page.get_by_label("分派给").select_option("handler1")
        pressed(page, "分派")
        page.get_by_label("文书", exact=True).select_option(label="核查通知书")
        page.get_by_label("本人或单位的答复期限").fill(SOON)
        assert saved(page, "出具并下载").startswith(b"PK")

    def notify() -> None:
        follow(page, "疑点")
        page.get_by_label("分派给我的").check()
        pressed(page, "筛选")
        page.get_by_role("link", name=number).click()
        look("case")
        page.get_by_label("添加附件").set_input_files(
            {"name": "解除合同.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        pressed(page, "添加")
        page.get_by_label("出具文书").select_option(label="告知书")
        page.get_by_label("答复期限", exact=True).fill(SOON)
        pressed(page, "出具")
        assert page.get_by_role("status").get_by_text("已出具告知书").count()
        assert saved(page, page.get_by_role("status").get_by_role("button").inner_text()).startswith(b"PK")
        page.get_by_label("决定").select_option(label="告知")
        page.get_by_label("告知日期").fill(TODAY)
        pressed(page, "登记决定")
        page.get_by_label("决定").select_option(label="属实")
        page.get_by_label("停发年月").fill(page.locator("dl.facts").inner_text().split("自 ")[1][:7])
        page.get_by_label("应追回金额（元）").fill("100")
        page.locator("#decide").scroll_into_view_if_needed()
        look("decide")
        pressed(page, "登记决定")
        assert page.get_by_text("待复核").count()

    def sign() -> None:
        page.goto(f"{place}/candidates/{number}")
        page.locator("#sign").scroll_into_view_if_needed()
        look("sign")
        page.get_by_role("button", name="同意，签认").click()
        assert saved(page, "下载附件 解除合同.pdf") == PDF

    def close() -> None:
        page.goto(f"{place}/candidates/{number}")
        page.get_by_label("决定").select_option(label="追回")
        page.get_by_label("已追回金额（元）").fill("100")
        pressed(page, "登记决定")
        page.get_by_label("决定").select_option(label="销号")
        page.get_by_label("销号日期").fill(TODAY)
        pressed(page, "登记决定")
        look()

    def audit() -> None:
        page.get_by_label("对象").fill(number)
        pressed(page, "筛选")
        look()
        assert page.get_by_text("出具文书").count()
        pressed(page, "校验审计链")
        assert page.get_by_text("完整").count()

    def administer() -> None:
        page.get_by_label("账号", exact=True).fill("handler9")
        page.get_by_label("姓名").fill("经办己")
        page.get_by_label("岗位").select_option(label="区县经办")
        page.get_by_label("区县").fill(OWN)
        page.get_by_role("button", name="建立").click()
        look()

    for account, work in (
        ("boss", boss), ("handler1", notify), ("checker1", sign), ("handler2", close), ("look", audit),
        ("root", administer),
    ):  # fmt: skip
        day(account, work)
    assert status(desk, number) == "closed"
    assert (elsewhere, broken) == ([], [])
    context.close()
