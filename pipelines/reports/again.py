"""再次报告 — the files of a night that show what they would show again are left as they lie.

They rest on the contents as just read, on the rows that were rejected, on the words and laws they are
written with, and on the product; on no clock. They count only while they lie there to the last byte, with
none beside them, and while what districts were sent is on record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, func, select

from expectations.feed import feeds
from matchers.law import policy
from pipelines.base import made
from pipelines.base.made import Made
from pipelines.base.store import Store
from pipelines.reports import rejects, words
from pipelines.reports.contents import Contents
from sql.tables import report_export

NOTE = "report.json"


def grounds(store: Store, contents: Contents, limit: int) -> str:
    """A digest of all that the reports of a night rest on, where ``limit`` candidates are listed at most."""
    refused = [
        f"{path.relative_to(store.root)} {made.file_digest(path)}"
        for feed in feeds()
        for delivery in rejects.recent_of(contents.deliveries, feed, contents.as_of)
        for path in delivery.landed_files(store, "rejects")
    ]
    rules = {contents.run.policy if contents.run else "national", "national"}
    spoken = [feeds(), words.districts(), *(policy(name) for name in sorted(rules)), limit]
    return made.digest([made.product(), *map(repr, spoken), *refused, *spelt(contents, store.root)])


def standing(engine: Engine, note: Path, folder: Path, rests_on: str, left: tuple[str, ...]) -> list[Path]:
    """The files in ``folder`` that rest on just this, in the order of their writing; none where any of them
    is not as it was left, or what was sent is not on record.
    """
    record = made.read(note)
    if record is None or record.grounds != rests_on or not record.stands(folder, left):
        return []
    sent = record.outcome["sent"]
    on_record = select(func.count()).where(report_export.c.export_id.in_(sent))
    with engine.connect() as connection:
        if connection.scalar(on_record) != len(sent):
            return []
    return [folder / name for name in record.outcome["written"]]


def keep(
    note: Path,
    folder: Path,
    rests_on: str,
    left: tuple[str, ...],
    written: Iterable[Path],
    sent: Iterable[str],
) -> None:
    """Keep on record what the reports rest on, the files ``written`` and the lists ``sent``."""
    names = [str(path.relative_to(folder)) for path in written]
    Made.of(rests_on, folder, left, {"written": names, "sent": list(sent)}).keep(note)


def spelt(value: object, root: Path) -> Iterator[str]:
    """All that a value says, as texts that are the same in every process; but for what is not compared, and
    with paths as they lie below ``root``.
    """
    if isinstance(value, pd.DataFrame):
        yield repr([(name, str(kind)) for name, kind in value.dtypes.items()])
        yield from (repr(value[name].tolist()) for name in value)
    elif is_dataclass(value):
        for part in filter(attrgetter("compare"), fields(value)):
            yield part.name
            yield from spelt(getattr(value, part.name), root)
    elif isinstance(value, Mapping):
        yield repr(list(value))
        for part in value.values():
            yield from spelt(part, root)
    elif isinstance(value, tuple | list):
        yield repr(len(value))
        for part in value:
            yield from spelt(part, root)
    elif isinstance(value, Path):
        yield str(value.relative_to(root))
    else:
        yield repr(sorted(value) if isinstance(value, frozenset) else value)
