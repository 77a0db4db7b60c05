"""Cookie — the session's token in the browser: for this host alone, out of reach of scripts."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import cookie_parser
from starlette.responses import Response

from pipelines.desk.origin import Origin

LENT_SECONDS: Final = 600


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


def lend(answer: Response, origin: Origin, secret: str) -> Response:
    """The answer, with what shows that a browser comes back from the provider to which it was sent.

    ``Lax``, for it comes back from another site; the token of a session is never sent from there.
    """
    answer.set_cookie(
        origin.lent_cookie,
        secret,
        LENT_SECONDS,
        path="/",
        secure=origin.encrypted,
        httponly=True,
        samesite="lax",
    )
    return answer


def lent(headers: Mapping[str, str], origin: Origin) -> str:
    """What a browser was lent, empty where it was lent nothing."""
    return cookie_parser(headers.get("cookie", "")).get(origin.lent_cookie, "")


def take_lent(answer: Response, origin: Origin) -> Response:
    """The answer, after which the browser has no more than its token."""
    answer.delete_cookie(origin.lent_cookie, path="/", secure=origin.encrypted, httponly=True, samesite="lax")
    return answer
