"""文书 — notices issued for one case or for many as one archive, and taken again as they went out."""

import hashlib
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import (
    chosen,
    docx,
    kept,
    letter,
    notice_kinds,
    notices,
    outcome,
    reply_day,
    scope,
    sending,
)
from pipelines.desk.notices import Asked, Issued
from pipelines.desk.pages import case
from pipelines.desk.pages import chosen as many_page
from pipelines.desk.visit import Visit, missing

NO_KIND: Final = "请选择您的岗位可以出具的文书"
NOTHING: Final = "请选择要下载的文书"
TOO_MANY: Final = f"一次最多出具 {notices.AT_ONCE} 份，请分几次选择"
ARCHIVE: Final = "文书-{}.zip"


def one(visit: Visit) -> Response:
    """The case with one more notice, ready to be saved; it moves the case nowhere."""
    try:
        _issued(visit, [visit.place["candidate_id"]])
    except UsageError as error:
        return case.objected(visit, str(error))
    return case.done(visit, outcome.NOTICE)


def many(visit: Visit) -> Response:
    """The notices of the chosen cases as one archive, or which of them can have none."""
    numbers = list(chosen.sent(visit))
    if not numbers:
        return many_page.shown(visit, numbers)
    try:
        issued = _issued(visit, numbers)
    except UsageError as error:
        return many_page.shown(visit, numbers, 400, error=str(error))
    archive = docx.packed({notice.name: notice.content for notice in issued})
    digest = hashlib.sha256(archive).hexdigest()
    with deciding(visit.engine, beside_nights=True) as connection:
        detail = {"rows": len(issued), "sha256": digest}
        audit.record(connection, visit.account.name, "download", "notices", detail)
    return sending.saved(archive, ARCHIVE.format(clock.today()))


def again(visit: Visit) -> Response:
    """A notice as it was issued, byte for byte."""
    number, account = visit.place["candidate_id"], visit.account
    if not visit.typed("notice"):
        return case.objected(visit, NOTHING)
    with deciding(visit.engine, beside_nights=True) as connection:
        scope.require_case(connection, account, number)
        own = {row.number: row for row in notices.of(connection, number)}
        if (row := own.get(visit.typed("notice"))) is None:
            raise missing()
        content = kept.get(visit.settings.desk_files, row.sha256)
        audit.record(connection, account.name, "download", row.number, {"sha256": row.sha256})
    return sending.saved(content, f"{row.number}.docx")


def _issued(visit: Visit, numbers: Sequence[str]) -> list[Issued]:
    asked = _asked(visit)
    if len(numbers) > notices.AT_ONCE:
        raise UsageError(TOO_MANY)
    with deciding(visit.engine, beside_nights=True) as connection:
        for number in numbers:
            scope.require_case(connection, visit.account, number)
        return notices.issue(connection, visit.settings, numbers, asked, visit.account.name)


def _asked(visit: Visit) -> Asked:
    kind = visit.typed("kind")
    if kind not in notice_kinds.kinds(visit.account.role):
        raise UsageError(NO_KIND)
    return Asked(kind, reply_day.read(visit), letter.addressee(visit.typed("to")))
