"""成列 — rows of text become typed columns; what a column does not allow becomes a reject.

Identity numbers and names are taken as arrays, all other types by their distinct values.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Column, Feed
from matchers.resident_id import CLASSES, normalise_array
from matchers.text import Positions, fold_array, name_key
from pipelines.readers import fields
from pipelines.readers.parts import Reject

NUMBERS = {"month": pa.int32(), "date": pa.date32(), "money": pa.int64()}
CLASS_NAMES = pa.array(CLASSES, pa.string())
NOWHERE: Positions = np.empty(0, np.int64)

Reading = Callable[[str], tuple[fields.Value, str | None]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as text: the physical line of each, the cells of the promised columns that the file has.

    ``cells``: canonical name to string or dictionary array. ``raw`` gives the text of rows by position.
    """

    lines: npt.NDArray[np.int64]
    cells: Mapping[str, pa.Array]
    raw: Callable[[Positions], list[str]]


class _Typed(NamedTuple):
    """The landed arrays of a column, where folding changed its text, and why rows fail by position."""

    arrays: list[pa.Array]
    changed: Positions
    faults: dict[int, str]


def landed_names(column: Column) -> list[str]:
    """The columns of the landed extract that a promised column becomes."""
    if column.type == "id":
        stem = column.name.removesuffix("_number")
        return [column.name, f"{stem}_key", f"{stem}_class"]
    return [column.name, f"{column.name}_key"] if column.type == "name" else [column.name]


def schema(feed: Feed) -> pa.Schema:
    """The landed extract of a feed."""
    promised = [
        (name, NUMBERS.get(column.type, pa.string()))
        for column in feed.columns.values()
        for name in landed_names(column)
    ]
    return pa.schema([("file", pa.string()), ("line", pa.int64()), *promised, ("as_came", pa.string())])


class Typing:
    """Turns the rows of one file of a feed into landed columns, remembering the values it has read."""

    def __init__(self, feed: Feed, file: str) -> None:
        self._feed = feed
        self._file = file
        self._schema = schema(feed)
        self._reading = {name: _reading(column) for name, column in feed.columns.items()}

    def __call__(self, rows: Rows) -> tuple[pa.Table, list[Reject]]:
        """The landed rows; the rejects, each with the first column of the feed that it fails on."""
        count = len(rows.lines)
        landed = {
            "file": pa.repeat(pa.scalar(self._file, pa.string()), count),
            "line": pa.array(rows.lines, pa.int64()),
        }
        came: dict[int, dict[str, str]] = {}
        faults: dict[int, tuple[str, str]] = {}
        for name, column in self._feed.columns.items():
            cells = rows.cells.get(name)
            typed = _absent(column, count) if cells is None else _typed(column, cells, self._reading[name])
            landed |= dict(zip(landed_names(column), typed.arrays, strict=True))
            for place, value in _at(cells, typed.changed).items():
                came.setdefault(place, {})[name] = value
            for place, reason in typed.faults.items():
                faults.setdefault(place, (reason, name))
        landed["as_came"] = _as_came(came, count)
        table = pa.table([landed[name] for name in self._schema.names], self._schema)
        return (table, []) if not faults else _parted(table, rows, faults)


def _reading(column: Column) -> Reading:
    @lru_cache(1 << 16)
    def read(raw: str) -> tuple[fields.Value, str | None]:
        try:
            return fields.read(column, raw), None
        except fields.Unreadable as error:
            return None, error.reason

    return read


def _absent(column: Column, count: int) -> _Typed:
    first = pa.repeat(pa.scalar(column.default, NUMBERS.get(column.type, pa.string())), count)
    others = [pa.nulls(count, pa.string()) for _ in landed_names(column)[1:]]
    return _Typed([first, *others], NOWHERE, {})


def _typed(column: Column, cells: pa.Array, reading: Reading) -> _Typed:
    if column.type == "id":
        text, key, classes, changed = normalise_array(cells)
        return _Typed([_null_if_empty(text), key, CLASS_NAMES.take(pa.array(classes))], changed, {})
    if column.type == "name":
        text, changed = fold_array(cells)
        key, _ = fold_array(text, name_key)
        return _Typed([_null_if_empty(text), _null_if_empty(key)], changed, {})
    coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    return _text(column, coded) if column.type == "text" else _valued(column, coded, reading)


def _valued(column: Column, coded: pa.DictionaryArray, reading: Reading) -> _Typed:
    read = [reading(raw) for raw in coded.dictionary.to_pylist()]
    values = pa.array([value for value, _ in read], NUMBERS.get(column.type, pa.string()))
    reasons = {entry: reason for entry, (_, reason) in enumerate(read) if reason}
    return _Typed([values.take(coded.indices)], NOWHERE, _spread(coded, reasons))


def _text(column: Column, coded: pa.DictionaryArray) -> _Typed:
    folded, changed = fold_array(coded.dictionary)
    empty = np.flatnonzero(pc.equal(pc.binary_length(folded), 0).to_numpy(zero_copy_only=False))
    must = column.required and not column.may_be_empty
    faults = _spread(coded, dict.fromkeys(empty.tolist(), "empty_required") if must else {})
    text = _null_if_empty(folded).take(coded.indices)
    return _Typed([text], _holding(coded, changed), faults)


def _holding(coded: pa.DictionaryArray, entries: Positions) -> Positions:
    """The rows that hold one of these dictionary entries."""
    if not len(entries):
        return NOWHERE
    return np.flatnonzero(np.isin(coded.indices.to_numpy(), entries))


def _spread(coded: pa.DictionaryArray, reasons: Mapping[int, str]) -> dict[int, str]:
    rows = _holding(coded, np.array(list(reasons), np.int64))
    entries = coded.indices.to_numpy()[rows]
    return {row: reasons[entry] for row, entry in zip(rows.tolist(), entries.tolist(), strict=True)}


def _null_if_empty(values: pa.StringArray) -> pa.StringArray:
    empty = pc.equal(pc.binary_length(values), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), values) if pc.any(empty).as_py() else values


def _at(cells: pa.Array, places: Positions) -> dict[int, str]:
    if not len(places):
        return {}
    return dict(zip(places.tolist(), cells.take(pa.array(places)).to_pylist(), strict=True))


def _as_came(came: Mapping[int, dict[str, str]], count: int) -> pa.Array:
    if not came:
        return pa.nulls(count, pa.string())
    mask = np.zeros(count, bool)
    mask[list(came)] = True
    texts = [json.dumps(came[place], ensure_ascii=False) for place in sorted(came)]
    return pc.replace_with_mask(pa.nulls(count, pa.string()), pa.array(mask), pa.array(texts, pa.string()))


def _parted(
    table: pa.Table, rows: Rows, faults: Mapping[int, tuple[str, str]]
) -> tuple[pa.Table, list[Reject]]:
    places = np.array(sorted(faults), np.int64)
    kept = np.ones(len(rows.lines), bool)
    kept[places] = False
    values = {name: _at(cells, places) for name, cells in rows.cells.items()}
    rejects = [
        Reject(line, *faults[place], values[faults[place][1]][place], raw)
        for place, line, raw in zip(
            places.tolist(), rows.lines[places].tolist(), rows.raw(places), strict=True
        )
    ]
    return table.filter(pa.array(kept)), rejects
