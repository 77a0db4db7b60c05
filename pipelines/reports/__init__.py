"""报表 — the files of one night: workbooks for districts and city, rows to send back, the page."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.base import crash
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from pipelines.database.lock import Lock

PAGE = "夜报.html"


def write(
    settings: Settings,
    as_of: date,
    districts: tuple[str, ...] = (),
    limit: int | None = None,
    within: "Lock | None" = None,
) -> list[Path]:
    """The files written to ``<reports>/<as_of>/``; what was there from an earlier writing is replaced.

    ``districts``: only these workbooks (and no page); none means all. A night that did not succeed
    has nothing to hand out: its page and the city's workbooks say so, and what lies there stays. ``limit``:
    at most so many candidates of a district in a list, 0 for all, None for the setting ``report_limit``; what
    is cut is listed. A run that lost its place writes no further workbook. ``within``: the lock of a run that
    this is part of.
    """
    from pipelines.base.store import Store
    from pipelines.database import lock
    from pipelines.reports import contents, exceptions, outcome, overpaid, page, rejects, words

    most = settings.report_limit if limit is None else limit
    store, written = Store(settings.store), []
    folder = settings.reports / as_of.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    with lock.opened(settings.database_url, within) as held, store.scratch() as scratch:
        night = contents.read(held.engine, store, as_of, settings)
        ended = outcome.word(night.run)
        for district in districts or (words.CITY, *(() if ended else night.districts)):
            own = night if district == words.CITY else night.of_district(district)
            made = exceptions.export(own, district, most)
            with held.writing() as connection:
                if district != words.CITY:
                    exceptions.keep(connection, own, made)
            written.append(exceptions.write(own, made, folder, scratch))
            written.append(overpaid.write(own, district, folder, scratch))
    if not districts:
        written += rejects.write(store, night.deliveries, as_of, folder / "rejects")
        names = [str(path.relative_to(folder)) for path in written]
        with Store.replacing(folder / PAGE) as unfinished:
            unfinished.write_text(page.render(night, names), "utf-8")
        written.append(folder / PAGE)
        if not ended:
            _clear(folder, written)
    return written


def _clear(folder: Path, written: list[Path]) -> None:
    """Takes away what an earlier writing of the same night left and this one does not have."""
    for old in (*folder.glob("*.xlsx"), *folder.glob("rejects/*.csv")):
        if old not in written:
            old.unlink()
            crash.point("report:cleared")
