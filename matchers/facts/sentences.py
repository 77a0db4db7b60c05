"""刑罚 — one sentence in several rows: which rows tell of the same one, and which of them stands."""

import pandas as pd

from matchers.findings import IMPORTANT
from matchers.links import ALLOWS
from matchers.schemas import SentenceRows

CONFINED = "收监"
SERVED = ["confined_on", "term_from", "released_on"]


def reversed_dates(rows: SentenceRows) -> "pd.Series[bool]":
    """Whether a row ends before it begins."""
    return rows["released_on"] < rows[["confined_on", "term_from"]].max(axis=1)


def standing(rows: SentenceRows) -> SentenceRows:
    """One row for each sentence that was ever served in prison, at the label of its latest 收监 row.

    Columns of ``rows``, each date the newest that is stated, and ``newest``: the label of the newest row of
    the sentence, ``changed_month``: the month of the delivery that tells of another manner, else missing.
    One whose link is only proposed stands by itself beside the certain ones.
    """
    certain = rows["link_tier"].map(ALLOWS) >= IMPORTANT
    ordered = rows.assign(certain=certain, sentence=_sentence(rows, certain), at=rows.index)
    ordered = ordered.sort_values(["delivered_on", "file", "line"])
    case = ["claim_id", "certain", "sentence"]
    last = ordered.groupby(case)[[*SERVED, "manner", "delivered_month", "at"]].last()
    last = last.rename(columns={"manner": "newest_manner", "delivered_month": "newest_month", "at": "newest"})
    served = ordered[ordered["manner"] == CONFINED].drop_duplicates(case, keep="last")
    served = served.drop(columns=SERVED).merge(last, on=case, validate="1:1")
    changed = served["newest_month"].where(served["newest_manner"] != CONFINED)
    return served.assign(changed_month=changed).set_index("at")


def _sentence(rows: pd.DataFrame, certain: "pd.Series[bool]") -> "pd.Series[pd.Timestamp]":
    """The day that names the sentence: the beginning of its term, which a row without it has from a row of
    the same day in prison; else that day.
    """
    place = ["claim_id", "certain", "confined_on"]
    dated = rows.assign(certain=certain).dropna(subset=["confined_on", "term_from"])
    dated = dated.sort_values(["delivered_on", "file", "line"]).drop_duplicates(place, keep="last")
    filled = rows.assign(certain=certain)[place].merge(
        dated[[*place, "term_from"]], on=place, how="left", validate="m:1"
    )["term_from"]
    term = rows["term_from"].fillna(pd.Series(filled.to_numpy(), index=rows.index))
    return term.fillna(rows["confined_on"])
