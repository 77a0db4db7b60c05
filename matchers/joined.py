"""连接 — the rows of one frame beside those of another that have the same key, in the order of the first."""

import pandas as pd

from matchers.schemas import AnyRows


def joined(rows: AnyRows, others: AnyRows, on: str) -> AnyRows:
    """Each of ``rows`` beside each of ``others`` that is equal in the column ``on``: in the order of
    ``rows``, and beside one row in the order of ``others``.

    pandas takes as many rows as before for one match each, and loses their order where some have none and
    others several.
    """
    beside: pd.DataFrame = rows.merge(others, on=on, validate="m:m")
    if len(beside) != len(rows):
        return beside
    matched = rows[on].isin(others[on])
    return beside if matched.all() else rows[matched].merge(others, on=on, validate="m:m")
