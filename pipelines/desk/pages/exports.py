"""导出 — a workbook of a night written again: the same as ``crossmatch report``, kept for a week."""

from typing import Final

from starlette.responses import Response

from pipelines.base.errors import CrossmatchError
from pipelines.database.transaction import deciding
from pipelines.desk import exports, files, sending
from pipelines.desk.exports import Asked
from pipelines.desk.pages import downloads
from pipelines.desk.visit import Visit, missing

NOTHING: Final = "请选择比对日、工作簿和区县"
NO_JOB: Final = "请从导出记录中选择要下载的文件"
DONE: Final = "已导出，可在导出记录中下载"


def make(visit: Visit) -> Response:
    """The page with one export more, or why there is none."""
    night = files.night(visit.typed("night"))
    kind, district = visit.typed("kind"), visit.typed("district")
    if night is None or kind not in exports.KINDS or not district:
        return downloads.shown(visit, 400, error=NOTHING)
    with visit.engine.connect() as connection:
        if district not in exports.districts(connection, visit.account):
            raise missing()
    try:
        exports.make(visit.engine, visit.settings, visit.account, Asked(night, district, kind))
    except CrossmatchError as error:
        return downloads.shown(visit, 400, error=str(error))
    return downloads.shown(visit, done=DONE)


def take(visit: Visit) -> Response:
    """The file of an export; that it went out is on record."""
    if not visit.typed("export"):
        return downloads.shown(visit, 400, error=NO_JOB)
    with deciding(visit.engine, beside_nights=True) as connection:
        taken = exports.take(connection, visit.settings, visit.account, visit.typed("export"))
        if taken is None:
            raise missing()
    name, content = taken
    return sending.saved(content, name)
