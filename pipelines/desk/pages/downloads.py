"""下载 — files of each night to take along, each on record; lists that come back, checked, then taken in."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from starlette.responses import Response

from pipelines import feedback
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, DeliveryRejected
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import coming_back, exports, files, sending, trail
from pipelines.desk.rendering import page
from pipelines.desk.roles import CASES, SIGNERS
from pipelines.desk.visit import Visit, missing
from pipelines.feedback import Receipt, returned
from pipelines.reports import words
from sql.tables import report_export

BYTES: Final = returned.LARGEST + (1 << 20)
NOTHING: Final = "请从清单中选择要下载的文件"
NO_FILE: Final = "请选择区县交回的疑点清单（.xlsx）"


def answer(visit: Visit) -> Response:
    """The files of one night: of the last one, or of that which is asked for."""
    return shown(visit)


def download(visit: Visit) -> Response:
    """One file; its rows and hash are on record before it goes out."""
    if not visit.typed("file"):
        return shown(visit, 400, error=NOTHING)
    night = files.night(visit.typed("night"))
    listed = files.of_night(visit.settings, visit.account, night) if night else []
    chosen = next((file for file in listed if file.name == visit.typed("file")), None)
    if night is None or chosen is None:
        raise missing()
    content = chosen.path.read_bytes()
    detail = {
        "rows": chosen.rows,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
    with deciding(visit.engine, beside_nights=True) as connection:
        audit.record(connection, visit.account.name, "download", f"{night}/{chosen.name}", detail)
    return sending.saved(content, f"{night}-{chosen.name.rpartition('/')[2]}")


def take_back(visit: Visit) -> Response:
    """What would become of a list that came back; once the same file is sent again, what became of it."""
    return coming_back.answer(visit, _taken, shown, NO_FILE, (DeliveryRejected, DecisionRefused))


def _taken(visit: Visit, path: Path, *, apply: bool) -> Receipt:
    """The receipt; ``DecisionRefused`` where the list is another district's. A check is on record too."""
    brought = feedback.read(path)
    export_id = brought.export_id
    coming_back.require_own(
        visit, select(report_export.c.district).where(report_export.c.export_id == export_id)
    )
    receipt = feedback.take_in(
        visit.engine,
        brought,
        visit.account.name,
        apply=apply,
        at=clock.exactly(),
        today=clock.today(),
        own=True,
    )
    if not apply:
        with deciding(visit.engine, beside_nights=True) as connection:
            audit.record(connection, visit.account.name, "check_feedback", export_id, {"rows": receipt.rows})
    return receipt


def shown(
    visit: Visit, status: int = 200, *,
    error: str = "", done: str = "", receipt: Receipt | None = None, digest: str = "",
) -> Response:  # fmt: skip
    """The page, of the last night or of that which is asked for."""
    nights = files.nights(visit.settings)
    asked = files.night(visit.typed("night") or visit.query.get("night", ""))
    night = asked if asked in nights else next(iter(nights), None)
    listed = files.of_night(visit.settings, visit.account, night) if night else []
    with visit.engine.connect() as connection:
        taken = trail.last(connection, "download", [f"{night}/{file.name}" for file in listed])
        may_export = visit.account.role in CASES
        made = exports.recent(connection, visit.account) if may_export else ()
        districts = exports.districts(connection, visit.account) if may_export else ()
    return page(
        visit, "downloads", status, nights=nights, night=night, listed=listed, error=error, receipt=receipt,
        taken=taken, until=night + timedelta(visit.settings.export_nights) if night else None,
        digest=digest, done=done, lists=files.lists(listed, visit.account),
        made=made, kinds=exports.KINDS, districts=districts, now=clock.now(),
        may_export=may_export, may_take_back=visit.account.role in SIGNERS, covered=words.without_numbers,
    )  # fmt: skip
