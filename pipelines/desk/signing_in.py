"""登录 — password, second factor and the change of a first password, each step with its audit event.

A wrong name, a wrong password and a barred account get the same answer after the same time.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, select, update

from matchers.lifecycle import Stage
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import accounts, passwords, second_factor, sessions
from pipelines.desk.roles import SECOND_FACTOR, Role
from pipelines.desk.sessions import Session
from sql.desk_tables import desk_account

FAILURES: Final = 5
BARRED: Final = timedelta(minutes=15)
NOBODY: Final = "（未登录）"
REFUSED: Final = "账号或口令不正确，或者账号已被锁定；连续五次不正确锁定十五分钟，其他情形请找系统管理员"
WRONG_CODE: Final = "验证码不正确或已用过；请等下一个验证码"


def enter(engine: Engine, account: str, password: str, address: str) -> str:
    """The token of a session that has begun; ``UsageError`` where name and password do not open the desk."""
    with engine.connect() as connection:
        row = connection.execute(_one(account)).first()
    by_password = row is not None and row.subject_sha256 is None
    right = passwords.is_right(row.password_hash if row and by_password else None, password)
    with deciding(engine, beside_nights=True) as connection:
        if row is not None and right and _may_try(connection, account):
            now = connection.execute(_one(account).with_for_update()).one()
            if now.password_hash == row.password_hash and now.subject_sha256 is None:
                stage = _stage(now)
                if stage is not Stage.SECOND_FACTOR:  # a wrong code counts until a right one is given
                    _forgive(connection, account)
                audit.record(connection, now.name, "sign_in", account, {"address": address})
                return sessions.begin(connection, account, stage)
        if row is not None:
            _count(connection, account)
        who = account if row is not None else "（不存在的账号）"
        audit.record(connection, NOBODY, "sign_in_failed", who, {"address": address})
    raise UsageError(REFUSED)


def confirm(engine: Engine, session: Session, code: str, address: str) -> str:
    """The token of the session behind the second factor; a first right code puts the secret to use."""
    account = session.account
    with deciding(engine, beside_nights=True) as connection:
        row = connection.execute(_one(account.account).with_for_update()).one()
        step = second_factor.step_of(row.totp_secret, code, row.totp_step) if row.totp_secret else None
        lasts = sessions.lasts(connection, session.token)
        if step is not None and lasts and _may_try(connection, account.account):
            change = update(desk_account).where(desk_account.c.account == account.account)
            connection.execute(change.values(totp_step=step, failures=0, barred_until=None))
            audit.record(connection, row.name, "second_factor", account.account, {"address": address})
            sessions.end(connection, session.token)
            return sessions.begin(connection, account.account, _behind(row))
        _count(connection, account.account)
        audit.record(connection, row.name, "second_factor_failed", account.account, {"address": address})
    raise UsageError(WRONG_CODE)


def secret(engine: Engine, session: Session) -> str | None:
    """The secret that the account has still to put into its authenticator, made when first asked for.

    None where a code of it was accepted before: it is never shown again.
    """
    with deciding(engine, beside_nights=True) as connection:
        row = connection.execute(_one(session.account.account).with_for_update()).one()
        if row.totp_step is not None:
            return None
        if row.totp_secret:
            return str(row.totp_secret)
        made = second_factor.new_secret()
        change = update(desk_account).where(desk_account.c.account == row.account)
        connection.execute(change.values(totp_secret=made))
        audit.record(connection, row.name, "second_factor_begun", row.account, {})
    return made


def change(engine: Engine, session: Session, old: str, new: str, again: str) -> str:
    """The token of a new session under the new password; ``UsageError`` where it may not be changed so."""
    account = session.account
    with engine.connect() as connection:
        row = connection.execute(_one(account.account)).one()
    right = passwords.is_right(row.password_hash, old)
    objection = passwords.objection(new, account.account, account.name)
    if new != again:
        objection = "两次输入的新口令不一致"
    if right and not objection and passwords.is_right(row.password_hash, new):
        objection = "新口令不得与原口令相同"
    fresh = passwords.hashed(new) if right and not objection else ""
    with deciding(engine, beside_nights=True) as connection:
        now = connection.execute(_one(account.account).with_for_update()).one()
        same = now.password_hash == row.password_hash and sessions.lasts(connection, session.token)
        if fresh and same and _may_try(connection, account.account):
            changed = update(desk_account).where(desk_account.c.account == account.account)
            connection.execute(changed.values(password_hash=fresh, must_change=False))
            accounts.end_sessions(connection, account.account)
            audit.record(connection, account.name, "password_change", account.account, {})
            return sessions.begin(connection, account.account, Stage.OPEN)
        if not right:
            _count(connection, account.account)
            audit.record(connection, account.name, "password_change_failed", account.account, {})
    raise UsageError(objection if right and objection else "原口令不正确，或者账号已被锁定")


def leave(engine: Engine, session: Session) -> None:
    """Signed out."""
    with deciding(engine, beside_nights=True) as connection:
        sessions.end(connection, session.token)
        audit.record(connection, session.account.name, "sign_out", session.account.account, {})


def _stage(row: Row[Any]) -> Stage:
    asked = Role(row.role) in SECOND_FACTOR or row.totp_step is not None
    return Stage.SECOND_FACTOR if asked else _behind(row)


def _behind(row: Row[Any]) -> Stage:
    return Stage.PASSWORD if row.must_change else Stage.OPEN


def _one(account: str) -> Any:
    return select(desk_account).where(desk_account.c.account == account)


def _may_try(connection: Connection, account: str) -> bool:
    """Whether the account is open, asked in the transaction that goes by the answer."""
    row = connection.execute(_one(account).with_for_update()).one()
    return not row.locked and (row.barred_until is None or row.barred_until <= clock.now())


def _count(connection: Connection, account: str) -> None:
    """One failure more; the fifth bars the account for a while and ends nothing that is open."""
    row = connection.execute(_one(account).with_for_update()).one()
    if row.barred_until is not None and row.barred_until > clock.now():
        return
    failures = row.failures + 1
    barred = clock.now() + BARRED if failures >= FAILURES else None
    change = update(desk_account).where(desk_account.c.account == account)
    connection.execute(change.values(failures=0 if barred else failures, barred_until=barred))


def _forgive(connection: Connection, account: str) -> None:
    change = update(desk_account).where(desk_account.c.account == account)
    connection.execute(change.values(failures=0, barred_until=None))
