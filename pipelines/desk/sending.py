"""送出 — a file to the browser: always saved, never shown, under a name that is no part of an address."""

from urllib.parse import quote

from starlette.responses import Response


def saved(content: bytes, name: str) -> Response:
    """The file as a download."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)
