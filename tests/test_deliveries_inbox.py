"""What lies in the inbox and is no delivery, or not yet one."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import sql
from pipelines.base.errors import DeliveryRejected, UsageError
from pipelines.base.settings import Settings
from pipelines.deliveries import accept, deliveries
from pipelines.deliveries.arrival import strays
from pipelines.deliveries.overview import overview
from tests.inbox import DEATHS, Inbox, day, deaths, text

GOOD = text(DEATHS, deaths([1]))


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def settings(sqlite_template: Path, inbox: Inbox, tmp_path: Path) -> Settings:
    database = tmp_path / "benefit.db"
    database.write_bytes(sqlite_template.read_bytes())
    return Settings(
        database_url=f"sqlite:///{database}",
        inbox=inbox.root,
        store=tmp_path / "store",
        memory_mb=256,
        threads=1,
    )


@pytest.fixture
def record(settings: Settings) -> Iterator[Engine]:
    engine = sql.connect(settings.database_url)
    yield engine
    engine.dispose()


def test_what_belongs_to_no_feed_is_told_once_and_never_read(inbox: Inbox, settings: Settings) -> None:
    inbox.deaths("2026-01-10", [1])
    for odd in (
        "2026-01-10/tax",
        "2026-02-30/deaths",
        "新建文件夹",
        "2026-1-5",
        ".snapshot",
        "2026-01-11/.tmp",
    ):
        (inbox.root / odd).mkdir(parents=True)
    (inbox.root / "readme.txt").touch()
    (inbox.root / "2026-01-10" / "deaths.csv").touch()
    (inbox.root / "2026-01-11" / "hires").symlink_to(inbox.root / "2026-01-10" / "deaths")
    sentences = strays(inbox.root, day("2026-01-31"))
    assert [sentence.partition("：")[0] for sentence in sentences] == [
        "2026-01-10/deaths.csv",
        "2026-01-10/tax",
        "2026-01-11/hires",
        "2026-02-30",
        "2026-1-5",
        "readme.txt",
        "新建文件夹",
    ]
    assert accept(settings, "hires", day("2026-01-31")).accepted == 0


def test_what_arrives_later_is_not_told_of_earlier_nights(inbox: Inbox) -> None:
    (inbox.root / "2026-01-10" / "tax").mkdir(parents=True)
    assert strays(inbox.root, day("2026-01-09")) == []
    assert len(strays(inbox.root, day("2026-01-10"))) == 1


def test_folders_dated_after_a_night_are_reported_and_never_read(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deaths("2026-01-10", [1])
    inbox.deaths("2026-02-10", [2])
    inbox.deaths("2226-01-10", [3])
    (inbox.root / "2226-01-11").mkdir()
    accepted = accept(settings, "deaths", day("2026-01-31"))
    assert (accepted.accepted, accepted.rows_landed) == (1, 1)
    assert [note.split()[0] for note in accepted.notes] == ["deaths/2226-01-10"]
    shown = overview(settings, record, day("2026-01-31"))
    assert [sentence.partition("：")[0] for sentence in shown.ahead] == ["2026-02-10", "2226-01-10"]
    assert [d.delivery_id for d in shown.deliveries] == ["deaths/2026-01-10"]


def test_an_inbox_that_is_not_there_is_told_and_nothing_is_taken_for_not_arrived(
    inbox: Inbox, settings: Settings
) -> None:
    inbox.root.rmdir()
    assert "不存在" in strays(inbox.root, day("2026-01-10"))[0]
    with pytest.raises(UsageError, match=r"收件目录 .* 不存在"):
        accept(settings, "deaths", day("2026-01-10"))


def test_a_document_beside_the_files_is_told_and_not_read(
    inbox: Inbox, settings: Settings, record: Engine
) -> None:
    inbox.deliver("deaths", "2026-01-10", {"a.csv": GOOD, "说明.docx": b"PK", ".hidden": b"x"})
    accept(settings, "deaths", day("2026-01-10"))
    assert [(d.reason, len(d.files)) for d in deliveries(record)] == [("说明.docx 是文档，未读取", 1)]


def empty(folder: Path) -> None:
    (folder / "a.csv").unlink()


def symlink(folder: Path) -> None:
    (folder / "b.csv").symlink_to("/etc/hostname")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "b.csv")


def subfolder(folder: Path) -> None:
    (folder / "b.csv").mkdir()


def linked_manifest(folder: Path) -> None:
    (folder / "manifest.json").symlink_to("/etc/hostname")


def archive(folder: Path) -> None:
    (folder / "b.zip").write_bytes(b"PK")


def unfinished(folder: Path) -> None:
    (folder / "b.csv.part").write_text("x")


def synchronised(folder: Path) -> None:
    (folder / ".b.csv.Xy12Za").write_text("x")


def truncated(folder: Path) -> None:
    (folder / "b.csv.gz").write_bytes(gzip.compress(GOOD.encode())[:-9])


def bad_name(folder: Path) -> None:
    (folder / "a\u202egpj.csv").write_text("x")


def undecodable_name(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text("x")


@pytest.mark.parametrize(
    "spoil",
    [
        empty,
        symlink,
        pipe,
        subfolder,
        linked_manifest,
        archive,
        unfinished,
        synchronised,
        truncated,
        bad_name,
        undecodable_name,
    ],
)
def test_a_folder_that_cannot_be_trusted_is_refused_and_taken_up_once_it_is_mended(
    inbox: Inbox, settings: Settings, record: Engine, spoil: Callable[[Path], None]
) -> None:
    folder = inbox.deliver("deaths", "2026-01-10", {"a.csv": GOOD})
    spoil(folder)
    with pytest.raises(DeliveryRejected, match="deaths/2026-01-10"):
        accept(settings, "deaths", day("2026-01-10"))
    assert [d.health for d in deliveries(record)] == ["refused"]
    for entry in folder.iterdir():
        if entry.name != "a.csv":
            entry.rmdir() if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    inbox.deliver("deaths", "2026-01-10", {"a.csv": GOOD})
    assert accept(settings, "deaths", day("2026-01-10")).rows_landed == 1
