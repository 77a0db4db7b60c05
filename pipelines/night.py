"""夜间比对 — one night, top to bottom: the file to read first.

``accept`` → ``link`` → ``judge`` → ``write_back`` → ``report``: each step can be run on its own, again, and
in another process; it hands on frames in the night's folder of the store. The scheduler and the command line
call the same functions. Nothing here stops a benefit: the night only proposes.
"""

from datetime import date
from typing import Any

from expectations.feed import feeds
from pipelines.errors import DeliveryRejected
from pipelines.settings import Settings
from sql import connect

STEPS = ("accept", "link", "judge", "write_back", "report")


def run(settings: Settings, as_of: date) -> dict[str, Any]:
    """One whole night; the counts of every step by name. A refused feed does not end it."""
    counts: dict[str, Any] = {"accept": {}}
    for feed in feeds():
        try:
            counts["accept"][feed] = accept(settings, feed, as_of)
        except DeliveryRejected as refused:
            counts["accept"][feed] = {"refused": str(refused)}
    counts["link"] = link(settings, as_of)
    counts["judge"] = judge(settings, as_of)
    counts["write_back"] = write_back(settings, as_of)
    counts["report"] = report(settings, as_of)
    return counts


def accept(settings: Settings, feed: str, as_of: date) -> dict[str, Any]:
    """Lands the feed's new deliveries; ``DeliveryRejected`` where its newest one is refused."""
    from pipelines import deliveries

    return deliveries.accept(settings, feed, as_of).counts()


def link(settings: Settings, as_of: date) -> dict[str, int]:
    """Links every feed in use to the recipients of the night; linked rows by feed."""
    from pipelines import linking

    return linking.link(settings, connect(settings.database_url), as_of)


def judge(settings: Settings, as_of: date) -> dict[str, int]:
    """Judges every cause and counts what is owed; candidates by cause."""
    from pipelines import judging, runs

    with runs.failing(settings, connect(settings.database_url), as_of):
        return judging.judge(settings, as_of)


def write_back(settings: Settings, as_of: date) -> dict[str, int]:
    """Brings the benefit database to what the night says, in one transaction."""
    from pipelines import judging, runs, writeback

    engine = connect(settings.database_url)
    run_id, unavailable = runs.opened(settings, as_of)
    with runs.failing(settings, engine, as_of), engine.begin() as connection:
        later = runs.later_nights(connection, as_of)
        said, questions = judging.kept(settings, as_of)
        counts = writeback.write(connection, said, questions, as_of, unavailable, later)
        runs.finish(connection, run_id, "succeeded", {**counts, "unavailable": sorted(unavailable)})
    return counts


def report(settings: Settings, as_of: date) -> dict[str, Any]:
    """Writes the night's workbooks, page and rejects; where they lie."""
    from pipelines import reports

    return {"files": [str(path) for path in reports.write(settings, as_of)]}
