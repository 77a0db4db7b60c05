"""报表 — the files of one night: workbooks for districts and city, rows to send back, the page."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.base import crash
from pipelines.base.settings import Settings

if TYPE_CHECKING:
    from pipelines.base.store import Store
    from pipelines.database.lock import Lock
    from pipelines.reports.contents import Contents

PAGE = "夜报.html"
LEFT = ("*.xlsx", "rejects/*.csv", PAGE)


def write(
    settings: Settings,
    as_of: date,
    districts: tuple[str, ...] = (),
    limit: int | None = None,
    within: "Lock | None" = None,
) -> list[Path]:
    """The files written to ``<reports>/<as_of>/``; what was there from an earlier writing is replaced, or
    left where it shows just this.

    ``districts``: only these workbooks (and no page); none means all. A night that did not succeed
    has nothing to hand out: its page and the city's workbooks say so, and what lies there stays. ``limit``:
    at most so many candidates of a district in a list, 0 for all, None for the setting ``report_limit``; what
    is cut is listed. A run that lost its place writes no further workbook. ``within``: the lock of a run that
    this is part of.
    """
    from pipelines.base.store import Store
    from pipelines.database import lock
    from pipelines.reports import again, contents, outcome, words

    most = settings.report_limit if limit is None else limit
    store, folder = Store(settings.store), settings.reports / as_of.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    with lock.opened(settings.database_url, within) as held, store.scratch() as scratch:
        night = contents.read(held.engine, store, as_of, settings)
        ended = outcome.word(night.run)
        whole, note = not (districts or ended), store.night(as_of) / again.NOTE
        rests_on = again.grounds(store, night, most) if whole else ""
        if whole and (left := again.standing(held.engine, note, folder, rests_on, LEFT)):
            return left
        places = districts or (words.CITY, *(() if ended else night.districts))
        written, sent = _workbooks(held, night, places, most, folder, scratch)
        if not districts:
            written += _beside(store, night, folder, written)
        if whole:
            _clear(folder, written)
            with held.writing():
                again.keep(note, folder, rests_on, LEFT, written, sent)
    return written


def _workbooks(
    held: "Lock", night: "Contents", places: Iterable[str], limit: int, folder: Path, scratch: Path
) -> tuple[list[Path], list[str]]:
    """The two workbooks of each place, and the numbers of the lists that districts were sent."""
    from pipelines.reports import exceptions, overpaid, words

    written, sent = [], []
    for place in places:
        city = place == words.CITY
        own = night if city else night.of_district(place)
        made = exceptions.export(own, place, limit)
        with held.writing() as connection:
            if not city:
                exceptions.keep(connection, own, made)
                sent.append(made.export_id)
        written.append(exceptions.write(own, made, folder, scratch))
        written.append(overpaid.write(own, place, folder, scratch))
    return written, sent


def _beside(store: "Store", night: "Contents", folder: Path, written: list[Path]) -> list[Path]:
    """Rows to send back, and the page, which names them and what was ``written`` before."""
    from pipelines.base.store import Store
    from pipelines.reports import page, rejects

    refused = rejects.write(store, night.deliveries, night.as_of, folder / "rejects")
    names = [str(path.relative_to(folder)) for path in (*written, *refused)]
    with Store.replacing(folder / PAGE) as unfinished:
        unfinished.write_text(page.render(night, names), "utf-8")
    return [*refused, folder / PAGE]


def _clear(folder: Path, written: list[Path]) -> None:
    """Takes away what an earlier writing of the same night left and this one does not have."""
    for old in (*folder.glob("*.xlsx"), *folder.glob("rejects/*.csv")):
        if old not in written:
            old.unlink()
            crash.point("report:cleared")
