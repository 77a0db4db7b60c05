"""不认 — identity numbers of a column that a spreadsheet has rounded, taken from the rows that had them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.feed import Feed
from pipelines.readers.columns import landed_names, schema
from pipelines.readers.groups import RowGroups

ROUNDED = "float15"
SOUND = pa.array(["valid18", "permit"])


def disown(extract: Path, part: str, feed: Feed, columns: Iterable[str]) -> dict[str, int]:
    """By column: the landed rows of ``part`` whose sound number ends in three zeros, now ``float15``.

    The text stays, the key goes: nobody is found by it.
    """
    taken = dict.fromkeys(columns, 0)
    kinds = schema(feed)
    dictionaries = [one.name for one in kinds if pa.types.is_dictionary(one.type)]
    for path in sorted(extract.glob(f"{part}-*.parquet")):
        landed = pq.ParquetFile(path, read_dictionary=dictionaries)
        unfinished = path.with_suffix(".unfinished")
        out = RowGroups(unfinished, kinds, "none")
        for group in range(landed.num_row_groups):
            rows = landed.read_row_group(group).cast(kinds).combine_chunks()
            for name in taken:
                rows, count = _without(rows, *landed_names(feed.columns[name]))
                taken[name] += count
            out.add(rows)
        out.close()
        landed.close()
        unfinished.replace(path)
    return taken


def _without(rows: pa.Table, text: str, key: str, kind: str) -> tuple[pa.Table, int]:
    kinds = rows[kind].cast(pa.string())
    zeros = pc.and_(pc.equal(pc.utf8_length(rows[text]), 18), pc.ends_with(rows[text], "000"))
    lost = pc.fill_null(pc.and_(zeros, pc.is_in(kinds, SOUND)), False)
    classes = pc.if_else(lost, ROUNDED, kinds).combine_chunks().dictionary_encode()
    keys = pc.if_else(lost, pa.scalar(None, pa.string()), rows[key])
    names = rows.schema.names
    rows = rows.set_column(names.index(kind), rows.schema.field(kind), classes.cast(rows[kind].type))
    return rows.set_column(names.index(key), rows.schema.field(key), keys), int(np.asarray(lost).sum())
