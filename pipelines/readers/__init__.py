"""读入 — bytes to rows: every row of a delivered file is landed, rejected with a reason, or left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from expectations.feed import Feed
from pipelines.base.logs import redacted
from pipelines.base.workers import BySize, alone


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of one file; ``rows_read`` is the sum of landed, rejected and dropped rows.

    ``headings``: canonical column to the heading it had. ``dropped_headings``: those that the feed drops.
    ``encoding``: a codec, ``xlsx`` or ``parquet``.
    ``unread_sheets``: those of a workbook that are hidden, or have neither a header nor the columns of the
    sheet before; ``rows_unread``: how many of the rejected rows stand there. ``remarks``: Chinese sentences
    on all that stands outside the tables; of no value that is there. ``damaged``: by column, the rows whose
    number a spreadsheet has spoilt, so that it counts as missing. ``empty``: by column, the landed rows
    without a value.
    """

    file: str
    sha256: str
    encoding: str
    delimiter: str
    rows_read: int
    rows_landed: int
    rows_rejected: int
    rows_dropped: int
    headings: Mapping[str, str]
    unknown_headings: tuple[str, ...]
    dropped_headings: tuple[str, ...]
    unread_sheets: tuple[str, ...]
    damaged: Mapping[str, int]
    rows_unread: int
    remarks: tuple[str, ...]
    empty: Mapping[str, int]


def land(
    path: Path,
    feed: Feed,
    folder: Path,
    *,
    part: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    workers: BySize = alone,
) -> Landing:
    """Write ``<folder>/{extract,rejects}/<part>-<k>.parquet`` and say what was done.

    ``encoding`` and ``delimiter``: what a manifest promises. ``workers``: those who share a text of so
    many bytes. ``DeliveryRejected`` where the file as a whole cannot be read: not a plain finished file,
    hostile, no header with all required columns, mostly garbage.
    """
    from pipelines.readers import guard

    folder.mkdir(parents=True, exist_ok=True)
    kind, packed = guard.kind(path.name)
    unread: tuple[str, ...] = ()
    rows_unread = 0
    with guard.opened(path) as source, guard.Digest(source.fileno()) as digest:
        if kind in ("csv", "txt"):
            from pipelines.readers import delimited

            shape, tally = delimited.land(
                source, path, packed, feed, folder, part, encoding, delimiter, workers
            )
            layout, encoding, delimiter = shape.layout, shape.encoding, shape.dialect.delimiter
            remarks = shape.remarks
        else:
            from pipelines.readers import tabular

            layout, tally, unread, rows_unread, remarks = tabular.land(source, path, kind, feed, folder, part)
            encoding, delimiter = kind, ""
        sha256 = digest.hex()
    spoilt, empty = Counter(tally.damage.spoilt), tally.empty
    if rounded := [key for key, endings in tally.damage.rounded.items() if endings.beyond_chance]:
        from pipelines.readers.disown import disown

        lost = disown(folder / "extract", part, feed, rounded)
        spoilt += lost
        empty += Counter({name: rows for name, rows in lost.items() if feed.columns[name].type != "id"})
    return Landing(
        file=path.name,
        sha256=sha256,
        encoding=encoding,
        delimiter=delimiter,
        rows_read=tally.read,
        rows_landed=tally.landed,
        rows_rejected=tally.rejected,
        rows_dropped=tally.dropped,
        headings=layout.headings,
        unknown_headings=layout.unknown,
        unread_sheets=tuple(map(redacted, unread)),
        rows_unread=rows_unread,
        remarks=tuple(map(redacted, remarks)),
        empty={name: empty[name] for name in feed.columns if empty[name]},
        damaged={name: spoilt[name] for name in feed.columns if spoilt[name]},
        dropped_headings=layout.dropped,
    )
