"""可选关系 — the six relations that an agency may provide; one that is not there is ``None``, never empty."""

from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, Table, select

from expectations.feed import nothing
from matchers.people import resident_id
from matchers.risk.posts import pair
from matchers.schemas import (
    AnyRows,
    RiskAgents,
    RiskChecks,
    RiskEvents,
    RiskExceptions,
    RiskHours,
    RiskOperators,
)
from matchers.text import name_key
from pipelines.database.optional import provided
from pipelines.readers.nothing import Words, words_for_nothing
from pipelines.risk.keys import Keys
from sql.risk_tables import OPTIONAL

ROLL = r"^[^-]+-(?P<district>[^-]+)-\d{4}-\d{2}$"
REWRITTEN = "rewritten"
CHECKED = ["account", "claim_id"]
IDENTITY = ["before_number", "after_number", "before_name", "after_name", "edit", "name_changed"]


def read(connection: Connection, relation: Table) -> AnyRows | None:
    """The rows of an optional relation, ``None`` where the database has none of that name."""
    if not provided(connection, relation):
        return None
    result = connection.execute(select(relation).order_by(*relation.columns))
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    return frame.where(frame.notna(), None)


def all_of(connection: Connection) -> dict[str, AnyRows | None]:
    """Every optional relation by name."""
    return {table.name: read(connection, table) for table in OPTIONAL.sorted_tables}


def people(numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    """The numbers as people are compared, fifteen digits as eighteen; ``None`` for one that names nobody."""
    words = _nothing()
    keys = {n: resident_id.normalise(str(n), words).key for n in numbers.dropna().unique()}
    return numbers.map(keys).astype(object)


def _nothing() -> Words:
    """Read from the feeds at each call, so once for a column and never for each of its values."""
    return words_for_nothing(nothing("id_number"))


def _until(rows: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """The last days; one beyond all calendars (9999-12-31) is an open end, as an empty one is."""
    return pd.to_datetime(rows["until"], errors="coerce")


def operators(rows: AnyRows | None, keys: Keys) -> RiskOperators | None:
    """Rows of posts, ``who`` being the person's smallest operator_id."""
    if rows is None:
        return None
    person = people(rows["person_key"])
    who = rows["operator_id"].groupby(person.fillna(rows["operator_id"])).transform("min")
    made = rows.assign(who=who, person=person, account=keys.column(rows["account_key"]))
    made = made.assign(since=pd.to_datetime(made["since"]), until=_until(made))
    return made[["operator_id", "who", "person", "office", "district", "post", "since", "until", "account"]]


def events(
    rows: AnyRows | None, staff: RiskOperators | None, keys: Keys, last: pd.Timestamp
) -> RiskEvents | None:
    """Events up to the last day, each with who did it himself, and what an edit of the identity was."""
    if rows is None:
        return None
    rows = rows.assign(at=pd.to_datetime(rows["at"]))
    rows = (
        rows[rows["at"] < last + pd.Timedelta(days=1)].sort_values(["at", "event_id"]).reset_index(drop=True)
    )
    people = {} if staff is None else dict(zip(staff["operator_id"], staff["who"], strict=True))
    who = rows["operator_id"].map(people).fillna(rows["operator_id"])
    account = rows["kind"] == "change_account"
    made = rows.assign(
        who=who.where(rows["channel"] != "batch", None),
        before=_keyed(rows["before_key"], account, keys),
        after=_keyed(rows["after_key"], account, keys),
        roll_district=rows["reference"]
        .astype("string")
        .str.extract(ROLL)["district"]
        .astype(object)
        .where(rows["claim_id"].isna(), None),
    )
    made = made.assign(**_identity(rows, keys))
    return made.drop(columns=["before_key", "after_key"])


def _keyed(values: "pd.Series[Any]", account: "pd.Series[bool]", keys: Keys) -> "pd.Series[Any]":
    """Accounts as keys, codes of reasons as they are; nothing of an identity."""
    return keys.column(values.where(account, None)).where(
        account, values.where(values.astype("string").str.len() <= 8, None)
    )


def _identity(rows: pd.DataFrame, keys: Keys) -> dict[str, Any]:
    """What became of number and name in each change of identity, both as keys."""
    edited = rows[rows["kind"] == "change_identity"]
    words, pairs = _nothing(), zip(edited["before_key"], edited["after_key"], strict=True)
    made = [_change(_halves(before, words), _halves(after, words), keys) for before, after in pairs]
    frame = pd.DataFrame(made, columns=IDENTITY, index=edited.index, dtype=object).reindex(rows.index)
    frame = frame.where(frame.notna(), None)
    return {c: frame[c] for c in IDENTITY} | {"name_changed": frame["name_changed"].eq(True)}


def _change(before: tuple[str, str], after: tuple[str, str], keys: Keys) -> tuple[Any, ...]:
    (old, old_name), (new, new_name) = before, after
    renamed = bool(old_name and new_name and old_name != new_name)
    return *(keys.of(part) for part in (old, new, old_name, new_name)), _edit(old, new), renamed


def _halves(written: Any, words: Words) -> tuple[str, str]:
    number, _, name = str(written or "").partition("|")
    return resident_id.normalise(number, words).key or number.strip(), name_key(name)


def _edit(before: str, after: str) -> str:
    """``same`` (fifteen digits made eighteen too), ``slip`` (one edit) or ``rewritten``."""
    if not before or not after or before == after:
        return "same"
    return "slip" if OSA.distance(before, after, score_cutoff=1) <= 1 else REWRITTEN


def exceptions(rows: AnyRows | None, staff: RiskOperators | None) -> RiskExceptions | None:
    """Exceptions by person; a pair of posts in either order is one, an assignment to an employer stays."""
    if rows is None:
        return None
    people = {} if staff is None else dict(zip(staff["operator_id"], staff["who"], strict=True))
    pairs = [
        p if ":" in str(p) else pair(*str(p).split("-", 1)) if "-" in str(p) else str(p)
        for p in rows["post_pair"]
    ]
    who, by = (rows[c].map(people).fillna(rows[c]) for c in ("operator_id", "approved_by"))
    made = rows.assign(who=who, by=by.fillna(who), pair=pairs)
    made = made.assign(since=pd.to_datetime(made["since"]), until=_until(made))
    return made[["who", "by", "pair", "since", "until", "reference", "operator_id"]]


def checks(rows: AnyRows | None, keys: Keys, last: pd.Timestamp) -> RiskChecks | None:
    """The latest check of each account and claim up to the last day; checks of one day that differ are
    ``unknown``.
    """
    if rows is None:
        return None
    made = rows.assign(
        account=keys.column(rows["account_key"]), checked_on=pd.to_datetime(rows["checked_on"])
    )
    made = made[~(made["checked_on"] > last)].sort_values(["checked_on", "holder"], kind="stable")
    latest = made.drop_duplicates([*CHECKED, "checked_on"], keep="last")
    differ = made.groupby([*CHECKED, "checked_on"], dropna=False)["holder"].transform("nunique") > 1
    latest = latest.assign(holder=latest["holder"].mask(differ.loc[latest.index], "unknown"))
    return latest.drop_duplicates(CHECKED, keep="last")[[*CHECKED, "holder"]]


def agents(rows: AnyRows | None, keys: Keys) -> RiskAgents | None:
    """Accounts of registered agents with the days on which they may receive."""
    if rows is None:
        return None
    made = rows.assign(account=keys.column(rows["account_key"]))
    since = pd.to_datetime(rows["since"]).fillna(pd.Timestamp.min)
    made = made.assign(since=since, until=_until(rows))
    return made[["account", "since", "until"]].dropna(subset="account")


def hours(rows: AnyRows | None) -> RiskHours | None:
    """Hours of each office and day in minutes after midnight."""
    if rows is None:
        return None
    made = rows.assign(day=pd.to_datetime(rows["date"]))
    return made.assign(opens=_minutes(rows["opens"]), closes=_minutes(rows["closes"]))[
        ["office", "day", "opens", "closes"]
    ]


def _minutes(times: "pd.Series[Any]") -> "pd.Series[float]":
    parts = times.astype("string").str.split(":", expand=True).reindex(columns=[0, 1]).astype("Float64")
    return (parts[0] * 60 + parts[1]).astype("float64").replace({np.inf: np.nan})
