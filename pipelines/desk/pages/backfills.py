"""补跑 — asked for here; the operator runs it, under the same reason."""

from datetime import date

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.database.transaction import deciding
from pipelines.desk.pages import nights
from pipelines.desk.rendering import go
from pipelines.desk.visit import Visit
from pipelines.past import asked

NO_NIGHTS = "请填写第一夜和最后一夜"


def ask(visit: Visit) -> Response:
    """The nights with one more request, or with why there is none."""
    try:
        first, last = (date.fromisoformat(visit.typed(name)) for name in ("first", "last"))
    except ValueError:
        return nights.objected(visit, NO_NIGHTS)
    try:
        with deciding(visit.engine, beside_nights=True) as connection:
            asked.ask(connection, first, last, visit.typed("why"), visit.account.name)
    except UsageError as error:
        return nights.objected(visit, str(error))
    return go("/nights")
