"""修改口令 — asked for at the first sign-in, and whenever somebody wants to."""

from starlette.responses import Response

from matchers.lifecycle import Stage
from pipelines.base.errors import UsageError
from pipelines.desk import cookies, passwords, signing_in
from pipelines.desk.rendering import go, page
from pipelines.desk.visit import Refused, Visit


def answer(visit: Visit) -> Response:
    """The form; with the old password and a good new one a new session, all others of the account ended."""
    session = visit.session
    if session is None:
        raise Refused(403, "请先登录")
    first = session.stage == Stage.PASSWORD
    if visit.method != "POST":
        return page(visit, "password", first=first, least=passwords.LEAST, error="")
    old, new, again = (str(visit.form.get(name, "")) for name in ("old", "new", "again"))
    try:
        token = signing_in.change(visit.engine, session, old, new, again)
    except UsageError as error:
        return page(visit, "password", 400, first=first, least=passwords.LEAST, error=str(error))
    return cookies.give(go("/"), visit.origin, token)
