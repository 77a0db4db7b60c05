"""待遇记录 — claims and payments as the rules see them: no name, no sex, no day of birth."""

import pandas as pd
from sqlalchemy import Connection, select

from matchers.schemas import RiskClaimRows, RiskPayments
from pipelines.risk.keys import Keys
from pipelines.risk.relations import people
from sql.tables import claim, payment, recipient

CLAIM = (
    "claim_id", "person_id", "district", "registered_on", "separated_on", "separation_reason",
    "last_employer_id", "last_employer_uscc",
)  # fmt: skip
FEN = 100


def claims(connection: Connection, keys: Keys, last: pd.Timestamp) -> RiskClaimRows:
    """Every claim registered by the last day; ``person`` is the recipient's number, else the person_id."""
    wanted = select(*(claim.c[c] for c in CLAIM), recipient.c.id_number, recipient.c.phone)
    joined = wanted.join_from(claim, recipient, claim.c.person_id == recipient.c.person_id, isouter=True)
    rows = _frame(connection, joined.where(claim.c.registered_on <= last.date()).order_by(claim.c.claim_id))
    made = rows.assign(
        person=people(rows["id_number"]).fillna(rows["person_id"]),
        phone=keys.column(rows["phone"]),
        registered_on=pd.to_datetime(rows["registered_on"]),
        separated_on=pd.to_datetime(rows["separated_on"]),
        employer_id=rows["last_employer_id"],
        employer_uscc=rows["last_employer_uscc"],
    )
    return made.drop(columns=["id_number", "person_id", "last_employer_id", "last_employer_uscc"])


def payments(connection: Connection, keys: Keys, owners: RiskClaimRows, last: pd.Timestamp) -> RiskPayments:
    """Every payment of the claims that went out by the last day and did not come back, with ``person``."""
    out = (payment.c.state.in_(("paid", "in_transit")), payment.c.paid_on <= last.date())
    wanted = select(*(payment.c[c] for c in ("payment_id", "claim_id", "paid_on", "amount", "bank_account")))
    rows = _frame(connection, wanted.where(*out).order_by(payment.c.payment_id))
    made = rows.assign(
        paid_on=pd.to_datetime(rows["paid_on"]),
        fen=[int(amount * FEN) for amount in rows["amount"]],
        account=keys.column(rows["bank_account"]),
    ).drop(columns=["amount", "bank_account"])
    return made.merge(owners[["claim_id", "person"]], on="claim_id", validate="many_to_one")


def _frame(connection: Connection, wanted: object) -> pd.DataFrame:
    result = connection.execute(wanted)  # type: ignore[call-overload]
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    return frame.where(frame.notna(), None)
