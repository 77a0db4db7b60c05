"""A clean-up reads what was removed again from the inbox, and names what it cannot read any more."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from expectations.feed import feed
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import run as cleanup
from pipelines.cli import app
from pipelines.database import lock
from pipelines.deliveries import health
from pipelines.deliveries.arrival import Arrival
from pipelines.deliveries.landing import Lander
from pipelines.deliveries.ledger import record
from tests.inbox import Inbox

DAY, AS_OF = date(2026, 1, 5), date(2026, 10, 20)
FILE = "deaths.csv"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A register of one, and a delivery on record whose extract is past its time."""
    registrations = tmp_path / "history" / "2026-01-15-central" / "registrations"
    registrations.mkdir(parents=True)
    lines = (
        "个人编号,证件类型,身份证号码,姓名,参保登记日期\nP1,居民身份证,999999198001011014,张三,2000-01-01\n"
    )
    (registrations / "all.csv").write_text(lines, encoding="utf-8")
    made = Settings(
        database_url=database_url, history=tmp_path / "history", inbox=tmp_path / "inbox",
        store=tmp_path / "store", threads=1,
    )  # fmt: skip
    folder = Inbox(made.inbox).deaths(DAY.isoformat(), range(1, 4))
    landed = Lander(feed("deaths"), Store(made.store)).examine(Arrival("deaths", DAY, folder), ())
    with lock.opened(database_url) as held:
        for delivery in health.judged(made, feed("deaths"), [landed], ()):
            record(held, delivery)
    shutil.rmtree(Store(made.store).delivery("deaths", DAY))
    return made


def test_what_was_removed_is_read_again_from_the_inbox(settings: Settings) -> None:
    outcome = cleanup.run(settings, AS_OF, apply=False)
    assert outcome.removed == ()
    assert list(Store(settings.store).delivery("deaths", DAY).glob("*/extract/*.parquet"))


def test_what_lies_nowhere_any_more_is_named_with_what_to_do(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(settings.inbox / DAY.isoformat())
    shown = {"database_url", "history", "inbox", "store"}
    environment = {f"CROSSMATCH_{name.upper()}": str(getattr(settings, name)) for name in shown}
    environment["CROSSMATCH_CONFIG"] = "/dev/null"

    def printed(command: str, *arguments: str) -> str:
        ended = CliRunner().invoke(app, ["cleanup", command, *arguments], env=environment)
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    for output in (printed("run", "--as-of", AS_OF.isoformat()), caplog.text, printed("status")):
        assert f"未读入　deaths/{DAY} 的 {FILE}" in output.replace("未读入：", "未读入　")
        assert "请把原文件放回收件目录后重跑" in output
    (gap,) = cleanup.run(settings, AS_OF, apply=False).removed
    assert gap.startswith(f"deaths/{DAY} 的 {FILE}（SHA-256 ")

    Inbox(settings.inbox).deaths(DAY.isoformat(), range(1, 4))
    assert cleanup.run(settings, AS_OF, apply=False).removed == ()


def test_a_run_with_everything_is_another_run_than_one_that_lacked_a_file(settings: Settings) -> None:
    whole = cleanup.run(settings, AS_OF, apply=False)
    shutil.rmtree(Store(settings.store).delivery("deaths", DAY))
    shutil.rmtree(settings.inbox / DAY.isoformat())
    lacking = cleanup.run(settings, AS_OF, apply=False)
    assert whole.run_id != lacking.run_id
