"""成列 — rows of text become typed columns; what a column does not allow becomes a reject.

Identity numbers, names and texts that hardly repeat are taken as arrays, all others by their distinct values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from json import JSONEncoder
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Column, Feed
from matchers.people.resident_id import CLASSES, normalise_array
from matchers.text import Positions, fold_array, name_key, replace
from pipelines.readers import fields, spans
from pipelines.readers.damage import Damage, Rounded, rounded_identities, rounded_numbers, spoilt_among
from pipelines.readers.lifetime import outside_life
from pipelines.readers.nothing import words_for_nothing
from pipelines.readers.parts import Reject

NUMBERS = {"month": pa.int32(), "date": pa.date32(), "money": pa.int64(), "count": pa.int32()}
DISTINCT = pa.dictionary(pa.int32(), pa.string())
NOWHERE: Positions = np.empty(0, np.int64)
REMEMBERED = 1 << 16
SAMPLE = 1 << 10
JSON = JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as text: the physical line of each, the cells of the promised columns that the file has.

    ``cells``: canonical name to string or dictionary array. ``raw`` gives the text of rows by position.
    """

    lines: npt.NDArray[np.int64]
    cells: Mapping[str, pa.Array]
    raw: Callable[[Positions], list[str]]


class _Typed(NamedTuple):
    """The landed arrays of a column, where its text changed, why rows fail by position, and its damage."""

    arrays: list[pa.Array]
    changed: Positions
    faults: dict[int, str]
    spoilt: int = 0
    rounded: Mapping[int, Rounded] = MappingProxyType({})


def landed_names(column: Column) -> list[str]:
    """The columns of the landed extract that a promised column becomes."""
    if column.type == "id":
        stem = column.name.removesuffix("_number")
        return [column.name, f"{stem}_key", f"{stem}_class"]
    return [column.name, f"{column.name}_key"] if column.type == "name" else [column.name]


def schema(feed: Feed) -> pa.Schema:
    """The landed extract of a feed; texts that repeat are written, not read back, as dictionaries."""
    promised = [
        (name, pa.string() if alone else NUMBERS.get(column.type, DISTINCT))
        for column in feed.columns.values()
        for name, alone in zip(landed_names(column), _unique(column), strict=True)
    ]
    return pa.schema([("file", DISTINCT), ("line", pa.int64()), *promised, ("as_came", pa.string())])


def encoded(column: Column, cells: pa.Array) -> pa.Array:
    """Text or bytes of a column as a dictionary array; as they are where most values stand but once."""
    if column.type in ("id", "name") or pa.types.is_dictionary(cells.type):
        return cells
    sample = cells.slice(0, SAMPLE)
    if column.type == "text" and 2 * len(sample.unique()) > len(sample):
        return cells
    return cells.dictionary_encode()


def _unique(column: Column) -> tuple[bool, ...]:
    return {"id": (True, True, False), "name": (True, True)}.get(column.type, (False,))


class Typing:
    """Turns the rows of one file of a feed into landed columns, remembering the values it has read."""

    def __init__(self, feed: Feed, file: str) -> None:
        self._feed = feed
        self._file = file
        self._names = schema(feed).names
        self._vocabularies = {name: Vocabulary(column) for name, column in feed.columns.items()}

    def __call__(self, rows: Rows) -> tuple[pa.Table, list[Reject], Damage]:
        """The landed rows; the rejects, each with the first column that it fails on; the damage."""
        count = len(rows.lines)
        landed = {
            "file": _constant(self._file, DISTINCT, count),
            "line": pa.array(rows.lines, pa.int64()),
        }
        came: dict[int, dict[str, str]] = {}
        faults: dict[int, tuple[str, str]] = {}
        damage = Damage()
        for name, column in self._feed.columns.items():
            cells = rows.cells.get(name)
            typed = (
                _absent(column, count) if cells is None else _typed(column, cells, self._vocabularies[name])
            )
            landed |= dict(zip(landed_names(column), typed.arrays, strict=True))
            for place, value in _at(cells, typed.changed).items():
                came.setdefault(place, {})[name] = value
            for place, reason in typed.faults.items():
                faults.setdefault(place, (reason, name))
            if typed.spoilt or typed.rounded:
                endings = {(name, digits): ending for digits, ending in typed.rounded.items()}
                damage += Damage({name: typed.spoilt} if typed.spoilt else {}, endings)
        for group in self._feed.one_of:
            present = next(name for name in group if name in rows.cells)
            for place in _without(landed, group):
                faults.setdefault(place, ("empty_required", present))
        for place, fault in outside_life(self._feed, landed).items():
            faults.setdefault(place, fault)
        if self._feed.span is not None:
            for place, column_at_fault in spans.faults(self._feed.span, landed).items():
                faults.setdefault(place, ("bad_span", column_at_fault))
        landed["as_came"] = _as_came(came, count)
        table = pa.table({name: landed[name] for name in self._names})
        return (table, [], damage) if not faults else (*_parted(table, rows, faults), damage)


class Vocabulary:
    """The values that a column of one file has had so far, each read once."""

    def __init__(self, column: Column) -> None:
        self._value = fields.Reading(column)
        self._type = NUMBERS.get(column.type, pa.string())
        self._forget()

    def _forget(self) -> None:
        self._words = pa.array([], pa.string())
        self._values = pa.array([], self._type)
        self._reasons: dict[int, str] = {}

    def __call__(self, words: pa.StringArray) -> tuple[pa.Array, dict[int, str]]:
        """The values of distinct words, and by position the reasons of those that cannot be read."""
        if len(self._words) > REMEMBERED:
            self._forget()
        at = pc.index_in(words, self._words)
        if at.null_count:
            self._learn(words.filter(at.is_null()))
            at = pc.index_in(words, self._words)
        places = at.to_numpy(zero_copy_only=False)
        bad = np.flatnonzero(np.isin(places, list(self._reasons))) if self._reasons else NOWHERE
        return self._values.take(at), {int(i): self._reasons[int(places[i])] for i in bad}

    def _learn(self, words: pa.StringArray) -> None:
        read = [self._read(word) for word in words.to_pylist()]
        start = len(self._words)
        self._reasons |= {start + at: reason for at, (_, reason) in enumerate(read) if reason}
        self._words = pa.concat_arrays([self._words, words])
        self._values = pa.concat_arrays([self._values, pa.array([value for value, _ in read], self._type)])

    def _read(self, word: str) -> tuple[fields.Value, str | None]:
        try:
            return self._value(word), None
        except fields.Unreadable as error:
            return None, error.reason


def _absent(column: Column, count: int) -> _Typed:
    kinds = [pa.string() if alone else NUMBERS.get(column.type, DISTINCT) for alone in _unique(column)]
    first, *others = kinds
    arrays = [_constant(column.default, first, count), *(pa.nulls(count, kind) for kind in others)]
    return _Typed(arrays, NOWHERE, {})


def _constant(value: str | None, kind: pa.DataType, count: int) -> pa.Array:
    if value is None:
        return pa.nulls(count, kind)
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([value], pa.string()))


def _typed(column: Column, cells: pa.Array, vocabulary: Vocabulary) -> _Typed:
    if column.type == "id":
        text, key, classes, changed = normalise_array(cells, words_for_nothing(column.nothing))
        sorts = pa.DictionaryArray.from_arrays(pa.array(classes.astype(np.int32)), _class_names())
        return _Typed([_null_if_empty(text), key, sorts], changed, {}, 0, rounded_identities(text))
    if column.type == "name":
        text, changed = fold_array(cells)
        text, empty = _without_nothing(text, column)
        key, _ = fold_array(text, name_key)
        return _Typed([_null_if_empty(text), _null_if_empty(key)], np.union1d(changed, empty), {})
    coded = encoded(column, cells)
    return _text(column, coded) if column.type == "text" else _valued(coded, vocabulary)


def _without_nothing(texts: pa.StringArray, column: Column) -> tuple[pa.StringArray, Positions]:
    """Folded texts with those that say nothing emptied, and where these stood; a number may be spoilt."""
    places = words_for_nothing(column.nothing).among(
        texts, zeros=column.type == "text", formulas=not column.number
    )
    return replace(texts, places, [""] * len(places)), places


@cache
def _class_names() -> pa.StringArray:
    return pa.array(CLASSES, pa.string())


def _valued(coded: pa.DictionaryArray, vocabulary: Vocabulary) -> _Typed:
    values, reasons = vocabulary(coded.dictionary)
    faults = _spread(coded, reasons)
    if not pa.types.is_string(values.type):
        return _Typed([values.take(coded.indices)], NOWHERE, faults)
    return _Typed([_recoded(values, coded)], NOWHERE, faults)


def _recoded(words: pa.StringArray, coded: pa.DictionaryArray) -> pa.DictionaryArray:
    """The rows of ``coded`` with ``words`` in place of its dictionary; words may be null or repeated."""
    distinct = words.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices.take(coded.indices), distinct.dictionary)


def _text(column: Column, cells: pa.Array) -> _Typed:
    coded = pa.types.is_dictionary(cells.type)
    folded, changed = fold_array(cells.dictionary if coded else cells)
    folded, nothing = _without_nothing(folded, column)
    must = column.required and not column.may_be_empty
    empty = (
        np.flatnonzero(pc.equal(pc.binary_length(folded), 0).to_numpy(zero_copy_only=False)) if must else ()
    )
    faults = dict.fromkeys(map(int, empty), "empty_required")
    spoilt, left = spoilt_among(folded) if column.number else (NOWHERE, [])
    folded = replace(folded, spoilt, left)
    rounded = rounded_numbers(folded) if column.number else {}
    lost = spoilt[[number is None for number in left]]
    changed = np.unique(np.concatenate((changed, nothing, spoilt)))
    if not coded:
        return _Typed([_null_if_empty(folded)], changed, faults, len(lost), rounded)
    return _Typed(
        [_recoded(_null_if_empty(folded), cells)],
        _holding(cells, changed),
        _spread(cells, faults),
        len(_holding(cells, lost)),
        rounded,
    )


def _without(landed: Mapping[str, pa.Array], group: Sequence[str]) -> list[int]:
    """The rows in which every column of a group is empty."""
    empty = reduce(pc.and_, (pc.is_null(landed[name]) for name in group))
    return np.flatnonzero(empty.to_numpy(zero_copy_only=False)).tolist()


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


def _at(cells: pa.Array | None, places: Positions) -> dict[int, str]:
    if cells is None or not len(places):
        return {}
    return dict(zip(places.tolist(), cells.take(pa.array(places)).to_pylist(), strict=True))


def _as_came(came: Mapping[int, dict[str, str]], count: int) -> pa.Array:
    if not came:
        return pa.nulls(count, pa.string())
    mask = np.zeros(count, bool)
    mask[list(came)] = True
    texts = [JSON.encode(came[place]) for place in sorted(came)]
    return pc.replace_with_mask(pa.nulls(count, pa.string()), pa.array(mask), pa.array(texts, pa.string()))


def _parted(
    table: pa.Table, rows: Rows, faults: Mapping[int, tuple[str, str]]
) -> tuple[pa.Table, list[Reject]]:
    places = np.array(sorted(faults), np.int64)
    kept = np.ones(len(rows.lines), bool)
    kept[places] = False
    values = {name: _at(rows.cells.get(name), places) for name in {name for _, name in faults.values()}}
    rejects = [
        Reject(line, *faults[place], values[faults[place][1]].get(place), raw)
        for place, line, raw in zip(
            places.tolist(), rows.lines[places].tolist(), rows.raw(places), strict=True
        )
    ]
    return table.filter(pa.array(kept)), rejects
