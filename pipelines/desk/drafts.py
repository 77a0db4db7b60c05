"""未交上的内容 — what somebody typed when their session had run out, for their next one and nobody else's.

It is put back into the form it came from and decides nothing by itself. It goes once it is sent, half an hour
after it was put back, and at the end of a day's work at the latest.
"""

import json
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, or_, select, update
from starlette.datastructures import FormData

from pipelines.base import clock
from pipelines.database import audit
from pipelines.database.transaction import deciding, looking
from pipelines.desk.accounts import Account
from sql.desk_tables import desk_draft

LASTS: Final = timedelta(hours=8)
ONCE_SHOWN: Final = timedelta(minutes=30)
LEFT_OUT: Final = ("csrf", "form")
C = desk_draft.c


def keep(engine: Engine, account: Account, page: str, form: FormData) -> None:
    """The texts of the form are kept for the account's next visit of the page, in place of earlier ones."""
    texts = [(n, v) for n, v in form.multi_items() if isinstance(v, str) and v and n not in LEFT_OUT]
    row = {"account": account.account, "page": page, "fields": json.dumps(texts, ensure_ascii=False)}
    with deciding(engine, beside_nights=True) as connection:
        sweep(connection)
        connection.execute(delete(desk_draft).where(_own(account, page)))
        connection.execute(insert(desk_draft).values(**row, kept_at=clock.now()))
        _enter(connection, account, page, "kept")


def put_back(engine: Engine, account: Account, page: str) -> FormData | None:
    """What is kept for this page, None where nothing is."""
    with engine.connect() as connection:
        wanted = select(C.fields, C.shown_at).where(_own(account, page), ~_over())
        row = connection.execute(wanted).first()
    if row is None:
        return None
    if row.shown_at is None:
        with looking(engine) as connection:
            connection.execute(update(desk_draft).where(_own(account, page)).values(shown_at=clock.now()))
            _enter(connection, account, page, "put_back")
    return FormData([(name, value) for name, value in json.loads(row.fields)])


def waiting(engine: Engine, account: Account) -> str:
    """The page on which something is kept that was not put back yet; empty where there is none."""
    own = (C.account == account.account, C.shown_at.is_(None), ~_over())
    with engine.connect() as connection:
        newest = select(C.page).where(*own).order_by(C.kept_at.desc()).limit(1)
        return str(connection.execute(newest).scalar() or "")


def drop(engine: Engine, account: Account, page: str) -> None:
    """Nothing is kept for the page any more."""
    with engine.connect() as connection:
        kept = connection.execute(select(C.page).where(_own(account, page))).first()
    if kept is None:
        return
    with deciding(engine, beside_nights=True) as connection:
        connection.execute(delete(desk_draft).where(_own(account, page)))
        _enter(connection, account, page, "sent")


def sweep(connection: Connection) -> None:
    """What has had its time goes, whosever it is."""
    connection.execute(delete(desk_draft).where(_over()))


def _enter(connection: Connection, account: Account, page: str, act: str) -> None:
    audit.record(connection, account.name, "draft", account.account, {"page": page, "act": act})


def _own(account: Account, page: str) -> ColumnElement[bool]:
    return and_(C.account == account.account, C.page == page)


def _over() -> ColumnElement[bool]:
    now = clock.now()
    return or_(C.kept_at <= now - LASTS, and_(C.shown_at.is_not(None), C.shown_at <= now - ONCE_SHOWN))
