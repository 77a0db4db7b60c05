"""缴费台账 — the months of insurance 210 of some persons: which count, which are owed, doubled, or
impossible.

Nothing is filled in. A span with fewer months than its length counts that many, unplaced: it covers its whole
length where a gap or the last employer is asked for, and never makes a month double.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matchers import months
from matchers.cleanup.keys import ROOM, Ints, each, encoded, keys, of_keys
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

FIRST = months.number("1986-07")
PAID_BY_FUND = ("11", "36")
REFUND_KIND, PREPAID, REGULAR, ADJUSTMENT = "20", "12", "10", "34"
REFUND_FLAGS = ("7", "8")
MONTH = ["person_no", "month"]
PAYER = ["person_no", "employer_id", "month"]


@shown("cleanup_rows", "cleanup_partial", "cleanup_months")
@dataclass(frozen=True, slots=True)
class Ledger:
    """Month by month. Texts are categories.

    ``rows``: person_no, employer_id, month, kind, flag and the marks bad, refund, cancelled, counting.
    ``partial``: person_no, employer_id, first, last, count of counting spans that do not say which months.
    ``months``: person_no, month, placed, rows (that may double), owed, cleared (owed, and the money came
    within a year), one for each person and month.
    """

    rows: LedgerRows
    partial: PartialSpans
    months: LedgerMonths

    @property
    def persons(self) -> "pd.Index[str]":
        """The 个人编号 of which all three frames hold theirs as categories, in order."""
        return self.months["person_no"].cat.categories


def ledger(spans: PaidSpans, as_of: int) -> Ledger:
    """The ledger of ``spans``; months count up to ``as_of``.

    ``spans``: person_no, employer_id, insurance, first, last, count, kind, flag, valid, source, latest (the
    batch's month, or the settled month) and received_on. Rows equal in person, employer, month and kind are
    one where different sources bring them, two in one source.
    """
    own = encoded(spans[(spans["insurance"] == "210") & (spans["valid"] == "1")])
    whole = own["count"] == own["last"] - own["first"] + 1
    placed, partial = expanded(own[whole]), own[~whole]
    placed = placed.assign(bad=_bad(placed, placed["month"], placed["month"]), refund=_refund(placed))
    persons = own["person_no"].cat.categories
    cancelled = _cancelled(placed, persons)
    counting = _paid(placed) & ~placed["bad"] & ~cancelled & (placed["month"] <= as_of)
    rows = placed.assign(cancelled=cancelled, counting=counting)
    usable = _paid(partial) & ~_bad(partial, partial["first"], partial["last"]) & (partial["last"] <= as_of)
    spans_left = partial.loc[usable, ["person_no", "employer_id", "first", "last", "count"]]
    spans_left = spans_left.drop_duplicates().reset_index(drop=True)
    return Ledger(rows, spans_left, _by_month(rows, spans_left, persons))


def expanded(spans: MonthSpans) -> ByMonth:
    """One row a month."""
    at, month = each(*(spans[end].to_numpy(np.int64) for end in ("first", "last")))
    rows = spans.drop(columns=["first", "last", "count"]).iloc[at].reset_index(drop=True)
    return rows.assign(month=month)


def _bad(rows: pd.DataFrame, first: "pd.Series[int]", last: "pd.Series[int]") -> "pd.Series[bool]":
    return (first < FIRST) | ((rows["kind"] != PREPAID) & (last > rows["latest"]))


def _refund(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["kind"] == REFUND_KIND) | rows["flag"].isin(REFUND_FLAGS)


def _paid(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["flag"] == "1") & ~rows["kind"].isin([*PAID_BY_FUND, REFUND_KIND])


def _cancelled(rows: pd.DataFrame, persons: "pd.Index[str]") -> "pd.Series[bool]":
    """Which rows a refund of the same person, employer and month takes back."""
    month = pd.Index(keys(rows, persons))
    near = rows[month.isin(month[rows["refund"].to_numpy()])]
    payer, refund = pd.MultiIndex.from_frame(near[PAYER]), near["refund"].to_numpy()
    taken = near.index[~refund & payer.isin(payer[refund])]
    return pd.Series(rows.index.isin(taken), index=rows.index)


def _by_month(rows: pd.DataFrame, partial: pd.DataFrame, persons: "pd.Index[str]") -> pd.DataFrame:
    doubling = _doubling(rows[rows["counting"]], persons)
    declared = rows[(rows["flag"] == "2") & ~rows["bad"]]
    cleared = _within_a_year(declared).groupby(keys(declared, persons)).all()
    every = doubling.index.union(cleared.index)
    placed = every.isin(doubling.index)
    table = of_keys(every.to_numpy(np.int64), persons)
    return table.assign(
        placed=placed,
        rows=doubling.reindex(every, fill_value=0).to_numpy(np.int64),
        owed=~placed & ~table.index.isin(_inside(table[~placed], partial)),
        cleared=cleared.reindex(every, fill_value=False).to_numpy(bool),
    )


def _doubling(counting: pd.DataFrame, persons: "pd.Index[str]") -> "pd.Series[int]":
    """By key of each month that counts, its rows that may double. Only months with several rows are compared
    row by row.
    """
    rows = counting[["employer_id", "kind", "source"]].assign(
        month=keys(counting, persons), n=(counting["kind"] != ADJUSTMENT).astype("int64")
    )
    several = rows["month"].duplicated(keep=False)
    one = ["month", "employer_id", "kind"]
    by_source = rows[several].groupby([*one, "source"], observed=True, sort=False)["n"].sum()
    same = by_source.groupby(level=one, observed=True, sort=False).max()
    alone = rows[~several].set_index("month")["n"]
    doubling: pd.Series[int] = pd.concat([alone, same.groupby(level="month").sum()]).sort_index()
    return doubling


def _within_a_year(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Owed months whose money came within a year, where the day is on record."""
    return (months.of_dates(rows["received_on"]) - rows["month"]).between(0, 12)


def _inside(months_owed: pd.DataFrame, partial: pd.DataFrame) -> "pd.Index[int]":
    """Which rows lie in an unplaced span of the same person."""
    met = months_owed[MONTH].reset_index().merge(partial, on="person_no")
    inside: pd.Index[int] = pd.Index(met.loc[met["month"].between(met["first"], met["last"]), "index"])
    return inside


def covered(book: Ledger) -> PersonMonths:
    """person_no, month of every month that is paid, or lies in a span of which some months are."""
    return of_keys(_covered(book), book.persons)


def _covered(book: Ledger) -> Ints:
    placed = pd.Index(keys(book.months[book.months["placed"]], book.persons))
    inside = pd.Index(pd.unique(keys(expanded(book.partial), book.persons))).sort_values()
    return placed.union(inside).to_numpy(np.int64)


def gaps(book: Ledger, drawn: DrawnMonths) -> PersonMonths:
    """person_no, month between the first and last paid month that is neither paid, owed nor drawn.

    ``drawn``: person_no, month.
    """
    paid, persons = _covered(book), book.persons
    person = paid // ROOM
    first, last = paid[np.diff(person, prepend=-1) != 0], paid[np.diff(person, append=-1) != 0]
    every = pd.Index(each(first, last)[1])
    owed = keys(book.months[book.months["owed"]], persons)
    seen = np.concatenate([paid, owed, keys(drawn, persons)])
    return of_keys(every[~every.isin(seen)].to_numpy(np.int64), persons)


def spans_text(rows: PersonMonths) -> "pd.Series[str]":
    """By person the months of ``rows`` as ``YYYY-MM..YYYY-MM;YYYY-MM``."""
    table = rows[MONTH].astype({"person_no": object}).drop_duplicates().sort_values(MONTH, ignore_index=True)
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
