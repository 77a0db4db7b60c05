"""数据 — what arrived and whether nights can rely on it; a held delivery let go, a file only tried."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from expectations.feed import feeds
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, DeliveryRejected
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.release import release
from pipelines.deliveries.preview import Preview, preview
from pipelines.desk.arrived import arrived
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import STEWARD
from pipelines.desk.upload import unpacked
from pipelines.desk.visit import Visit
from pipelines.reports import words

BYTES: Final = 256 << 20
NO_REASON: Final = "须写明放行的理由：核对过什么，为什么可以使用"
NO_FILE: Final = "请选择数据源和文件"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is to be mended, and which form it is about: a delivery's number, or ``file``."""

    at: str
    why: str


def answer(visit: Visit) -> Response:
    """Every feed with its newest deliveries."""
    return _shown(visit)


def let_go(visit: Visit) -> Response:
    """A held delivery is used from the next run on."""
    subject, reason = visit.typed("delivery"), visit.typed("reason")
    if not reason:
        return _shown(visit, 400, Wrong(subject, NO_REASON))
    try:
        release(visit.engine, subject, visit.account.name, reason)
    except DecisionRefused as refused:
        return _shown(visit, 400, Wrong(subject, refused.reason))
    return go("/data")


def check(visit: Visit) -> Response:
    """The file that was sent as the night would read it; nothing of it is kept but that somebody asked."""
    name, sent = visit.typed("feed"), visit.file("file")
    if name not in feeds() or sent is None:
        return _shown(visit, 400, Wrong("file", NO_FILE))
    try:
        with unpacked(sent) as path:
            apart = replace(visit.settings, store=path.parent / "store")
            read = preview(apart, path, feeds()[name])
    except DeliveryRejected as rejected:
        _note(visit, name, {"refused": True})
        return _shown(visit, 400, Wrong("file", words.without_numbers(str(rejected))))
    landing = read.landing
    _note(visit, name, {"sha256": landing.sha256, "rows_read": landing.rows_read})
    return _shown(visit, read=read, feed=name)


def _note(visit: Visit, feed: str, detail: dict[str, object]) -> None:
    with deciding(visit.engine, beside_nights=True) as connection:
        audit.record(connection, visit.account.name, "check_delivery", feed, detail)


def _shown(
    visit: Visit, status: int = 200, wrong: Wrong | None = None, read: Preview | None = None, feed: str = ""
) -> Response:
    everything = arrived(visit.settings, visit.engine, clock.today())
    return page(
        visit, "data", status, all=everything, wrong=wrong, read=read,
        feed=feeds().get(feed), feeds={name: f.title for name, f in feeds().items()}, health=words.HEALTH,
        reject=words.REJECT, meaning=words.meaning, covered=words.without_numbers,
        may_act=visit.account.role in STEWARD,
        may_release=visit.account.role in STEWARD and visit.account.whole_city,
    )  # fmt: skip
