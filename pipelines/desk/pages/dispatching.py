"""登记下发 — a list of a night as a whole was handed to its district: the same as ``crossmatch dispatch``."""

from starlette.responses import Response

from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, DeliveryRejected
from pipelines.desk import files
from pipelines.desk.pages import downloads
from pipelines.desk.visit import Visit, missing
from pipelines.feedback.dispatch import dispatch

NOTHING = "请选择要登记下发的清单"


def answer(visit: Visit) -> Response:
    """The files of the night, and how many candidates of the list wait for an answer from now on."""
    night = files.night(visit.typed("night"))
    if night is None or not visit.typed("file"):
        return downloads.shown(visit, 400, error=NOTHING)
    listed = files.of_night(visit.settings, visit.account, night)
    chosen = next((file for file in listed if file.name == visit.typed("file")), None)
    if chosen is None:
        raise missing()
    try:
        done = dispatch(visit.engine, chosen.path, visit.account.name, clock.exactly())
    except (DeliveryRejected, DecisionRefused) as refused:
        return downloads.shown(visit, 400, error=str(refused))
    return downloads.shown(visit, done=f"{done.file}：{done.rows} 件，其中 {done.dispatched} 件现在下发")
