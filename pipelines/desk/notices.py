"""文书 — notices issued: numbered without a gap in each year and kind, kept by hash, each on record.

To issue one moves no candidate: what was done with it is a decision of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from matchers.lifecycle import ACTIVE
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.desk import docx, kept, letter, notice_kinds
from pipelines.reports.case import deriving, reading
from sql.desk_tables import desk_notice, notice_counter

AT_ONCE: Final = 100
ENDED: Final = "疑点已办结或已撤回，不出具文书"


@dataclass(frozen=True, slots=True)
class Issued:
    """One notice as it went out."""

    number: str
    content: bytes
    sha256: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.number}.docx"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants issued: a kind, until when to answer, and whom an inquiry asks."""

    kind: str
    reply_by: date
    to: str = ""


def issue(
    connection: Connection, settings: Settings, candidate_ids: Sequence[str], asked: Asked, by: str
) -> list[Issued]:
    """One notice for each candidate, in the caller's transaction with its events, whose bounds are looked at.

    ``UsageError`` where nobody works on one any longer, or the template cannot be filled.
    """
    template = notice_kinds.template(settings.notice_templates, asked.kind)
    source = kept.put(settings.desk_files, template)
    issued = []
    for candidate_id in candidate_ids:
        rows = reading.rows(connection, candidate_id)
        if rows.candidate["status"] not in ACTIVE:
            raise UsageError(f"{candidate_id}：{ENDED}")
        today = clock.today()
        number = notice_kinds.number(asked.kind, today.year, _turn(connection, asked.kind, today.year))
        case, person = deriving.case(rows, masked=True), deriving.case(rows, masked=False).person
        texts = letter.values(
            asked.kind, number, case, person, today=today, reply_by=asked.reply_by, to=asked.to
        )
        content = docx.filled(template, f"{asked.kind}.docx", texts)
        digest = kept.put(settings.desk_files, content)
        record = {"number": number, "kind": asked.kind, "template_sha256": source, "sha256": digest}
        connection.execute(
            insert(desk_notice).values(
                candidate_id=candidate_id, issued_by=by, issued_at=clock.now(), **record
            )
        )
        audit.record(connection, by, "notice", candidate_id, record)
        issued.append(Issued(number, content, digest))
    return issued


def of(connection: Connection, candidate_id: str) -> list[Row[Any]]:
    """The notices of a candidate, oldest first."""
    c = desk_notice.c
    own = select(desk_notice).where(c.candidate_id == candidate_id)
    return list(connection.execute(own.order_by(c.issued_at, c.number)))


def _turn(connection: Connection, kind: str, year: int) -> int:
    """The next number of the kind in the year; a transaction that is taken back leaves it for the next."""
    c = notice_counter.c
    own = (c.kind == kind, c.year == year)
    moved = connection.execute(update(notice_counter).where(*own).values(last=c.last + 1))
    if moved.rowcount == 0:
        connection.execute(insert(notice_counter).values(kind=kind, year=year, last=1))
    return int(connection.execute(select(c.last).where(*own)).scalar_one())
