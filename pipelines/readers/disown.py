"""不认 — numbers of a column that a spreadsheet has rounded, taken from the rows that had them."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.feed import Feed
from pipelines.readers.columns import landed_names, schema
from pipelines.readers.damage import IDENTITY, KEPT
from pipelines.readers.groups import RowGroups

ROUNDED = "float15"
SOUND = pa.array(["valid18", "permit"])


def disown(extract: Path, part: str, feed: Feed, columns: Iterable[tuple[str, int]]) -> Counter[str]:
    """By column: the landed rows of ``part`` that have lost a number of so many digits, rounded to 15.

    Of an identity number the text stays and the key goes: nobody is found by it. Another number goes, as it
    came it stays in ``as_came``.
    """
    taken = Counter[str]()
    kinds = schema(feed)
    dictionaries = [one.name for one in kinds if pa.types.is_dictionary(one.type)]
    rounded = list(columns)
    for path in sorted(extract.glob(f"{part}-*.parquet")):
        landed = pq.ParquetFile(path, read_dictionary=dictionaries)
        unfinished = path.with_suffix(".unfinished")
        out = RowGroups(unfinished, kinds, "none")
        for group in range(landed.num_row_groups):
            rows = landed.read_row_group(group).cast(kinds).combine_chunks()
            for name, digits in rounded:
                if feed.columns[name].type == "id":
                    rows, count = _without_key(rows, *landed_names(feed.columns[name]))
                else:
                    rows, count = _without_number(rows, name, digits)
                taken[name] += count
            out.add(rows)
        out.close()
        landed.close()
        unfinished.replace(path)
    return taken


def _without_key(rows: pa.Table, text: str, key: str, kind: str) -> tuple[pa.Table, int]:
    kinds = rows[kind].cast(pa.string())
    zeros = pc.and_(pc.equal(pc.utf8_length(rows[text]), IDENTITY), pc.ends_with(rows[text], "000"))
    lost = pc.fill_null(pc.and_(zeros, pc.is_in(kinds, SOUND)), False)
    classes = pc.if_else(lost, ROUNDED, kinds).combine_chunks().dictionary_encode()
    rows = _with(rows, kind, classes.cast(rows[kind].type))
    keys = pc.if_else(lost, pa.scalar(None, pa.string()), rows[key])
    return _with(rows, key, keys), int(np.asarray(lost).sum())


def _without_number(rows: pa.Table, name: str, digits: int) -> tuple[pa.Table, int]:
    numbers = rows[name].cast(pa.string())
    zeros = rf"^[0-9]{{{KEPT}}}0{{{digits - KEPT}}}$"
    lost = np.asarray(pc.fill_null(pc.match_substring_regex(numbers, zeros), False))
    came = rows["as_came"].to_pylist()
    for place in np.flatnonzero(lost).tolist():
        stated = json.loads(came[place] or "{}")
        came[place] = json.dumps({name: numbers[place].as_py(), **stated}, ensure_ascii=False)
    left = pc.if_else(pa.array(lost), pa.scalar(None, pa.string()), numbers)
    left = left.combine_chunks().dictionary_encode().cast(rows[name].type)
    return _with(_with(rows, name, left), "as_came", pa.array(came, pa.string())), int(lost.sum())


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = rows.schema.names.index(name)
    return rows.set_column(place, rows.schema.field(place), values)
