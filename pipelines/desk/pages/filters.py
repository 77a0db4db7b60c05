"""常用筛选 — filters of the list kept under a name, and dropped."""

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.database.transaction import deciding
from pipelines.desk import filters
from pipelines.desk.pages import candidates
from pipelines.desk.rendering import go
from pipelines.desk.visit import Visit


def keep(visit: Visit) -> Response:
    """The list again, its filters kept."""
    asked = {key: visit.typed(key) for key in candidates.FILTERS if visit.typed(key)}
    try:
        with deciding(visit.engine, beside_nights=True) as connection:
            filters.keep(connection, visit.account, visit.typed("name"), asked)
    except UsageError as error:
        return candidates.listed(visit, asked, error=str(error))
    return go("/candidates")


def drop(visit: Visit) -> Response:
    """The list without that filter."""
    with deciding(visit.engine, beside_nights=True) as connection:
        filters.drop(connection, visit.account, visit.typed("name"))
    return go("/candidates")
