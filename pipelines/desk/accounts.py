"""账号 — the people who may sign in: made, locked, given a new password; what is done is in the audit.

An account is one person: two accounts whose names are one signature could sign twice for each other.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from matchers.people.signature import signature
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.desk import passwords
from pipelines.desk.roles import NO_DISTRICTS, WORDS, Role
from sql.desk_tables import desk_account, desk_session

WHOLE_CITY: Final = "*"
ACCOUNT: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
DISTRICT: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Account:
    """One account without its secrets. ``districts``: codes, in order, or ``WHOLE_CITY`` alone."""

    account: str
    name: str
    role: Role
    districts: tuple[str, ...]
    locked: bool
    barred_until: datetime | None
    must_change: bool
    has_second_factor: bool
    single_sign_on: bool
    made_at: datetime

    @property
    def whole_city(self) -> bool:
        """Whether no district is out of bounds."""
        return self.districts == (WHOLE_CITY,)

    def sees(self, district: str) -> bool:
        """Whether what belongs to a district is within bounds."""
        return self.whole_city or district in self.districts


def add(
    connection: Connection, account: str, name: str, role: str, districts: Collection[str], by: str
) -> str:
    """The password, shown once, of a new account. ``UsageError`` where it cannot be made so."""
    if objection := _objection(connection, account, name, role, districts):
        raise UsageError(objection)
    password = passwords.drawn()
    connection.execute(
        insert(desk_account).values(
            account=account, name=name.strip(), signature=signature(name), role=role,
            districts=",".join(sorted(set(districts))), password_hash=passwords.hashed(password),
            must_change=True, failures=0, locked=False, made_by=by, made_at=clock.now(),
        )
    )  # fmt: skip
    detail = {"role": role, "districts": sorted(set(districts))}
    audit.record(connection, by, "account_add", account, detail)
    return password


def lock(connection: Connection, account: str, by: str) -> None:
    """Nobody signs in with the account from now on; who is signed in is out."""
    if changed(connection, account, locked=True) == 0:
        raise UsageError(unknown(account))
    end_sessions(connection, account)
    audit.record(connection, by, "account_lock", account, {})


def reset(connection: Connection, account: str, by: str) -> str:
    """A new password, shown once; the account is open again and its second factor is to be set up anew.

    Who signed in at the city's provider signs in by this password from now on.
    """
    password = passwords.drawn()
    fresh = {"password_hash": passwords.hashed(password), "must_change": True, "failures": 0}
    cleared = {"barred_until": None, "locked": False, "totp_secret": None, "totp_step": None}
    unbound = {"subject_sha256": None}
    if changed(connection, account, **fresh, **cleared, **unbound) == 0:
        raise UsageError(unknown(account))
    end_sessions(connection, account)
    audit.record(connection, by, "account_reset", account, {})
    return password


def move(connection: Connection, account: str, role: str, districts: Collection[str], by: str) -> None:
    """Another role or other districts; who is signed in is out."""
    if objection := _misplaced(role, districts):
        raise UsageError(objection)
    kept = sorted(set(districts))
    if changed(connection, account, role=role, districts=",".join(kept)) == 0:
        raise UsageError(unknown(account))
    end_sessions(connection, account)
    audit.record(connection, by, "account_move", account, {"role": role, "districts": kept})


def every(connection: Connection) -> list[Account]:
    """All accounts, by their names of sign-in."""
    return [of(row) for row in connection.execute(select(desk_account).order_by(desk_account.c.account))]


def end_sessions(connection: Connection, account: str) -> None:
    """Whoever is signed in with the account is out."""
    connection.execute(delete(desk_session).where(desk_session.c.account == account))


def of(row: Row[Any]) -> Account:
    """The account that a row of ``desk_account`` holds."""
    return Account(
        account=row.account,
        name=row.name,
        role=Role(row.role),
        districts=tuple(filter(None, row.districts.split(","))),
        locked=row.locked,
        barred_until=row.barred_until,
        must_change=row.must_change,
        has_second_factor=row.totp_step is not None,
        single_sign_on=row.subject_sha256 is not None,
        made_at=row.made_at,
    )


def _objection(connection: Connection, account: str, name: str, role: str, districts: Collection[str]) -> str:
    c = desk_account.c
    if not ACCOUNT.fullmatch(account):
        return "账号为 2 至 32 个小写字母、数字或 . _ -，以字母开头"
    if not signature(name):
        return "须注明姓名"
    if misplaced := _misplaced(role, districts):
        return misplaced
    if connection.execute(select(c.account).where(c.account == account)).first():
        return f"账号 {account} 已存在；改用 reset 重置口令"
    if connection.execute(select(c.account).where(c.signature == signature(name))).first():
        return "已有同名的账号；一人只有一个账号，同名的两个人请在姓名后加工号"
    return ""


def _misplaced(role: str, districts: Collection[str]) -> str:
    if role not in set(Role):
        return f"没有这个岗位；可用：{'、'.join(f'{r} {WORDS[r]}' for r in Role)}"
    if Role(role) in NO_DISTRICTS:
        return f"{WORDS[Role(role)]}不办疑点，不设区县" if districts else ""
    if not districts:
        return "须注明区县代码，或 * 表示全市"
    if set(districts) == {WHOLE_CITY}:
        return ""
    wrong = [code for code in districts if not DISTRICT.fullmatch(code)]
    return f"区县代码为六位数字，或单独一个 * 表示全市：{'、'.join(wrong)}" if wrong else ""


def changed(connection: Connection, account: str, **values: object) -> int:
    """How many accounts have these values from now on: one, or none where there is no such account."""
    change = update(desk_account).where(desk_account.c.account == account)
    return connection.execute(change.values(**values)).rowcount


def unknown(account: str) -> str:
    """What is said where there is no such account."""
    return f"没有账号 {account}；用 crossmatch desk account list 查看"
