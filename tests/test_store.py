"""What the rest of the product relies on in the store."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from pipelines.base.store import Store


def test_a_published_folder_holds_everything_that_was_written(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.delivery("deaths", date(2026, 10, 1)) / "abc"
    with store.scratch() as scratch:
        unfinished = scratch / "abc"
        (unfinished / "extract").mkdir(parents=True)
        (unfinished / "extract" / "0.parquet").write_bytes(b"rows")
        store.publish(unfinished, folder)
    assert (folder / "extract" / "0.parquet").read_bytes() == b"rows"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_another_run_published_first_stands(tmp_path: Path) -> None:
    store, folder = Store(tmp_path), tmp_path / "deliveries" / "abc"
    for content in (b"first", b"second"):
        with store.scratch() as scratch:
            (scratch / "abc").mkdir()
            (scratch / "abc" / "f").write_bytes(content)
            store.publish(scratch / "abc", folder)
    assert (folder / "f").read_bytes() == b"first"


def test_an_interrupted_replacement_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_text("before")

    def interrupted() -> None:
        with Store.replacing(path) as unfinished:
            unfinished.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_scratch_is_gone_after_an_error(tmp_path: Path) -> None:
    def fails() -> None:
        with Store(tmp_path).scratch() as scratch:
            (scratch / "half").write_bytes(b"x")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fails()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_frames_of_a_night_have_a_folder_of_their_own(tmp_path: Path) -> None:
    assert Store(tmp_path).night(date(2026, 10, 20)).is_dir()


def test_what_a_delivery_does_not_rest_on_is_removed(tmp_path: Path) -> None:
    store, day = Store(tmp_path), date(2026, 10, 1)
    for key in ("old", "new"):
        (store.delivery("deaths", day) / key / "extract").mkdir(parents=True)
    store.keep_only("deaths", day, ["new"])
    assert [p.name for p in store.delivery("deaths", day).iterdir()] == ["new"]
    store.keep_only("deaths", date(2026, 10, 2), [])


def test_scratch_of_a_dead_run_is_swept_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.scratch() as living:
        (tmp_path / "scratch" / "dead").mkdir()
        with store.scratch() as mine:
            assert {p.name for p in (tmp_path / "scratch").iterdir()} == {living.name, mine.name}


def test_scratch_is_held_by_a_file_that_is_open_for_writing_as_a_network_file_system_asks(
    tmp_path: Path,
) -> None:
    with Store(tmp_path).scratch() as scratch:
        [(held, name)] = [(n, file) for n, file in open_files() if tmp_path in file.parents]
        facts = dict(
            line.split(maxsplit=1) for line in Path(f"/proc/self/fdinfo/{held}").read_text().splitlines()
        )
        assert name.parent == scratch
        assert int(facts["flags:"], 8) & os.O_ACCMODE == os.O_RDWR


def open_files() -> list[tuple[str, Path]]:
    """The files that this process has open, by number."""
    numbers = [n for n in Path("/proc/self/fd").iterdir() if n.exists()]
    return [(n.name, n.readlink()) for n in numbers]


def test_many_at_once_each_have_scratch_of_their_own_until_they_end(tmp_path: Path) -> None:
    def works(_: int) -> bool:
        with Store(tmp_path).scratch() as scratch:
            (scratch / "half").write_bytes(b"x")
            time.sleep(0.001)
            return (scratch / "half").read_bytes() == b"x"

    with ThreadPoolExecutor(8) as many:
        assert all(many.map(works, range(200)))
    assert list((tmp_path / "scratch").iterdir()) == []
