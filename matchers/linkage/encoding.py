"""编码 — columns as numbers: what millions of comparisons and joins are made on. Missing is -1 throughout."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matchers.text import buffers

Ints = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]


def text(values: "pd.Series[str]") -> pa.StringArray:
    """The column as Arrow text; empty text is missing."""
    column = pa.array(values, from_pandas=True)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    column = column.cast(pa.string())
    return pc.if_else(pc.equal(column, ""), None, column)


def code_points(column: pa.StringArray, width: int) -> npt.NDArray[np.uint32]:
    """The first ``width`` characters of each value as code points, 0 behind the end and for missing."""
    cut = pc.utf8_slice_codeunits(pc.fill_null(column, ""), 0, width)
    _, content = buffers(pc.utf8_rpad(cut, width, "\0"))
    flat = content.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass")
    return np.frombuffer(flat, np.uint32).reshape(len(column), width)


def digits(values: "pd.Series[str]", *, longest: int = 18) -> Ints:
    """The digits of each value as one number; a value without digits, or with too many, is missing."""
    only = pc.replace_substring_regex(text(values), r"\D", "")
    size = pc.utf8_length(only)
    fits = pc.and_(pc.greater(size, 0), pc.less_equal(size, longest))
    return _ints(pc.if_else(fits, only, None))


def phones(values: "pd.Series[str]") -> Ints:
    """Telephone numbers without country code and leading zeros; fewer than seven digits are missing."""
    only = pc.replace_substring_regex(text(values), r"\D", "")
    bare = pc.replace_substring_regex(only, r"^(0+86|86(1\d{10}$)|0+)", r"\2")
    size = pc.utf8_length(bare)
    return _ints(pc.if_else(pc.and_(pc.greater_equal(size, 7), pc.less_equal(size, 15)), bare, None))


def days(values: "pd.Series[Any]") -> Ints:
    """Dates as the number yyyymmdd."""
    stamps = pd.to_datetime(values, errors="coerce").to_numpy("datetime64[D]", na_value=np.datetime64("NaT"))
    years, months = stamps.astype("datetime64[Y]"), stamps.astype("datetime64[M]")
    number = (years.astype(np.int64) + 1970) * 10_000
    number += ((months - years).astype(np.int64) + 1) * 100 + (stamps - months).astype(np.int64) + 1
    return np.where(np.isnat(stamps), -1, number)


def _ints(column: pa.StringArray) -> Ints:
    numbers = pc.fill_null(column.cast(pa.int64()), -1)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def mixed(*keys: npt.NDArray[np.integer]) -> Ints:
    """One key from several, by hashing; missing where one of them is. Two keys may rarely meet."""
    combined = np.zeros(len(keys[0]), np.uint64)
    missing = np.zeros(len(keys[0]), bool)
    for key in keys:
        missing |= key < 0
        combined = (combined ^ key.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        combined ^= combined >> np.uint64(29)
    return np.where(missing, -1, (combined >> np.uint64(1)).astype(np.int64))


def agreement_rate(values: npt.NDArray[np.integer]) -> float:
    """How often two different records drawn at random hold the same value; half a pair more than seen."""
    seen = values[values >= 0]
    counts = np.bincount(pd.factorize(seen)[0]).astype(np.float64)
    pairs = len(seen) * (len(seen) - 1.0)
    return float((counts @ (counts - 1.0) + 1.0) / max(pairs, 2.0))


def frequency(values: npt.NDArray[np.integer], pool: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """The share of ``pool`` that holds each of ``values``; missing values are not counted."""
    codes, _ = pd.factorize(np.concatenate([values, pool[pool >= 0]]))
    seen = codes[len(values) :]
    counts = np.bincount(seen, minlength=int(codes.max(initial=0)) + 1)
    return np.asarray(counts[codes[: len(values)]] / max(len(seen), 1))
