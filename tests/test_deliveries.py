"""What people rely on when an agency's delivery is accepted, held or refused."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import Engine, delete, select

import sql
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.decisions.release import release
from pipelines.deliveries import Delivery, InUse, accept, deliveries, in_use
from sql.tables import audit_event, delivery
from tests.inbox import DEATHS, HIRES, Inbox, day, deaths, hires, id_number, text


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def settings(database_url: str, inbox: Inbox, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url, inbox=inbox.root, store=tmp_path / "store", memory_mb=256, threads=1
    )


@pytest.fixture
def record(settings: Settings) -> Iterator[Engine]:
    engine = sql.connect(settings.database_url)
    yield engine
    engine.dispose()


def recorded(record: Engine) -> dict[str, Delivery]:
    return {d.delivered_on.isoformat(): d for d in deliveries(record)}


def used(record: Engine, settings: Settings, feed: str, as_of: str) -> InUse:
    return in_use(record, feed, day(as_of), Store(settings.store))


def days(used: InUse) -> list[str]:
    return [d.rpartition("/")[2] for d in used.delivery_ids]


# What arrives


def test_every_row_of_a_delivery_is_accounted_for(inbox: Inbox, settings: Settings, record: Engine) -> None:
    lines = text(DEATHS, [*deaths([1, 2]), (id_number(3), "甲三", "昨天", "死亡", "公安")])
    inbox.deliver(
        "deaths", "2026-01-10", {"a.csv": lines + "\n合计,3,,,\n", "b.csv": text(DEATHS, deaths([4]))}
    )
    accepted = accept(settings, "deaths", day("2026-01-10"))
    assert (accepted.rows_read, accepted.rows_landed, accepted.rows_rejected, accepted.rows_dropped) == (
        6,
        3,
        1,
        2,
    )
    row = recorded(record)["2026-01-10"]
    assert [(f.file, f.rows_read, f.rows_landed, f.rows_rejected, f.rows_dropped) for f in row.files] == [
        ("a.csv", 5, 2, 1, 2),
        ("b.csv", 1, 1, 0, 0),
    ]
    assert (row.health, row.encoding) == ("accepted", "gb18030")
    assert len(row.landed_files(Store(settings.store), "rejects")) >= 1


def test_a_delivery_is_known_from_the_date_of_its_folder(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1])
    accept(settings, "deaths", day("2026-01-09"))
    assert recorded(record) == {}
    accept(settings, "deaths", day("2026-01-10"))
    assert days(used(record, settings, "deaths", "2026-01-10")) == ["2026-01-10"]
    assert days(used(record, settings, "deaths", "2026-01-09")) == []


def test_a_feed_that_never_arrived_is_not_available(settings: Settings, record: Engine) -> None:
    accept(settings, "hires", day("2026-01-10"))
    in_use = used(record, settings, "hires", "2026-01-10")
    assert (in_use.available, in_use.extracts) == (False, ())
    assert "尚未收到" in in_use.reason


def test_increments_count_together_and_a_snapshot_stands_alone(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    for n, on in enumerate(("2026-01-10", "2026-01-20")):
        inbox.deaths(on, [n])
        inbox.hires(on, [n])
    for feed in ("deaths", "hires"):
        accept(settings, feed, day("2026-01-31"))
    assert days(used(record, settings, "deaths", "2026-01-31")) == ["2026-01-10", "2026-01-20"]
    assert days(used(record, settings, "hires", "2026-01-31")) == ["2026-01-20"]
    assert days(used(record, settings, "hires", "2026-01-19")) == ["2026-01-10"]


def test_an_unknown_column_is_told_once(inbox: Inbox, settings: Settings, record: Engine) -> None:
    for n, on in enumerate(("2026-01-10", "2026-01-11")):
        inbox.deliver("deaths", on, {"a.csv": text((*DEATHS, "备注"), [(*deaths([n])[0], "")])})
    accept(settings, "deaths", day("2026-01-11"))
    assert "备注" in recorded(record)["2026-01-10"].reason
    assert recorded(record)["2026-01-11"].reason == ""


def test_a_sheet_without_a_header_that_goes_on_with_the_one_before_is_read_and_named_every_time(
    inbox: Inbox, settings: Settings, record: Engine, tmp_path: Path
) -> None:
    for n, on in enumerate(("2026-01-10", "2026-01-11")):
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            first, second = book.add_worksheet("名单"), book.add_worksheet("续")
            first.write_row(0, 0, DEATHS)
            first.write_row(1, 0, deaths([n])[0])
            second.write_row(0, 0, deaths([n + 5])[0])
        inbox.deliver("deaths", on, {"a.xlsx": (tmp_path / "a.xlsx").read_bytes()})
    accept(settings, "deaths", day("2026-01-11"))
    assert [d.reason for d in recorded(record).values()] == [
        "a.xlsx：工作表「续」没有表头，按前一张工作表的列次读取"
    ] * 2
    assert [d.rows("rows_landed") for d in recorded(record).values()] == [2, 2]


# What is sent again


def test_a_file_sent_again_under_another_name_counts_once(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deliver("deaths", "2026-01-10", {"a.csv": text(DEATHS, deaths([1]))})
    inbox.deliver(
        "deaths",
        "2026-01-11",
        {"copy.csv": text(DEATHS, deaths([1])), "new.csv": text(DEATHS, deaths([2]))},
        {"rows": 2},
    )
    accept(settings, "deaths", day("2026-01-11"))
    again = recorded(record)["2026-01-11"]
    assert [(f.file, f.resent, f.rows_read) for f in again.files] == [
        ("copy.csv", True, 0),
        ("new.csv", False, 1),
    ]
    assert "copy.csv 的内容与 2026-01-10 批次中的文件相同" in again.reason
    assert len(used(record, settings, "deaths", "2026-01-11").extracts) == 2


def test_a_file_twice_in_one_delivery_counts_once(inbox: Inbox, settings: Settings, record: Engine) -> None:
    content = text(DEATHS, deaths([1]))
    inbox.deliver("deaths", "2026-01-10", {"a.csv": content, "b.csv": content})
    accept(settings, "deaths", day("2026-01-10"))
    assert [f.resent for f in recorded(record)["2026-01-10"].files] == [False, True]


def test_a_snapshot_sent_again_leaves_the_earlier_one_standing_and_no_younger(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.hires("2026-01-10", [1])
    inbox.hires("2026-02-10", [1])
    accept(settings, "hires", day("2026-02-25"))
    assert days(used(record, settings, "hires", "2026-02-15")) == ["2026-01-10"]
    overdue = used(record, settings, "hires", "2026-02-25")
    assert (overdue.available, "46 天" in overdue.reason) == (False, True)


def test_a_snapshot_in_parts_keeps_a_part_that_did_not_change(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    north = text(HIRES, hires([1]))
    inbox.deliver("hires", "2026-01-10", {"north.csv": north, "south.csv": text(HIRES, hires([2]))})
    inbox.deliver("hires", "2026-02-10", {"north.csv": north, "south.csv": text(HIRES, hires([3]))})
    accept(settings, "hires", day("2026-02-10"))
    assert recorded(record)["2026-02-10"].rows("rows_landed") == 2


def test_the_content_of_a_refused_delivery_counts_when_it_is_sent_again(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1], manifest={"rows": 7})
    inbox.deaths("2026-01-11", [1], manifest={"rows": 1})
    accept(settings, "deaths", day("2026-01-11"))
    assert days(used(record, settings, "deaths", "2026-01-11")) == ["2026-01-11"]
    assert recorded(record)["2026-01-11"].rows("rows_landed") == 1


# What corrects an earlier delivery


def test_a_superseded_delivery_still_counts_as_of_the_nights_before(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1, 2])
    inbox.deaths("2026-01-20", [1], manifest={"supersedes": "2026-01-10"})
    accept(settings, "deaths", day("2026-01-20"))
    assert days(used(record, settings, "deaths", "2026-01-19")) == ["2026-01-10"]
    assert days(used(record, settings, "deaths", "2026-01-20")) == ["2026-01-20"]


def test_a_correction_that_was_corrected_itself_does_not_bring_the_first_back(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deaths("2026-01-20", [2], manifest={"supersedes": "2026-01-10"})
    inbox.deaths("2026-01-30", [3], manifest={"supersedes": "2026-01-20"})
    accept(settings, "deaths", day("2026-01-30"))
    assert days(used(record, settings, "deaths", "2026-01-30")) == ["2026-01-30"]


def test_a_correction_may_repeat_a_file_of_what_it_corrects(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    right = text(DEATHS, deaths([1]))
    inbox.deliver("deaths", "2026-01-10", {"right.csv": right, "wrong.csv": text(DEATHS, deaths([2]))})
    inbox.deliver("deaths", "2026-01-20", {"right.csv": right}, {"supersedes": "2026-01-10"})
    accept(settings, "deaths", day("2026-01-20"))
    assert recorded(record)["2026-01-20"].rows("rows_landed") == 1


def test_a_held_correction_takes_nothing_out_of_use_until_it_is_released(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    for n, on in enumerate(("2026-01-01", "2026-01-02", "2026-01-03")):
        inbox.deaths(on, range(n * 300, n * 300 + 300))
    inbox.deaths("2026-01-04", [9999], manifest={"supersedes": "2026-01-03"})
    accept(settings, "deaths", day("2026-01-04"))
    assert "2026-01-03" in days(used(record, settings, "deaths", "2026-01-04"))
    release(record, "deaths/2026-01-04", "王科", "更正批次，行数属实")
    assert days(used(record, settings, "deaths", "2026-01-04")) == ["2026-01-01", "2026-01-02", "2026-01-04"]


@pytest.mark.parametrize("supersedes", ["2026-01-09", "2026-01-20", "2026-01-21"])
def test_a_correction_of_a_delivery_that_is_not_there_is_refused(
    inbox: Inbox, settings: Settings, supersedes: str
) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deaths("2026-01-20", [2], manifest={"supersedes": supersedes})
    with pytest.raises(DeliveryRejected, match=f"supersedes {supersedes}"):
        accept(settings, "deaths", day("2026-01-20"))


# Refused ones


def test_a_refused_newest_delivery_stops_the_feed_until_it_is_repaired(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deliver("deaths", "2026-01-20", {"a.csv": "公民身份号码,姓名\n"})
    for _ in range(2):
        with pytest.raises(DeliveryRejected, match=r"deaths/2026-01-20 .*死亡日期"):
            accept(settings, "deaths", day("2026-01-20"))
    out = used(record, settings, "deaths", "2026-01-20")
    assert (out.available, days(out)) == (False, ["2026-01-10"])
    assert used(record, settings, "deaths", "2026-01-19").available

    inbox.deliver("deaths", "2026-01-20", {"a.csv": text(DEATHS, deaths([2]))})
    assert accept(settings, "deaths", day("2026-01-20")).accepted == 1
    again = used(record, settings, "deaths", "2026-01-20")
    assert (again.available, days(again)) == (True, ["2026-01-10", "2026-01-20"])


def test_a_refused_delivery_before_an_accepted_one_is_told_but_stops_nothing(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1], manifest={"rows": 7})
    inbox.deaths("2026-01-20", [2])
    assert accept(settings, "deaths", day("2026-01-20")).refused == 1
    in_use = used(record, settings, "deaths", "2026-01-20")
    assert (in_use.available, days(in_use)) == (True, ["2026-01-20"])
    assert "2026-01-10（被拒收）" in in_use.reason


def test_a_delivery_is_refused_whole_and_its_rows_are_still_counted(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1, 2], manifest={"rows": 3})
    with pytest.raises(DeliveryRejected, match="清单 3 行，实际 2 行"):
        accept(settings, "deaths", day("2026-01-10"))
    row = recorded(record)["2026-01-10"]
    assert (row.health, row.rows("rows_read"), row.rows("rows_landed")) == ("refused", 2, 2)
    assert used(record, settings, "deaths", "2026-01-10").extracts == ()


# Frozen ones


def test_what_was_accepted_stays_when_the_folder_changes(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    folder = inbox.deaths("2026-01-10", [1])
    accept(settings, "deaths", day("2026-01-10"))
    before = recorded(record)
    inbox.deaths("2026-01-10", [2])
    notes = accept(settings, "deaths", day("2026-01-10")).notes
    assert [note.split()[0] for note in notes] == ["deaths/2026-01-10"]
    assert recorded(record) == before
    shutil.rmtree(folder)
    assert accept(settings, "deaths", day("2026-01-10")).notes == ()
    assert len(used(record, settings, "deaths", "2026-01-10").extracts) == 1


@pytest.mark.parametrize("change", ["another file", "a manifest", "the same size"])
def test_every_kind_of_change_is_noticed(inbox: Inbox, settings: Settings, change: str) -> None:
    folder = inbox.deaths("2026-01-10", [1])
    accept(settings, "deaths", day("2026-01-10"))
    if change == "another file":
        inbox.deliver("deaths", "2026-01-10", {"b.csv": text(DEATHS, deaths([2]))})
    elif change == "a manifest":
        (folder / "manifest.json").write_text("{}")
    else:
        inbox.deaths("2026-01-10", [2])
    assert len(accept(settings, "deaths", day("2026-01-10")).notes) == 1


def test_files_that_were_merely_touched_or_filed_away_have_not_changed(
    inbox: Inbox, settings: Settings
) -> None:
    folder = inbox.deaths("2026-01-10", [1])
    accept(settings, "deaths", day("2026-01-10"))
    (folder / "deaths.csv").touch()
    assert accept(settings, "deaths", day("2026-01-10")).notes == ()
    (folder / "deaths.csv").unlink()
    assert accept(settings, "deaths", day("2026-01-10")).notes == ()


# Again, out of order


def test_accepting_again_changes_nothing(inbox: Inbox, settings: Settings, record: Engine) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deaths("2026-01-11", [2], manifest={"rows": 9})
    inbox.deaths("2026-01-12", [3])

    def state() -> tuple[object, object]:
        with record.connect() as connection:
            rows = connection.execute(select(delivery).order_by(delivery.c.delivery_id)).all()
        files = settings.store.rglob("*")
        return rows, sorted((str(p), p.stat().st_mtime_ns) for p in files if p.is_file())

    accept(settings, "deaths", day("2026-01-12"))
    before = state()
    again = accept(settings, "deaths", day("2026-01-12"))
    assert state() == before
    assert (again.accepted, again.refused) == (0, 1)


def test_nights_out_of_order_give_the_same_record(inbox: Inbox, settings: Settings, record: Engine) -> None:
    sizes = {"2026-01-01": 300, "2026-01-02": 300, "2026-01-03": 20, "2026-01-04": 300, "2026-01-05": 300}
    for n, (on, size) in enumerate(sizes.items()):
        inbox.deaths(on, range(n * 300, n * 300 + size))

    def judged(nights: list[str]) -> list[tuple[str, str, object]]:
        for night in nights:
            accept(settings, "deaths", day(night))
        judged = [(d.delivery_id, d.health, d.measures) for d in deliveries(record)]
        with record.begin() as connection:
            connection.execute(delete(delivery))
        shutil.rmtree(settings.store)
        return judged

    in_order = judged(list(sizes))
    assert [health for _, health, _ in in_order] == ["accepted", "accepted", "held", "accepted", "accepted"]
    assert judged(["2026-01-03", "2026-01-01", "2026-01-05", "2026-01-02", "2026-01-04"]) == in_order
    assert judged(["2026-01-05"]) == in_order


# Letting go


def test_a_release_needs_a_name_a_reason_and_something_held(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1])
    accept(settings, "deaths", day("2026-01-10"))
    with pytest.raises(UsageError, match="已接收"):
        release(record, "deaths/2026-01-10", "王科", "x")
    with pytest.raises(UsageError, match="没有名为"):
        release(record, "deaths/2026-01-11", "王科", "x")
    with pytest.raises(UsageError, match="--reason"):
        release(record, "deaths/2026-01-10", "王科", " ")


def test_a_repeated_release_by_one_person_is_one_decision(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deliver("hires", "2026-01-10", {"a.csv": text(HIRES, [])})
    accept(settings, "hires", day("2026-01-10"))
    assert [release(record, "hires/2026-01-10", who, "x") for who in ("王科", "王科", "李处")] == [1, 1, 2]
    with record.connect() as connection:
        events = connection.execute(select(audit_event.c.actor, audit_event.c.action, audit_event.c.subject))
        assert {tuple(e) for e in events} == {
            (who, "release", "hires/2026-01-10") for who in ("王科", "李处")
        }
