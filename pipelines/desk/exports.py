"""导出 — a night's workbook of a district or of the city, written again as things stand, and kept a while.

The same call as the night's own: a list that is unchanged has the number of the night's and comes back as it
does. Who asked, how many rows went into it and its SHA-256 stay on record when the file is gone.
"""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, insert, select

from pipelines import runs
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import files, kept, scope
from pipelines.desk.accounts import Account
from pipelines.reports import contents, exceptions, outcome, overpaid, words
from sql.desk_tables import desk_export
from sql.tables import candidate_tally

KINDS: Final = {"list": exceptions.SHEET, "overpaid": overpaid.TITLE}
LASTS: Final = timedelta(days=7)
SHOWN: Final = 50
UNFIT: Final = "{}：{}，没有可以导出的清单"
E = desk_export.c


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the night, a district or ``words.CITY``, and one of ``KINDS``."""

    as_of: date
    district: str
    kind: str


def districts(connection: Connection, account: Account) -> list[str]:
    """What the account may ask for: its districts that have candidates, and the city if it sees all of it."""
    t = candidate_tally.c
    own = select(t.district).where(scope.condition(account, t.district)).distinct().order_by(t.district)
    return [*connection.execute(own).scalars(), *((words.CITY,) if account.whole_city else ())]


def make(engine: Engine, settings: Settings, account: Account, asked: Asked) -> str:
    """The number of the export, whose file is kept from now on; ``UsageError`` where the night has none.

    Everything is read as it was at one moment, whatever a night or others write meanwhile.
    """
    runs.require_ended(engine, asked.as_of)
    night = contents.read(
        _at_one_moment(engine, asked.district), Store(settings.store), asked.as_of, settings
    )
    if asked.district != words.CITY:
        night = night.of_district(asked.district)
        if ended := outcome.word(night.run):
            raise UsageError(UNFIT.format(asked.as_of, ended))
    with tempfile.TemporaryDirectory(prefix="desk-") as name:
        folder = Path(name)
        made = (
            exceptions.export(night, asked.district, settings.report_limit) if asked.kind == "list" else None
        )
        if made:
            path = exceptions.write(night, made, folder, folder)
        else:
            path = overpaid.write(night, asked.district, folder, folder)
        content, rows = path.read_bytes(), files.rows_of(path)
    digest = kept.put(settings.desk_files, content)
    number = f"DC{secrets.token_hex(8)}"
    with deciding(engine) as connection:
        _forget(connection, settings.desk_files)
        if made and asked.district != words.CITY:
            exceptions.keep(connection, night, made)
        row = {"export_id": number, "kind": asked.kind, "subject": asked.as_of.isoformat()}
        held = {"districts": asked.district, "rows_out": rows, "sha256": digest, "file": path.name}
        now = clock.now()
        times = {"asked_by": account.name, "asked_at": now, "expires_at": now + LASTS}
        connection.execute(insert(desk_export).values(**row, **held, **times))
        audit.record(connection, account.name, "export", number, {"rows": rows, "sha256": digest, **row})
    return number


def recent(connection: Connection, account: Account) -> Sequence[Row[Any]]:
    """The newest exports within the account's bounds, those that have run out too."""
    wanted = select(desk_export).where(scope.condition(account, E.districts))
    return connection.execute(wanted.order_by(E.asked_at.desc(), E.export_id).limit(SHOWN)).all()


def take(
    connection: Connection, settings: Settings, account: Account, number: str
) -> tuple[str, bytes] | None:
    """Name and content of an export, on record; None where it is not the account's, or has run out."""
    own = (E.export_id == number, E.expires_at > clock.now(), scope.condition(account, E.districts))
    row = connection.execute(select(desk_export).where(*own)).first()
    if row is None:
        return None
    content = kept.get(settings.desk_files, row.sha256)
    detail = {"rows": row.rows_out, "sha256": row.sha256, "bytes": len(content)}
    audit.record(connection, account.name, "download", number, detail)
    return f"{row.subject}-{row.file}", content


def _at_one_moment(engine: Engine, district: str) -> Engine:
    if engine.dialect.name != "postgresql":
        return engine
    within = {} if district == words.CITY else {scope.OPTION: district}
    return engine.execution_options(isolation_level="REPEATABLE READ", **within)


def _forget(connection: Connection, folder: Path) -> None:
    """Takes away the files that have run out and that no export needs which has not."""
    now = clock.now()
    wanted = set(connection.execute(select(E.sha256).where(E.expires_at > now)).scalars())
    for digest in set(connection.execute(select(E.sha256).where(E.expires_at <= now)).scalars()) - wanted:
        kept.drop(folder, digest)
