"""会话 — who is signed in, kept on the server: the browser has a random token, the database its hash."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from matchers.lifecycle import Stage
from pipelines.base import clock
from pipelines.desk import accounts, drafts
from pipelines.desk.accounts import Account
from sql.desk_tables import desk_account, desk_session

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=8)
REMEMBERED: Final = timedelta(hours=24)
NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signing or signed in. ``token`` is the browser's secret."""

    token: str
    stage: Stage
    account: Account

    @property
    def csrf(self) -> str:
        """What every form of this session carries, and no other site knows."""
        return _csrf(hashed(self.token))


def begin(connection: Connection, account: str, stage: Stage) -> str:
    """A new token for the account. What ran out opens nothing, and goes a day after it began."""
    now, c = clock.now(), desk_session.c
    connection.execute(delete(desk_session).where(c.begun_at <= now - REMEMBERED))
    drafts.sweep(connection)
    token = secrets.token_urlsafe(32)
    row = {"token_sha256": hashed(token), "account": account, "stage": stage, "begun_at": now, "seen_at": now}
    connection.execute(insert(desk_session).values(row))
    return token


def resumed(engine: Engine, token: str) -> Session | None:
    """The session of a token while it lasts; that it was used is noted once a minute."""
    now, c = clock.now(), desk_session.c
    own = c.token_sha256 == hashed(token)
    lasting = (c.seen_at > now - IDLE, c.begun_at > now - ABSOLUTE, ~desk_account.c.locked)
    joined = desk_session.join(desk_account, desk_account.c.account == c.account)
    with engine.connect() as connection:
        wanted = select(c.stage, c.seen_at, desk_account).select_from(joined).where(own, *lasting)
        row = connection.execute(wanted).first()
    if row is None:
        return None
    if now - row.seen_at >= NOTED_EVERY:
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(update(desk_session).where(own).values(seen_at=now))
    return Session(token, Stage(row.stage), accounts.of(row))


def run_out(engine: Engine, token: str) -> Session | None:
    """The session of a token that was open, ran out by time alone and is still remembered."""
    now, c = clock.now(), desk_session.c
    over = or_(c.seen_at <= now - IDLE, c.begun_at <= now - ABSOLUTE)
    own = (c.token_sha256 == hashed(token), c.stage == Stage.OPEN, ~desk_account.c.locked)
    joined = desk_session.join(desk_account, desk_account.c.account == c.account)
    with engine.connect() as connection:
        row = connection.execute(select(c.stage, desk_account).select_from(joined).where(*own, over)).first()
    return Session(token, Stage.OPEN, accounts.of(row)) if row else None


def was_form_of(engine: Engine, account: Account, csrf: str) -> bool:
    """Whether a form with this word was made for an earlier session of the account."""
    c = desk_session.c
    with engine.connect() as connection:
        rows = connection.execute(select(c.token_sha256).where(c.account == account.account)).scalars()
        return any(hmac.compare_digest(_csrf(row).encode(), csrf.encode()) for row in rows)


def _csrf(token_sha256: str) -> str:
    return hmac.new(token_sha256.encode(), b"form", hashlib.sha256).hexdigest()


def lasts(connection: Connection, token: str) -> bool:
    """Whether the token has not been ended by somebody since it was read."""
    own = select(desk_session.c.account).where(desk_session.c.token_sha256 == hashed(token))
    return connection.execute(own).first() is not None


def end(connection: Connection, token: str) -> None:
    """The token opens nothing any more."""
    connection.execute(delete(desk_session).where(desk_session.c.token_sha256 == hashed(token)))


def hashed(secret: str) -> str:
    """What is kept of a secret: enough to know it again."""
    return hashlib.sha256(secret.encode()).hexdigest()
