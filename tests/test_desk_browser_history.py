"""The clean-up in a browser without script: two stewards decide, and every page is open to everybody."""

import pytest
from playwright.sync_api import Browser

from pipelines.desk.roles import Role
from tests.desk import Desk
from tests.test_desk_browser import PHONE, WIDE, chromium, place, sign_in
from tests.test_desk_browser_nights import faults
from tests.test_desk_history import OWN, desk, settings, status

__all__ = ["chromium", "desk", "place", "settings"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_two_stewards_decide_without_script_and_every_page_is_open_to_everybody(
    desk: Desk, place: str, chromium: Browser, size: dict[str, int]
) -> None:
    names = {"steward1": "数据甲", "steward2": "数据乙"}
    for account, name in names.items():
        desk.hire(account, Role.STEWARD, OWN, name=name)
    broken = []
    for account in names:
        context = chromium.new_context(viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, place, account)
        page.get_by_role("link", name="历史", exact=True).click()
        page.get_by_role("link", name="更正建议", exact=True).first.click()
        page.get_by_label("检查", exact=True).select_option(label="核定月数少于应享月数")
        page.get_by_role("button", name="筛选").click()
        page.get_by_label("决定", exact=True).first.select_option(label="同意")
        page.get_by_label("理由", exact=True).first.fill("单位档案相符")
        page.get_by_role("button", name="登记决定").first.click()
        context.close()
    assert status(desk, "SHORT") == "accepted"
    context = chromium.new_context(viewport=size, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, place, "steward1")
    for path in ("/history", "/history/proposals?status=all", "/history/questions", "/history/quality"):
        page.goto(place + path)
        broken += faults(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
    assert broken == []
    context.close()
