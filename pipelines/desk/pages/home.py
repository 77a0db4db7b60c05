"""首页 — to the page on which a role begins its day."""

from starlette.responses import Response

from pipelines.desk import drafts
from pipelines.desk.rendering import go
from pipelines.desk.roles import HOME, OVERVIEW
from pipelines.desk.visit import Visit


def answer(visit: Visit) -> Response:
    """The way to what could not be sent before a session ran out, else to the role's first page."""
    unsent = drafts.waiting(visit.engine, visit.account)
    return go(unsent or HOME.get(visit.account.role, OVERVIEW))
