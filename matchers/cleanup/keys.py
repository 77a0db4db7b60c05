"""月份键 — a person and a month as one whole number, by which months are grouped and compared without their
texts.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers.schemas import PaidSpans, PersonMonths

Ints = npt.NDArray[np.int64]
ROOM = 4096 * 8  # month numbers are smaller than this
TEXTS = ("person_no", "employer_id", "insurance", "kind", "flag", "valid", "source")


def encoded(spans: PaidSpans) -> PaidSpans:
    """``spans`` with ``TEXTS`` as categories in the order of the texts, so that each is factorised once."""
    held = {column: spans[column].astype("category") for column in TEXTS}
    return spans.assign(
        **{column: texts.cat.set_categories(sorted(texts.cat.categories)) for column, texts in held.items()}
    )


def keys(rows: PersonMonths, persons: "pd.Index[str]") -> Ints:
    """The key of each person and month, in the order of ``persons``; negative for whoever is not among
    them.
    """
    person: Ints = persons.get_indexer(pd.Index(rows["person_no"])).astype(np.int64)
    month: Ints = rows["month"].to_numpy(np.int64)
    return person * ROOM + month


def of_keys(months: Ints, persons: "pd.Index[str]") -> PersonMonths:
    """person_no (categories: ``persons``), month of keys that are not negative."""
    person_no = pd.Categorical.from_codes(months // ROOM, categories=persons)
    return pd.DataFrame({"person_no": person_no, "month": months % ROOM})


def each(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Every whole number from each ``first`` to its ``last``: at which place it stands, and itself."""
    length = last - first + 1
    at = np.repeat(np.arange(len(first)), length)
    return at, first[at] + np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
