"""应用 — the desk as an ASGI application: every address of the route table behind the same gate."""

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from matchers.lifecycle import Stage
from pipelines.base.errors import CrossmatchError, Locked
from pipelines.base.failures import DatabaseFailed, translated
from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.desk import scope, sessions
from pipelines.desk.body import Body
from pipelines.desk.headers import Headers
from pipelines.desk.origin import Origin
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import Role
from pipelines.desk.route import Route, Scope
from pipelines.desk.routes import ROUTES
from pipelines.desk.sessions import Session
from pipelines.desk.signing_in import NOBODY
from pipelines.desk.visit import Refused, Visit, missing

log = logging.getLogger(__name__)
SIGN_IN: Final = "/sign-in"
WHERE: Final = {Stage.SECOND_FACTOR: "/second-factor", Stage.PASSWORD: "/password", Stage.OPEN: "/"}
WRONG: Final = 400
FAILED: Final = 500
BUSY: Final = 503


def create(settings: Settings, engine: Engine, origin: Origin, routes: Sequence[Route] = ROUTES) -> FastAPI:
    """The application on a benefit database; ``engine`` stays the caller's to close."""
    scope.install(engine)
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    desk = Desk(settings, engine, origin, {role: _menu(routes, role) for role in Role})
    for route in routes:
        app.add_route(route.path, desk.endpoint(route), methods=list(route.methods))
    app.add_exception_handler(HTTPException, desk.astray)
    app.add_middleware(Headers, encrypted=origin.encrypted)
    return app


@dataclass(frozen=True, slots=True)
class Desk:
    """What all addresses share: settings, database, origin and the menu of each role."""

    settings: Settings
    engine: Engine
    origin: Origin
    menus: dict[Role, list[tuple[str, str]]]

    def endpoint(self, route: Route):  # type: ignore[no-untyped-def]
        """What Starlette calls for a route."""

        async def answer(request: Request) -> Response:
            try:
                form = await Body(request, route.bytes).form() if request.method == "POST" else FormData()
            except (MultiPartException, HTTPException, Refused):
                return await run_in_threadpool(self._too_much, request)
            try:
                return await run_in_threadpool(self._answer, route, request, form)
            finally:
                await form.close()

        return answer

    async def astray(self, request: Request, error: Exception) -> Response:
        """The answer where no address of the table is asked for, or by a method that it has not."""
        status = error.status_code if isinstance(error, HTTPException) else FAILED
        message = missing().message if status == 404 else "不能这样访问本页。"
        return await run_in_threadpool(self._refused, request, Refused(status, message))

    def _refused(self, request: Request, refused: Refused) -> Response:
        visit = self._visit(request, FormData(), self._session(request))
        return page(visit, "refused", refused.status, message=refused.message)

    def _too_much(self, request: Request) -> Response:
        visit = self._visit(request, FormData(), self._session(request))
        return self._refuse(visit, Refused(413, "提交的内容过大或无法读取，没有接收任何内容。"))

    def _answer(self, route: Route, request: Request, form: FormData) -> Response:
        session = None
        try:
            with translated():
                session = self._session(request)
                visit = self._visit(request, form, session)
                return self._gate(route, request, visit) or route.handler(visit)
        except Refused as refused:
            return self._refuse(self._visit(request, form, session), refused)
        except CrossmatchError as error:
            status = BUSY if isinstance(error, Locked | DatabaseFailed) else WRONG
            return page(self._visit(request, form, session), "refused", status, message=str(error))
        except Exception:
            log.exception("the desk failed to answer %s", route.path)
            message = "本页出错，没有写入任何内容。请稍后再试；仍然出错请告诉系统管理员。"
            return page(self._visit(request, form, None), "refused", FAILED, message=message)

    def _gate(self, route: Route, request: Request, visit: Visit) -> Response | None:
        """None where the request may reach its page; a way to where it belongs, or ``Refused``."""
        if not self.origin.knows_host(request.headers):
            raise Refused(421, "地址不正确，请使用系统管理员给出的地址。")
        if visit.method == "POST" and not self.origin.is_own(request.headers):
            raise Refused(403, "这次提交不是从本系统的页面发出的，没有接收。")
        if route.roles is None:
            return None
        if visit.session is None:
            return go(SIGN_IN)
        sent = visit.typed("csrf")
        if visit.method == "POST" and not hmac.compare_digest(sent.encode(), visit.session.csrf.encode()):
            raise Refused(403, "这张表单已经失效（重新登录过或打开过旧页面），没有接收。请回到该页重新提交。")
        if visit.session.stage not in route.stages:
            return go(WHERE[visit.session.stage])
        if visit.account.role not in route.roles:
            raise Refused(403, "您的岗位不能使用这一页。")
        if route.scope is Scope.CITY and not visit.account.whole_city:
            raise Refused(403, "放行对全市各区县生效，须由经办范围为全市的账号办理。")
        return None

    def _session(self, request: Request) -> Session | None:
        token = request.cookies.get(self.origin.cookie, "")
        return sessions.resumed(self.engine, token) if token else None

    def _visit(self, request: Request, form: FormData, session: Session | None) -> Visit:
        peer = request.client.host if request.client else ""
        opened = session is not None and session.stage == Stage.OPEN
        return Visit(
            settings=self.settings,
            engine=scope.within(self.engine, session.account) if session and opened else self.engine,
            session=session,
            menu=self.menus[session.account.role] if session and opened else [],
            origin=self.origin,
            method=request.method,
            path=request.url.path,
            place=request.path_params,
            query=request.query_params,
            form=form,
            address=self.origin.client(peer, request.headers),
        )

    def _refuse(self, visit: Visit, refused: Refused) -> Response:
        """The page that says so; what somebody tried is in the audit, whoever it was."""
        who = visit.session.account.name if visit.session else NOBODY
        detail = {"status": refused.status, "method": visit.method, "address": visit.address}
        with deciding(self.engine, beside_nights=True) as connection:
            audit.record(connection, who, "refused", visit.path[:200], detail)
        return page(visit, "refused", refused.status, message=refused.message)


def _menu(routes: Sequence[Route], role: Role) -> list[tuple[str, str]]:
    return [(route.path, route.menu) for route in routes if route.menu and role in (route.roles or ())]
