"""附件 — added to a case, and taken from it by those who may see the case."""

from typing import Final

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import attachments, kept, outcome, scope, sending, upload
from pipelines.desk.pages import case
from pipelines.desk.visit import Visit, missing

BYTES: Final = attachments.LARGEST + (1 << 20)
NO_FILE: Final = "请选择要添加的文件"
NOTHING: Final = "请选择要下载的附件"


def add(visit: Visit) -> Response:
    """The case with one more attachment, or with why there is none."""
    number, sent = visit.place["candidate_id"], visit.file("file")
    if sent is None:
        return case.objected(visit, NO_FILE)
    content = sent.file.read(attachments.LARGEST + 1)
    try:
        with deciding(visit.engine, beside_nights=True) as connection:
            scope.require_case(connection, visit.account, number)
            name = sent.filename or ""
            attachments.add(connection, visit.settings, number, name, content, visit.account.name)
    except UsageError as error:
        upload.not_taken(visit, number)
        return case.objected(visit, str(error))
    return case.done(visit, outcome.ATTACHMENT)


def take(visit: Visit) -> Response:
    """One attachment to save; that it went out is on record."""
    number, account = visit.place["candidate_id"], visit.account
    if not visit.typed("sha256"):
        return case.objected(visit, NOTHING)
    with deciding(visit.engine, beside_nights=True) as connection:
        scope.require_case(connection, account, number)
        own = {row.sha256: row for row in attachments.of(connection, number)}
        if (row := own.get(visit.typed("sha256"))) is None:
            raise missing()
        content = kept.get(visit.settings.desk_files, row.sha256)
        audit.record(connection, account.name, "attachment", number, {"sha256": row.sha256})
    return sending.saved(content, row.name)
