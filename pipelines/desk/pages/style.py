"""样式 — the one stylesheet of the desk, and no icon."""

from starlette.responses import Response

from pipelines.desk import rendering
from pipelines.desk.visit import Visit

KEPT = "private, max-age=300"


def stylesheet(_: Visit) -> Response:
    """The stylesheet, which holds nothing of anybody and may be kept for five minutes."""
    return Response(rendering.stylesheet(), media_type="text/css", headers={"cache-control": KEPT})


def icon(_: Visit) -> Response:
    """Nothing, so that a browser that asks for an icon asks once."""
    return Response(status_code=204, headers={"cache-control": KEPT})
