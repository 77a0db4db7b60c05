"""首页 — to the page on which a role begins its day."""

from starlette.responses import Response

from pipelines.desk.rendering import go
from pipelines.desk.roles import HOME, OVERVIEW
from pipelines.desk.visit import Visit


def answer(visit: Visit) -> Response:
    """The way to the role's first page."""
    return go(HOME.get(visit.account.role, OVERVIEW))
