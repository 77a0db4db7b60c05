"""第二因素 — the one-time code, and the first time the secret for the authenticator."""

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.desk import cookies, second_factor, signing_in
from pipelines.desk.rendering import go, page
from pipelines.desk.sessions import Session
from pipelines.desk.visit import Refused, Visit


def answer(visit: Visit) -> Response:
    """The form; with a right code a new session behind it."""
    if visit.session is None:
        raise Refused(403, "请先登录")
    if visit.method != "POST":
        return _form(visit, visit.session, 200, "")
    try:
        token = signing_in.confirm(visit.engine, visit.session, visit.typed("code"), visit.address)
    except UsageError as error:
        return _form(visit, visit.session, 401, str(error))
    return cookies.give(go("/"), visit.origin, token)


def _form(visit: Visit, session: Session, status: int, error: str) -> Response:
    secret = signing_in.secret(visit.engine, session)
    uri = second_factor.uri(secret, session.account.account) if secret else ""
    return page(visit, "second_factor", status, secret=secret, uri=uri, error=error)
