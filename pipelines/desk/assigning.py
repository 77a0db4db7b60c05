"""分派 — who in a district works on a candidate: an account that sees it, told apart from its decisions."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from pipelines.base import clock
from pipelines.database import audit
from pipelines.desk import accounts
from pipelines.desk.accounts import Account
from pipelines.desk.roles import WORKERS
from sql.desk_tables import desk_account, desk_assignment


def workers(connection: Connection, districts: Collection[str]) -> list[Account]:
    """The accounts to which a candidate of one of the districts can be assigned."""
    every = accounts.every(connection)
    return [a for a in every if a.role in WORKERS and not a.locked and any(map(a.sees, districts))]


def assign(connection: Connection, candidate_ids: Sequence[str], account: str, by: str) -> None:
    """Each of the candidates is the account's from now on, nobody's where ``account`` is empty."""
    a = desk_assignment.c
    connection.execute(delete(desk_assignment).where(a.candidate_id.in_(candidate_ids)))
    if account:
        row = {"account": account, "assigned_by": by, "assigned_at": clock.now()}
        connection.execute(insert(desk_assignment), [{"candidate_id": n, **row} for n in candidate_ids])
    for number in candidate_ids:
        audit.record(connection, by, "assign", number, {"account": account})


def of(connection: Connection, candidate_ids: Sequence[str]) -> dict[str, str]:
    """The name of who works on each candidate that is assigned."""
    a, d = desk_assignment.c, desk_account.c
    joined = select(a.candidate_id, d.name).join(desk_account, d.account == a.account)
    rows = connection.execute(joined.where(a.candidate_id.in_(candidate_ids)))
    return {row.candidate_id: row.name for row in rows}
