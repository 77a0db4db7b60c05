"""常用筛选 — the filters of the list that somebody keeps under a name, each account its own."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.desk.accounts import Account
from sql.desk_tables import desk_filter

MOST: Final = 20
LONGEST: Final = 30
LONGEST_VALUE: Final = 60
C = desk_filter.c


def keep(connection: Connection, account: Account, name: str, asked: Mapping[str, str]) -> None:
    """The filters are the account's under that name, whatever stood there; else ``UsageError``."""
    if not name or len(name) > LONGEST:
        raise UsageError(f"请给筛选起一个名称，最多 {LONGEST} 个字")
    kept = of(connection, account)
    if name not in kept and len(kept) >= MOST:
        raise UsageError(f"最多保存 {MOST} 个筛选，请先删除不用的")
    query = urlencode({key: value[:LONGEST_VALUE] for key, value in asked.items() if value})
    values = {"query": query, "saved_at": clock.now()}
    if name in kept:
        connection.execute(update(desk_filter).where(*_own(account, name)).values(**values))
    else:
        connection.execute(insert(desk_filter).values(account=account.account, name=name, **values))
    audit.record(connection, account.name, "filter", account.account, {"kept": sorted(asked)})


def drop(connection: Connection, account: Account, name: str) -> None:
    """The account has no filter of that name any longer."""
    connection.execute(delete(desk_filter).where(*_own(account, name)))
    audit.record(connection, account.name, "filter", account.account, {"dropped": 1})


def of(connection: Connection, account: Account) -> dict[str, dict[str, str]]:
    """The account's filters by name, in the order of their names."""
    wanted = select(C.name, C.query).where(C.account == account.account).order_by(C.name)
    return {row.name: dict(parse_qsl(row.query)) for row in connection.execute(wanted)}


def _own(account: Account, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return C.account == account.account, C.name == name
