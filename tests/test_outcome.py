"""A night that was held or failed says so on page, workbook, message and screen alike."""

import json
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

import sql
from pipelines import night
from pipelines.base.errors import HeldByGate
from pipelines.base.store import Store
from pipelines.reports import PAGE, contents, notify
from sql.tables import match_run
from tests.faults.town import SECOND, Town, build_on_sqlite
from tests.inbox import Inbox
from tests.test_cli import crossmatch

NIGHT = SECOND + timedelta(3)
OTHER_NIGHTS = ("合计", "多领", "可止付金额")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """One night that succeeded, and one after it that fails: its frames are spoilt before it is judged."""
    town = build_on_sqlite(tmp_path_factory.mktemp("outcome"))
    night.run(town.settings, SECOND)
    Inbox(town.settings.inbox).deaths(NIGHT.isoformat(), range(3, 6))
    night.accept(town.settings, "deaths", NIGHT)
    night.link(town.settings, NIGHT)
    for path in Store(town.settings.store).night(NIGHT).rglob("*.parquet"):
        path.write_bytes(b"")
    with pytest.raises(Exception, match=r"\S") as failure:
        night.judge(town.settings, NIGHT)
    assert not isinstance(failure.value, HeldByGate)
    return town


@pytest.fixture(params=[("held", "本夜已暂扣", 3), ("failed", "本夜出错", 1)], ids=lambda p: p[0])
def ended(request: pytest.FixtureRequest, places: Town) -> tuple[Town, str, int]:
    """The town, how its last night is named, and the exit code of who asks for it."""
    status, word, code = request.param
    engine = sql.connect(places.url)
    counts = json.dumps({status: ["死亡新增61件，上限50件"]}, ensure_ascii=False)
    with engine.begin() as connection:
        ran = connection.execute(match_run.select().where(match_run.c.as_of == NIGHT)).one()
        assert (ran.status, ran.finished_at is None) == ("failed", False) or status == "failed"
        change = match_run.update().where(match_run.c.as_of == NIGHT)
        connection.execute(change.values(status=status, counts=counts))
    engine.dispose()
    night.report(places.settings, NIGHT)
    return places, word, code


def settings(town: Town) -> dict[str, str]:
    return {"INBOX": "inbox", "STORE": "store", "REPORTS": "reports", "DATABASE_URL": town.url}


def test_a_night_that_did_not_succeed_says_so_everywhere_and_shows_no_other_nights_figures(
    ended: tuple[Town, str, int],
) -> None:
    town, word, code = ended
    ran = crossmatch(town.home, "summary", NIGHT.isoformat(), **settings(town))
    assert (ran.returncode, word in ran.stderr) == (code, True), ran.stderr
    assert not [figure for figure in OTHER_NIGHTS if figure in ran.stdout]
    machine = crossmatch(town.home, "summary", NIGHT.isoformat(), "--json", **settings(town))
    assert machine.returncode == code
    assert json.loads(machine.stdout).keys().isdisjoint({"headline", "causes"})

    folder = town.settings.reports / NIGHT.isoformat()
    assert word in (folder / PAGE).read_text("utf-8")
    books = sorted(folder.glob("*.xlsx"))
    assert [book.name for book in books] == ["多领报告-全市.xlsx", "疑点清单-全市.xlsx"]
    for book in books:
        cover = openpyxl.load_workbook(book)["封面"]
        assert any(word in str(cell.value) for row in cover.iter_rows() for cell in row)

    engine = sql.connect(town.url)
    title, body = notify.digest(contents.read(engine, Store(town.settings.store), NIGHT))
    engine.dispose()
    assert (word in title, "死亡新增61件" in body) == (True, True)
    assert not [figure for figure in OTHER_NIGHTS if figure in body]


def test_a_night_that_succeeded_says_nothing_of_an_outcome(places: Town) -> None:
    page = (places.settings.reports / SECOND.isoformat() / PAGE).read_text("utf-8")
    assert not [word for word in ("本夜已暂扣", "本夜出错", "本夜没有运行完") if word in page]


def test_a_message_names_the_feeds_that_a_night_went_without(places: Town) -> None:
    engine = sql.connect(places.url)
    _, body = notify.digest(contents.read(engine, Store(Path(places.settings.store)), SECOND))
    engine.dispose()
    assert "未采用" in body
    assert "全部到位" not in body
