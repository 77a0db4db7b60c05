"""Reports that show what those in place show are left as they lie, and in any doubt are written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from pipelines import reports
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.reports import again, words
from tests.findings import NIGHTS, city

NIGHT = NIGHTS[-1]


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    city(claims=8).fill(database)
    return Settings(database_url=database_url, store=tmp_path / "store", reports=tmp_path / "reports")


def files(settings: Settings) -> dict[Path, tuple[int, bytes]]:
    """By path when the file was written, to the nanosecond, and what it holds."""
    kept = [path for path in settings.reports.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept}


def contents(settings: Settings) -> dict[Path, bytes]:
    return {path: content for path, (_, content) in files(settings).items()}


def written_anew(settings: Settings) -> dict[Path, bytes]:
    """What the reports hold where nothing was left to take over."""
    (Store(settings.store).night(NIGHT) / again.NOTE).unlink()
    reports.write(settings, NIGHT)
    return contents(settings)


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount


def test_reports_of_unchanged_contents_are_left_and_named_as_when_they_were_written(
    settings: Settings,
) -> None:
    named, before = reports.write(settings, NIGHT), files(settings)
    assert reports.write(settings, NIGHT) == named
    assert files(settings) == before
    assert written_anew(settings) == {path: content for path, (_, content) in before.items()}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_whatever_reports_rest_on_has_changed_they_are_written(
    database: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.reports / NIGHT.isoformat()
    book = folder / "多领报告-全市.xlsx"
    changes: dict[str, Callable[[], object]] = {
        "another name": lambda: execute(database, "UPDATE recipient SET name = '甲乙丙'"),
        "another note": lambda: execute(database, "UPDATE evidence SET note = '另有说明'"),
        "a closed case": lambda: execute(
            database,
            "UPDATE suspension_candidate SET status = 'dismissed' WHERE candidate_id ="
            " (SELECT min(candidate_id) FROM suspension_candidate WHERE status = 'open')",
        ),
        "lists that nobody was sent": lambda: execute(
            database, "DELETE FROM report_export_row", "DELETE FROM report_export"
        ),
        "another name of a district": lambda: monkeypatch.setitem(words.districts(), "500106", "别名区"),
        "a file edited": lambda: book.write_bytes(book.read_bytes() + b"x"),
        "a file lost": book.unlink,
        "a file too many": lambda: (folder / "疑点清单-500999.xlsx").write_bytes(b""),
    }
    reports.write(settings, NIGHT)
    for change, make in changes.items():
        make()
        before = files(settings)
        reports.write(settings, NIGHT)
        after = files(settings)
        assert not {path for path in before if path in after and before[path][0] == after[path][0]}, change
    assert contents(settings) == written_anew(settings)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_another_setting_writes_them_and_a_part_of_them_is_always_written(settings: Settings) -> None:
    reports.write(settings, NIGHT)
    for given in (replace(settings, reply_days=settings.reply_days + 1), replace(settings, report_limit=1)):
        before = files(settings)
        reports.write(given, NIGHT)
        assert not set(files(settings).values()) & set(before.values())
    [city_list, city_report] = reports.write(settings, NIGHT, (words.CITY,))
    before = files(settings)
    reports.write(settings, NIGHT, (words.CITY,))
    after = files(settings)
    assert {path for path in before if before[path][0] != after[path][0]} == {city_list, city_report}
