"""统一登录 — to the city's provider of identities and back; there is no other way to go from here.

A browser that comes back comes from another site: it brings no cookie of the session, which is ``Strict``,
but that of this sign-in. For the same reason the way on is a page of our own and no redirect.
"""

from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.database.transaction import deciding
from pipelines.desk import cookies, single_sign_on
from pipelines.desk.rendering import go, page
from pipelines.desk.single_sign_on import REFUSED
from pipelines.desk.visit import Visit

BACK = "/sign-in/single/back"
AWAY = "统一身份认证此刻无法使用；请稍后再试，或者请系统管理员查看"


def start(visit: Visit) -> Response:
    """A page that leads to the provider, where the person signs in."""
    if not visit.settings.oidc_issuer:
        return go("/sign-in")
    from pipelines.desk import oidc

    begun = single_sign_on.begin(visit.engine)
    try:
        path = oidc.destination(visit.settings, begun, _back(visit))
    except oidc.Failed as failed:
        return _refused(visit, failed.reason, AWAY, 503)
    answer = page(visit, "onward", path=path, title="转到统一身份认证")
    return cookies.lend(answer, visit.origin, begun.browser)


def come_back(visit: Visit) -> Response:
    """A new session, whatever session the browser had, for the account that the provider's word opens."""
    if not visit.settings.oidc_issuer:
        return go("/sign-in")
    from pipelines.desk import oidc

    browser = cookies.lent(visit.headers, visit.origin)
    begun = single_sign_on.come_back(visit.engine, visit.query.get("state", ""), browser)
    if begun is None:
        return _refused(visit, "state", REFUSED)
    issuer = visit.settings.oidc_issuer
    try:
        subject = oidc.subject(visit.settings, begun, _back(visit), visit.query)
    except oidc.Failed as failed:
        return _refused(visit, failed.reason, AWAY if failed.reason in oidc.ABSENT else REFUSED)
    try:
        token = single_sign_on.enter(visit.engine, issuer, subject, visit.address)
    except UsageError as error:
        return page(visit, "sign_in", 401, account="", error=str(error))
    answer = cookies.give(page(visit, "onward", path="/", title="已登录"), visit.origin, token)
    return cookies.take_lent(answer, visit.origin)


def _back(visit: Visit) -> str:
    return f"{'https' if visit.origin.encrypted else 'http'}://{visit.headers['host']}{BACK}"


def _refused(visit: Visit, reason: str, message: str, status: int = 401) -> Response:
    with deciding(visit.engine, beside_nights=True) as connection:
        single_sign_on.failed(connection, reason, visit.address)
    return page(visit, "sign_in", status, account="", error=message)
