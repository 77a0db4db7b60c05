"""Nights, identities, data and files in a browser without script: worked with, and open to everybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, update

from pipelines import reports
from pipelines.base.settings import Settings
from pipelines.desk.roles import Role
from sql import tables as t
from tests.desk import Desk, status
from tests.findings import NIGHTS, city
from tests.lists import DISMISSED, List
from tests.test_desk_browser import CONFORMANCE, PHONE, WIDE, chromium, place, sign_in
from tests.test_desk_data import FILE
from tests.test_desk_downloads import LIST
from tests.test_desk_nights import RUN, WHY
from tests.test_desk_pages import OWN

__all__ = ["chromium", "place"]
PATIENCE = 180_000  # milliseconds: the first file that a process reads loads the checks too


@pytest.fixture
def desk(database: Engine, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    city(claims=40).fill(database)
    folders = {"store": tmp_path / "store", "reports": tmp_path / "reports", "inbox": tmp_path / "inbox"}
    settings = Settings(database_url=database_url, **folders)
    reports.write(settings, NIGHTS[-1])
    held = {"status": "held", "counts": json.dumps({"held": [WHY], "operators": []})}
    with database.begin() as connection:
        connection.execute(update(t.match_run).where(t.match_run.c.run_id == RUN).values(**held))
    opened = Desk(database, settings)
    opened.hire("steward1", Role.STEWARD, "*")
    opened.hire("checker1", Role.CHECKER, OWN, name="乙")
    yield opened
    opened.close()


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds on the page as it stands, and whether it is wider than its window."""
    broken = Axe().run(page, options=CONFORMANCE).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in broken] + [("wide", page.url)] * wide


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_steward_and_a_checker_do_their_day_and_every_page_of_it_is_open_to_everybody(
    desk: Desk, place: str, chromium: Browser, size: dict[str, int], tmp_path: Path
) -> None:
    page = chromium.new_context(viewport=size, bypass_csp=True).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    broken = []
    sign_in(page, place, "steward1")
    page.goto(f"{place}/nights")
    page.get_by_label(f"放行 {NIGHTS[-1]} 的理由").fill("已核对")
    page.get_by_role("button", name="放行").click()
    assert page.get_by_text("已放行 1 人").count()
    broken += faults(page)
    page.goto(f"{place}/identities")
    page.get_by_label("判断", exact=True).first.select_option(label="无法判断")
    page.get_by_label("依据", exact=True).first.fill("两地登记不一致")
    page.get_by_role("button", name="登记判断").first.click()
    assert page.get_by_text("两地登记不一致").count()
    broken += faults(page)
    page.goto(f"{place}/data")
    page.get_by_label("数据源", exact=True).select_option("deaths")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "死亡.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    page.get_by_role("button", name="试读").click()
    assert page.get_by_role("heading", name="试读结果").count()
    broken += faults(page)
    page.get_by_role("button", name="退出").click()

    sign_in(page, place, "checker1")
    page.goto(f"{place}/downloads")
    with page.expect_download() as begun:
        page.get_by_role("button", name=f"下载 {LIST}").click()
    path = tmp_path / LIST
    begun.value.save_as(path)
    sheet = List(path)
    number = sheet.fill(2, DISMISSED)
    sheet[3, "姓名"] = "改动"
    sheet.saved()
    for button in ("核对", "收回并写入"):
        page.get_by_label("文件", exact=True).set_input_files(path)
        page.get_by_role("button", name=button, exact=True).click()
        broken += faults(page)
    assert page.get_by_role("heading", name="收回回执").count()
    assert status(desk, number) == "dismissed"
    assert broken == []
    page.context.close()
