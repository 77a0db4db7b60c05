"""登录与退出 — the only page for those who have not signed in."""

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.desk import cookies, signing_in
from pipelines.desk.rendering import go, page
from pipelines.desk.visit import Visit


def answer(visit: Visit) -> Response:
    """The form; with name and password a new session, whatever session the browser had."""
    if visit.method != "POST":
        return go("/") if visit.session else page(visit, "sign_in", account="", error="")
    account = visit.typed("account").casefold()
    try:
        token = signing_in.enter(visit.engine, account, str(visit.form.get("password", "")), visit.address)
    except UsageError as error:
        return page(visit, "sign_in", 401, account=account, error=str(error))
    return cookies.give(go("/"), visit.origin, token)


def leave(visit: Visit) -> Response:
    """Signed out; the browser keeps nothing."""
    if visit.session:
        signing_in.leave(visit.engine, visit.session)
    return cookies.take(go("/sign-in"), visit.origin)
