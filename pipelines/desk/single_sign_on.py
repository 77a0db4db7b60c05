"""统一登录 — accounts that the city's provider of identities opens, and sign-ins that are on their way there.

Which person of the provider an account is, an administrator says; nobody else gets in, whomever the provider
knows. Such an account has no use for a password. The second factor is the provider's.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from matchers.lifecycle import Stage
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import accounts, sessions
from pipelines.desk.signing_in import NOBODY
from sql.desk_tables import desk_account, desk_sign_in

PROVIDER: Final = "（统一身份认证）"
LASTS: Final = timedelta(minutes=10)
REFUSED: Final = "统一身份认证没有通过，或者没有与之对应、可用的账号；请重新登录，仍然不行请找系统管理员"
S = desk_sign_in.c


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that is on its way. ``state`` goes to the provider, ``browser`` into the browser's cookie."""

    state: str
    browser: str
    nonce: str
    verifier: str


def bind(connection: Connection, account: str, issuer: str, subject: str, by: str) -> None:
    """From now on the provider's word ``subject`` opens the account and no password; empty: a password again.

    ``UsageError`` where the account is not there or the word is another's. Who is signed in is out.
    """
    kept_as = fingerprint(issuer, subject.strip()) if subject.strip() else None
    if kept_as is not None and not issuer:
        raise UsageError("没有设置统一身份认证（oidc_issuer）")
    c = desk_account.c
    others = select(c.account).where(c.subject_sha256 == kept_as, c.account != account)
    if kept_as is not None and (other := connection.execute(others).scalar()):
        raise UsageError(f"这个身份已对应账号 {other}；一人只有一个账号")
    if accounts.changed(connection, account, subject_sha256=kept_as) == 0:
        raise UsageError(accounts.unknown(account))
    accounts.end_sessions(connection, account)
    audit.record(connection, by, "account_bind", account, {"subject_sha256": kept_as})


def begin(engine: Engine) -> Begun:
    """A sign-in that has begun; those that nobody came back from go."""
    made = Begun(*(secrets.token_urlsafe(32) for _ in range(4)))
    now = clock.now()
    row = {"state_sha256": sessions.hashed(made.state), "browser_sha256": sessions.hashed(made.browser)}
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(delete(desk_sign_in).where(S.begun_at <= now - LASTS))
        connection.execute(
            insert(desk_sign_in).values(**row, nonce=made.nonce, verifier=made.verifier, begun_at=now)
        )
    return made


def come_back(engine: Engine, state: str, browser: str) -> Begun | None:
    """The sign-in that this browser has begun under that state, once; None where there is none."""
    own = (S.state_sha256 == sessions.hashed(state), S.browser_sha256 == sessions.hashed(browser))
    lasting = S.begun_at > clock.now() - LASTS
    with engine.execution_options(writes=True).begin() as connection:
        row = connection.execute(
            delete(desk_sign_in).where(*own, lasting).returning(S.nonce, S.verifier)
        ).first()
    return Begun(state, browser, row.nonce, row.verifier) if row else None


def enter(engine: Engine, issuer: str, subject: str, address: str) -> str:
    """The token of a session that has begun for the account that the provider's word opens.

    ``UsageError`` where there is none or it is locked.
    """
    c = desk_account.c
    own = select(desk_account).where(c.subject_sha256 == fingerprint(issuer, subject))
    with deciding(engine, beside_nights=True) as connection:
        row = connection.execute(own.with_for_update()).first()
        if row is not None and not row.locked:
            detail = {"address": address, "provider": issuer}
            audit.record(connection, row.name, "sign_in", row.account, detail)
            return sessions.begin(connection, row.account, Stage.OPEN)
        failed(connection, "locked" if row else "unknown", address, row.account if row else PROVIDER)
    raise UsageError(REFUSED)


def failed(connection: Connection, reason: str, address: str, account: str = PROVIDER) -> None:
    """On record that somebody came back from the provider and was not let in."""
    audit.record(connection, NOBODY, "sign_in_failed", account, {"address": address, "reason": reason})


def fingerprint(issuer: str, subject: str) -> str:
    """What is kept of a person of the provider: its word may be a number that nobody need see here."""
    return sessions.hashed(f"{issuer}\n{subject}")
