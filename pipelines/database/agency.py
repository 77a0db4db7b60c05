"""待遇库读取 — recipients, claims and payments as they stood on a night; they are only read."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Engine,
    Numeric,
    Select,
    String,
    or_,
    select,
    type_coerce,
)

from matchers import months, overpayment
from matchers.schemas import Claims, Payments, RegisteredClaims, RegisteredRecipients
from pipelines.base.frames import together
from sql.tables import claim, payment, recipient, recovery

SUSPENDED = "suspended"
CHECKED = ("active", SUSPENDED)
FEN = 100
PLACES = 2
AT_ONCE = 100_000
CLAIM = (
    "claim_id", "person_id", "district", "registered_on", "start_month", "entitled_months", "deemed_months",
    "extended_to_retirement", "status", "stop_month", "separated_on", "commitment_signed_on",
    "last_employer_id", "last_employer_uscc", "last_employer_name",
)  # fmt: skip
PAYMENT = ("payment_id", "claim_id", "benefit_month", "benefit_kind", "amount", "state", "paid_on")


def claims(connection: Connection, as_of: date, lookback_months: int) -> RegisteredClaims:
    """The claims that the night checks; months as numbers, dates as datetime64; key claim_id.

    Active or suspended ones, and those with a payment (not returned) for a month of the look-back window.
    """
    checked = claim.c.claim_id.in_(_checked(as_of, lookback_months))
    rows = _frame(connection, select(*(claim.c[c] for c in CLAIM)).where(checked).order_by(claim.c.claim_id))
    rows = rows.assign(suspended=rows["status"] == SUSPENDED).drop(columns="status")
    return rows.assign(
        start_month=months.numbers(rows["start_month"]),
        stop_month=months.numbers(rows["stop_month"]),
        registered_on=pd.to_datetime(rows["registered_on"]),
        separated_on=pd.to_datetime(rows["separated_on"]),
        commitment_signed_on=pd.to_datetime(rows["commitment_signed_on"]),
        extended_to_retirement=rows["extended_to_retirement"].astype(bool),
    )


def payments(connection: Connection, as_of: date, lookback_months: int) -> Payments:
    """Every payment of the checked claims as the night knows it, with ``recovered_fen``; key payment_id.

    One paid after the night was scheduled then, or not there yet if its month had not come.
    """
    checked = _checked(as_of, lookback_months)
    wanted = select(*(payment.c[c] for c in PAYMENT)).where(payment.c.claim_id.in_(checked))
    back = select(recovery).where(recovery.c.received_on <= as_of, recovery.c.claim_id.in_(checked))
    in_order = wanted.order_by(payment.c.payment_id)
    parts = (_paid(rows, as_of) for rows in _frames(connection, in_order))
    paid = together([pa.Table.from_pandas(part, preserve_index=False) for part in parts]).to_pandas()
    recovered = _frame(connection, back.order_by(recovery.c.recovery_id))
    recovered = recovered.assign(
        benefit_month=months.numbers(recovered["benefit_month"]).astype("int64"),
        recovered=_fen(recovered["amount"]),
    )
    return overpayment.spread_recoveries(paid, recovered)


def _paid(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    paid = rows.assign(
        benefit_month=months.numbers(rows["benefit_month"]).astype("int64"),
        paid_on=pd.to_datetime(rows["paid_on"]),
        paid_fen=_fen(rows["amount"]),
    ).drop(columns="amount")
    paid = paid[paid["benefit_month"] <= months.of(as_of)]
    later = paid["paid_on"] > pd.Timestamp(as_of)
    return paid.assign(state=paid["state"].mask(later, "scheduled"), paid_on=paid["paid_on"].mask(later))


def recipients(connection: Connection) -> RegisteredRecipients:
    """Every recipient as registered; key person_id."""
    registered = _frame(connection, select(recipient).order_by(recipient.c.person_id))
    return registered.assign(birth_date=pd.to_datetime(registered["birth_date"]))


def districts(engine: Engine) -> list[str]:
    """The codes of the agencies that handle a claim, in order."""
    with engine.connect() as connection:
        return list(
            connection.execute(select(claim.c.district).distinct().order_by(claim.c.district)).scalars()
        )


def _checked(as_of: date, lookback_months: int) -> Select[tuple[str]]:
    month = months.of(as_of)
    window = payment.c.benefit_month.between(months.text(month - lookback_months), months.text(month))
    paid = select(payment.c.claim_id).where(window, payment.c.state != "returned")
    return select(claim.c.claim_id).where(
        claim.c.registered_on <= as_of, or_(claim.c.status.in_(CHECKED), claim.c.claim_id.in_(paid))
    )


def last_benefit_months(checked: RegisteredClaims, paid: Payments, as_of: date) -> Claims:
    """``checked`` with ``live`` and ``last_benefit_month``, derived from months, for status is only today's.

    A stopped claim ends before its ``stop_month``, a live one with the month of the night, any other with
    its last payment of any state; one that was never paid has no benefit month at all.
    """
    month = months.of(as_of)
    stopped = checked["stop_month"] <= month
    within = (checked["start_month"] + checked["entitled_months"] > month) | checked["extended_to_retirement"]
    live = ~stopped & within & (checked["start_month"] <= month)
    last_paid = checked["claim_id"].map(paid.groupby("claim_id")["benefit_month"].max())
    ended = last_paid.fillna(checked["start_month"] - 1)
    last = np.select([stopped, live], [checked["stop_month"] - 1, month], ended)
    return checked.assign(live=live, last_benefit_month=last.astype("int64"))


def _frame(connection: Connection, wanted: Select[Any]) -> pd.DataFrame:
    return pd.concat(_frames(connection, wanted), ignore_index=True)


def _frames(connection: Connection, wanted: Select[Any]) -> Iterator[pd.DataFrame]:
    """The rows in parts, at least one, days and sums as the driver hands them over: objects for them take as
    long as reading, and as much memory.
    """
    plain = wanted.with_only_columns(*map(_undressed, wanted.selected_columns))
    result = connection.execute(plain, execution_options={"yield_per": AT_ONCE})
    names, rows = list(result.keys()), 0
    for part in result.partitions():
        rows += len(part)
        yield pd.DataFrame(part, columns=names)
    if not rows:
        yield pd.DataFrame(columns=names)


def _undressed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    spelt = isinstance(column.type, Date | Numeric)
    return type_coerce(column, String()).label(column.key) if spelt else column


def _fen(yuan: pd.Series) -> pd.Series:
    """Whole fen of sums of two places, which SQLite keeps as binary fractions."""
    fen = {amount: int(Decimal(f"{amount:.{PLACES}f}") * FEN) for amount in yuan.unique()}
    return yuan.map(fen).astype("int64")
