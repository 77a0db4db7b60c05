"""来源 — the frames of a clean-up from the landed history, the nights' feeds and the agency's relations."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, select

from expectations.history import datasets
from matchers import months
from matchers.cleanup.employers import aliases
from matchers.people.chains import chains
from matchers.schemas import (
    AgencyClaims,
    AgencyPayments,
    AgencyRecoveries,
    BenefitHistory,
    EmployerAliases,
    EmployerRows,
    IdentityChanges,
    Joined,
    KeyChanges,
    KeyedRows,
    NumberedRows,
    PaidSpans,
    Reach,
    RecordedDeaths,
    RegisteredPersons,
    shown,
)
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.cleanup import merges
from pipelines.cleanup.batches import Landed, feed_files, landed
from pipelines.linking.recipients import prepared
from pipelines.readers.columns import schema
from sql.tables import claim, payment, recipient, recovery

SPAN = [
    "person_no", "employer_id", "insurance", "first", "last", "count", "kind", "flag", "valid", "source",
    "latest", "received_on",
]  # fmt: skip
PERSON = [
    "person_no", "relation", "id_kind", "id_number", "name", "name_came", "sex", "birth_date", "phone",
    "district", "bank_account", "card_no", "registered_on", "day",
]  # fmt: skip
FEED = "contributions"
ROWS = 500_000  # of months held while they are scattered
CHANGE = ["id_key", "old_id_key", "name_key", "old_name_key"]
LIVE = ("active", "suspended")


@shown(
    "cleanup_persons", "cleanup_employers", "employer_aliases", "cleanup_benefits",
    "key_changes", "identity_changes", "cleanup_deaths", "cleanup_claims", "cleanup_payments",
    "cleanup_recoveries", "joined",
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class Records:
    """What the stages read beside the scattered months, small enough to stand in memory.

    ``persons``: registrations and the recipients that have none. ``rejected``: a, b of pairs that people
    have decided to be two.
    """

    persons: RegisteredPersons
    employers: EmployerRows
    aliases: EmployerAliases
    benefit_history: BenefitHistory
    key_changes: KeyChanges
    identity_changes: IdentityChanges
    deaths: RecordedDeaths
    claims: AgencyClaims
    payments: AgencyPayments
    recoveries: AgencyRecoveries
    rejected: Joined


@shown("cleanup_reach")
@dataclass(frozen=True, slots=True)
class Sources:
    """The records, and where the months come from, file by file (``spans``).

    ``removed``: files of feeds that could not be read because they were removed. ``reach``: id_key,
    name_key, person_no by which the rows of feeds find their registration.
    ``superseded``: numbers that an applied merge has given up, with the one kept.
    """

    records: Records
    batches: list[Landed]
    feed: list[tuple[date, list[Path]]]
    removed: tuple[str, ...]
    reach: Reach
    superseded: dict[str, str]


def gathered(settings: Settings, engine: Engine, as_of: date) -> Sources:
    """The sources of a clean-up on the day ``as_of``."""
    batches = landed(settings, engine, as_of)
    store = Store(settings.store)
    paid, changed, dead = (
        feed_files(settings, engine, name, as_of) for name in (FEED, "identity_changes", "deaths")
    )
    changes = _feed(changed.files, CHANGE)
    with engine.connect() as connection:
        recipients, claims = _table(connection, recipient), _claims(_table(connection, claim), as_of)
        superseded, rejected = merges.superseded(connection), merges.rejected(connection)
        payments, recoveries = _payments(_table(connection, payment)), _table(connection, recovery)
    claims = renumbered(claims, superseded)
    registrations = _newest(_dataset(batches, store, "registrations"), ["person_no"])
    registrations = registrations[~registrations["person_no"].isin(superseded)].reset_index(drop=True)
    recipients = recipients[~recipients["person_id"].isin(superseded)]
    persons = _persons(registrations, recipients, claims)
    reach = _reach(persons, changes)
    employers = _newest(_dataset(batches, store, "employers"), ["employer_id", "valid_from"])
    employers = employers.assign(
        valid_from=pd.to_datetime(employers["valid_from"]), valid_to=pd.to_datetime(employers["valid_to"])
    )
    died = _feed(dead.files, ["id_key", "name_key", "died_on"])
    deaths = (
        reached(died, reach).sort_values("died_on").drop_duplicates("person_no")[["person_no", "died_on"]]
    )
    records = Records(
        persons=persons,
        employers=employers,
        aliases=aliases(employers),
        benefit_history=renumbered(_dataset(batches, store, "benefit_history"), superseded),
        key_changes=renumbered(_dataset(batches, store, "key_changes"), superseded),
        identity_changes=changes,
        deaths=deaths.assign(died_on=pd.to_datetime(deaths["died_on"])),
        claims=claims,
        payments=payments,
        recoveries=recoveries,
        rejected=rejected,
    )
    removed = (*paid.removed, *changed.removed, *dead.removed)
    return Sources(records, batches, paid.files, removed, reach, superseded)


def spans(source: Sources, store: Store) -> Iterable[PaidSpans]:
    """The contribution rows of insurance 210, ``ROWS`` of a file at a time: ``SPAN``; rows of feeds under
    their 个人编号.
    """
    columns = list(dict.fromkeys(schema(datasets()["contribution_history"]).names))
    for one in source.batches:
        if one.dataset == "contribution_history":
            for path in one.delivery.landed_files(store, "extract"):
                for rows in _by_rows(path, columns):
                    yield renumbered(_history_spans(rows, one), source.superseded)
    for day, paths in source.feed:
        for path in paths:
            for rows in _by_rows(path, None):
                yield _feed_spans(rows, source.reach, f"{FEED}/{day}")


def renumbered(rows: NumberedRows, superseded: dict[str, str]) -> NumberedRows:
    """``rows`` under the numbers that applied merges have kept."""
    return rows.assign(person_no=rows["person_no"].replace(superseded)) if superseded else rows


def reached(rows: KeyedRows, reach: Reach) -> NumberedRows:
    """``rows`` with person_no, those that reach exactly one registration by number and name."""
    return rows.merge(reach, on=["id_key", "name_key"])


def _history_spans(rows: pd.DataFrame, one: Landed) -> pd.DataFrame:
    rows = rows[rows["insurance"] == "210"]
    first = rows["covered_month"].fillna(rows["covered_from"]).astype("int64")
    last = rows["covered_month"].fillna(rows["covered_to"]).astype("int64")
    return rows.assign(
        first=first,
        last=last,
        count=rows["months"].fillna(last - first + 1).astype("int64"),
        kind=rows["payment_kind"],
        flag=rows["paid_flag"],
        source=one.batch,
        latest=months.of(one.day),
        received_on=pd.to_datetime(rows["received_on"]),
    )[SPAN]


def _feed_spans(rows: pd.DataFrame, reach: pd.DataFrame, source: str) -> pd.DataFrame:
    rows = reached(rows[rows["insurance"] == "210"], reach)
    month = rows["covered_month"].astype("int64")
    return rows.assign(
        first=month,
        last=month,
        count=1,
        kind=rows["payment_kind"],
        flag=rows["paid_flag"],
        source=source,
        latest=rows["settled_month"].astype("int64"),
        received_on=pd.to_datetime(rows["received_on"]),
    )[SPAN]


def _by_rows(path: Path, columns: list[str] | None) -> Iterator[pd.DataFrame]:
    with pq.ParquetFile(path) as file:
        for rows in file.iter_batches(ROWS, columns=columns):
            yield _frame(rows)


def _read(path: Path, columns: list[str] | None) -> pd.DataFrame:
    return _frame(pq.read_table(path, columns=columns))


def _frame(rows: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    table: pd.DataFrame = rows.to_pandas(strings_to_categorical=False)
    text = [c for c in table.columns if table[c].dtype == "category"]
    return table.assign(**{c: table[c].astype(object) for c in text})


def _dataset(batches: list[Landed], store: Store, name: str) -> pd.DataFrame:
    """All rows of a dataset, oldest batch first, with ``day``."""
    kept = [
        _read(path, None).assign(day=pd.Timestamp(one.day))
        for one in batches
        if one.dataset == name
        for path in one.delivery.landed_files(store, "extract")
    ]
    kept = [frame for frame in kept if len(frame)]
    if not kept:
        empty = [*schema(datasets()[name]).names, "day"]
        return pd.DataFrame({column: pd.Series(dtype=object) for column in empty})
    return pd.concat(kept, ignore_index=True)


def _newest(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return rows.drop_duplicates(key, keep="last").reset_index(drop=True)


def _feed(files: list[tuple[date, list[Path]]], columns: list[str]) -> pd.DataFrame:
    kept = [_read(path, columns) for _, paths in files for path in paths]
    if not kept:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    return pd.concat(kept, ignore_index=True)


def _table(connection: Connection, table: Any) -> pd.DataFrame:
    result = connection.execute(select(table).order_by(*table.primary_key.columns))
    return pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)


def _persons(
    registrations: pd.DataFrame, recipients: pd.DataFrame, claims: AgencyClaims
) -> RegisteredPersons:
    written = zip(registrations["as_came"], registrations["name"], strict=True)
    came = [_came(as_came, "name", name) for as_came, name in written]
    own = registrations.assign(
        relation="registrations",
        name_came=pd.Series(came, index=registrations.index, dtype=object),
    )
    others = recipients[~recipients["person_id"].isin(own["person_no"])].rename(
        columns={"person_id": "person_no"}
    )
    others = others.assign(relation="recipient", name_came=others["name"])
    both = pd.concat(
        [rows.reindex(columns=PERSON).astype(object) for rows in (own, others)], ignore_index=True
    )
    both = both.where(both.notna(), None)
    days = {c: pd.to_datetime(both[c]) for c in ("birth_date", "registered_on", "day")}
    live = claims.loc[claims["status"].isin(LIVE), "person_no"]
    return prepared(both.assign(**days)).assign(live_claim=both["person_no"].isin(live), paid_months=0)


def _came(as_came: Any, column: str, landed_as: Any) -> Any:
    """The value of a column as the file had it."""
    return json.loads(as_came).get(column, landed_as) if isinstance(as_came, str) else landed_as


def _reach(persons: RegisteredPersons, changes: IdentityChanges) -> Reach:
    """id_key, name_key → person_no, own and by changes of identity, where they lead to one registration
    alone.
    """
    pair = ["id_key", "name_key"]
    own = persons.loc[persons["id_key"].notna(), [*pair, "person_no"]]
    joined = chains(changes)
    reached = own.merge(joined, on=pair)[["person_no", "chain"]].merge(joined, on="chain")
    new = reached[~pd.MultiIndex.from_frame(reached[pair]).isin(pd.MultiIndex.from_frame(own[pair]))]
    every = pd.concat([own, new[[*pair, "person_no"]]]).drop_duplicates()
    return every.drop_duplicates(pair, keep=False).reset_index(drop=True)


def _claims(rows: pd.DataFrame, as_of: date) -> AgencyClaims:
    days = {c: pd.to_datetime(rows[c]) for c in ("registered_on", "separated_on")}
    typed = rows.rename(columns={"person_id": "person_no"}).assign(
        **days,
        start_month=months.numbers(rows["start_month"]),
        entitled_months=rows["entitled_months"].astype("int64"),
        deemed_months=rows["deemed_months"].astype("int64"),
        monthly_fen=_fen(rows["monthly_amount"]),
    )
    return typed[typed["registered_on"] <= pd.Timestamp(as_of)].reset_index(drop=True)


def _payments(rows: pd.DataFrame) -> AgencyPayments:
    return rows.assign(benefit_month=months.numbers(rows["benefit_month"]).astype("int64"))


def _fen(yuan: "pd.Series[Any]") -> "pd.Series[int]":
    return yuan.map(lambda amount: round(amount * 100)).astype("int64")
