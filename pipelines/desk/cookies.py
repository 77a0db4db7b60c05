"""Cookie — the session's token in the browser: for this host alone, out of reach of scripts."""

from starlette.responses import Response

from pipelines.desk.origin import Origin


def give(answer: Response, origin: Origin, token: str) -> Response:
    """The answer, with a new token."""
    answer.set_cookie(
        origin.cookie, token, path="/", secure=origin.encrypted, httponly=True, samesite="strict"
    )
    return answer


def take(answer: Response, origin: Origin) -> Response:
    """The answer, after which the browser has no token and nothing of the desk in its store."""
    answer.delete_cookie(origin.cookie, path="/", secure=origin.encrypted, httponly=True, samesite="strict")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer
