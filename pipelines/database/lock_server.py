"""The lock on PostgreSQL: an advisory lock of a session that pings; the server ends it when it is silent."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from pipelines.base.errors import Locked
from sql.processes import is_gone

KEY = int.from_bytes(b"match", "big")
PING_SECONDS = 15
SILENT_SECONDS = 120
ENDED_WITHIN_MS = 5000
PATIENCE_SECONDS = 4
PAUSE_SECONDS = 0.05

HOLDERS = text("""
    SELECT a.pid, a.application_name, l.mode = 'ShareLock' AS shares,
           pg_has_role(a.usesysid, 'USAGE') AS ours
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid()
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (CAST(l.classid AS bigint) << 32) + CAST(l.objid AS bigint) = :key AND l.objsubid = 1
""")
END = text("SELECT pg_terminate_backend(:pid, :within)")
END_WRITERS = text("""
    SELECT pg_terminate_backend(pid, :within) FROM pg_locks
     WHERE relation = to_regclass('run_epoch') AND mode = 'RowShareLock' AND pid <> pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


@contextmanager
def taken(engine: Engine, *, shared: bool) -> Iterator[None]:
    """The advisory lock for the block. Sessions of a dead or frozen run are ended, others mean ``Locked``."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        session.execute(text(f"SET idle_session_timeout = '{SILENT_SECONDS}s'"))
        _take(session, "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock")
        if not shared:
            session.execute(END_WRITERS, {"within": ENDED_WITHIN_MS})
        over = threading.Event()
        pinging = threading.Thread(target=_ping, args=(session, over), daemon=True)
        pinging.start()
        try:
            yield
        finally:
            over.set()
            pinging.join()
            with suppress(
                SQLAlchemyError
            ):  # the next run need not wait until the server has ended the session
                session.execute(text("SELECT pg_advisory_unlock_all()"))
            session.invalidate()


def share(transaction: Connection) -> None:
    """The lock, shared, until this transaction ends, which cannot lose it: they are one session's.

    It costs no connection beside that of the transaction, as many people at once would need.
    """
    _take(transaction, "pg_try_advisory_xact_lock_shared")


def _take(session: Connection, attempt: str) -> None:
    """Takes the lock by the server's function; who only shares it, for a moment as a rule, is waited for.

    A session that this role may not end, the night's for the desk, is left to the server and to the night.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not session.execute(text(f"SELECT {attempt}(:key)"), {"key": KEY}).scalar_one():
        holders = session.execute(HOLDERS, {"key": KEY}).all()
        at_work = [holder for holder in holders if not (holder.ours and is_gone(holder.application_name))]
        if not all(holder.shares for holder in at_work) or time.monotonic() > deadline:
            names = "、".join(holder.application_name for holder in at_work)
            raise Locked(f"另一次运行（{names}）正在处理该待遇库；请待其结束后再运行")
        for holder in holders:
            if holder not in at_work:
                session.execute(END, {"pid": holder.pid, "within": ENDED_WITHIN_MS})
        time.sleep(PAUSE_SECONDS)


def _ping(session: Connection, over: threading.Event) -> None:
    """Keeps the session alive as long as this process is; losing it is noticed by the epoch, not here."""
    while not over.wait(PING_SECONDS):
        try:
            session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return
