"""缴费台账 — the months of insurance 210 of some persons: which count, which are owed, doubled, or
impossible.

Nothing is filled in. A span with fewer months than its length counts that many, unplaced: it covers its whole
length where a gap or the last employer is asked for, and never makes a month double.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matchers import months
from matchers.schemas import (
    ByMonth,
    DrawnMonths,
    LedgerMonths,
    LedgerRows,
    MonthSpans,
    PaidSpans,
    PartialSpans,
    PersonMonths,
    shown,
)

Ints = npt.NDArray[np.int64]
FIRST = months.number("1986-07")
PAID_BY_FUND = ("11", "36")
REFUND_KIND, PREPAID, REGULAR, ADJUSTMENT = "20", "12", "10", "34"
REFUND_FLAGS = ("7", "8")
ROOM = 4096 * 8  # month numbers are smaller than this
MONTH = ["person_no", "month"]


@shown("cleanup_rows", "cleanup_partial", "cleanup_months")
@dataclass(frozen=True, slots=True)
class Ledger:
    """Month by month. ``rows``: person_no, employer_id, month, kind, flag and the marks bad, refund,
    cancelled,
    counting. ``partial``: person_no, employer_id, first, last, count of counting spans that do not say which
    months. ``months``: person_no, month, placed, rows (that may double), owed, cleared (owed,
    and the money came within a year), one for each person and month.
    """

    rows: LedgerRows
    partial: PartialSpans
    months: LedgerMonths

    def only(self, numbers: "pd.Index[str]") -> "Ledger":
        """The ledger of some persons."""
        return Ledger(
            *(frame[frame["person_no"].isin(numbers)] for frame in (self.rows, self.partial, self.months))
        )


def ledger(spans: PaidSpans, as_of: int) -> Ledger:
    """The ledger of ``spans``: person_no, employer_id, insurance, first, last, count, kind, flag, valid,
    source,
    latest (the batch's month, or the settled month) and received_on. ``as_of``: the month up to which months
    count.

    Rows equal in person, employer, month and kind are one where different sources bring them, two in one
    source.
    """
    own = spans[(spans["insurance"] == "210") & (spans["valid"] == "1")]
    whole = own["count"] == own["last"] - own["first"] + 1
    placed, partial = expanded(own[whole]), own[~whole]
    placed = placed.assign(bad=_bad(placed, placed["month"], placed["month"]), refund=_refund(placed))
    payer = pd.MultiIndex.from_frame(placed[["person_no", "employer_id", "month"]])
    cancelled = ~placed["refund"] & payer.isin(payer[placed["refund"].to_numpy()])
    counting = _paid(placed) & ~placed["bad"] & ~cancelled & (placed["month"] <= as_of)
    rows = placed.assign(cancelled=cancelled, counting=counting)
    usable = _paid(partial) & ~_bad(partial, partial["first"], partial["last"]) & (partial["last"] <= as_of)
    spans_left = partial.loc[usable, ["person_no", "employer_id", "first", "last", "count"]]
    spans_left = spans_left.drop_duplicates().reset_index(drop=True)
    return Ledger(rows, spans_left, _by_month(rows, spans_left))


def expanded(spans: MonthSpans) -> ByMonth:
    """One row a month."""
    length = (spans["last"] - spans["first"] + 1).to_numpy(np.int64)
    at = np.repeat(np.arange(len(spans)), length)
    offset = np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
    rows = spans.iloc[at].reset_index(drop=True)
    return rows.assign(month=rows["first"].to_numpy(np.int64) + offset).drop(
        columns=["first", "last", "count"]
    )


def _bad(rows: pd.DataFrame, first: "pd.Series[int]", last: "pd.Series[int]") -> "pd.Series[bool]":
    return (first < FIRST) | ((rows["kind"] != PREPAID) & (last > rows["latest"]))


def _refund(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["kind"] == REFUND_KIND) | rows["flag"].isin(REFUND_FLAGS)


def _paid(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["flag"] == "1") & ~rows["kind"].isin([*PAID_BY_FUND, REFUND_KIND])


def _by_month(rows: pd.DataFrame, partial: pd.DataFrame) -> pd.DataFrame:
    counting = rows[rows["counting"]]
    one = ["person_no", "employer_id", "month", "kind"]
    same = (
        counting.groupby([*one, "source"], sort=False)
        .size()
        .groupby(level=one, sort=False)
        .max()
        .reset_index(name="n")
    )
    doubling = same["n"].where(same["kind"] != ADJUSTMENT, 0)
    placed = (
        same.assign(rows=doubling).groupby(MONTH, sort=False)["rows"].sum().reset_index().assign(placed=True)
    )
    late = _within_a_year(rows)
    declared = rows.loc[(rows["flag"] == "2") & ~rows["bad"], MONTH].assign(owed=True, cleared=late)
    owed = declared.groupby(MONTH, sort=False).all().reset_index()
    table = placed.merge(owed, on=MONTH, how="outer")
    placed_months = table["placed"].notna()
    covered = _inside(table, partial)
    return table.assign(
        placed=placed_months,
        rows=table["rows"].fillna(0).astype("int64"),
        owed=table["owed"].notna() & ~placed_months & ~covered,
        cleared=table["cleared"].eq(True),
    ).sort_values(MONTH, ignore_index=True)


def _within_a_year(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Owed months whose money came within a year, where the day is on record."""
    return (months.of_dates(rows["received_on"]) - rows["month"]).between(0, 12)


def _inside(table: pd.DataFrame, partial: pd.DataFrame) -> "pd.Series[bool]":
    """Which months lie in an unplaced span of the same person."""
    met = table[MONTH].reset_index().merge(partial, on="person_no")
    inside = met.loc[met["month"].between(met["first"], met["last"]), "index"]
    return pd.Series(table.index.isin(inside), index=table.index)


def covered(book: Ledger) -> PersonMonths:
    """person_no, month of every month that is paid, or lies in a span of which some months are."""
    spans = book.partial.assign(count=book.partial["last"] - book.partial["first"] + 1)
    placed = book.months.loc[book.months["placed"], MONTH]
    return pd.concat([placed, expanded(spans)[MONTH]]).drop_duplicates().sort_values(MONTH, ignore_index=True)


def gaps(book: Ledger, drawn: DrawnMonths) -> PersonMonths:
    """person_no, month between the first and last paid month that is neither paid, owed nor drawn.

    ``drawn``: person_no, month.
    """
    paid = covered(book)
    ends = paid.groupby("person_no")["month"].agg(["min", "max"]).reset_index()
    every = expanded(ends.rename(columns={"min": "first", "max": "last"}).assign(count=0))
    seen = pd.concat([paid, book.months.loc[book.months["owed"], MONTH], drawn[MONTH]])
    return every[~_keys(every).isin(_keys(seen))].reset_index(drop=True)


def _keys(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[MONTH])


def spans_text(rows: PersonMonths) -> "pd.Series[str]":
    """By person the months of ``rows`` as ``YYYY-MM..YYYY-MM;YYYY-MM``."""
    table = rows[MONTH].drop_duplicates().sort_values(MONTH, ignore_index=True)
    begins = (table["person_no"] != table["person_no"].shift()) | (
        table["month"] != table["month"].shift() + 1
    )
    run = (
        table.groupby([table["person_no"], begins.cumsum().rename("run")])["month"]
        .agg(["min", "max"])
        .reset_index()
    )
    label = {m: months.text(m) for m in pd.unique(run[["min", "max"]].to_numpy().ravel())}
    first, last = (run[end].map(label).astype(object) for end in ("min", "max"))
    text = first.where(run["min"] == run["max"], first + ".." + last)
    return text.groupby(run["person_no"]).agg(";".join)
