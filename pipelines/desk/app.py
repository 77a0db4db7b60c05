"""应用 — the desk as an ASGI application: every address of the route table behind the same gate."""

import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

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
from pipelines.desk import drafts, scope, sessions
from pipelines.desk.body import Body
from pipelines.desk.brake import Brake
from pipelines.desk.headers import Headers
from pipelines.desk.origin import Origin
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import Role
from pipelines.desk.route import FORM_BYTES, Route, Scope
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
TOO_MUCH: Final = Refused(413, "提交的内容过大或无法读取，没有接收任何内容。")
OLD_FORM: Final = "这张表单已经失效（重新登录过或打开过旧页面），没有接收。请回到该页重新提交。"
KEPT_FORM: Final = (
    "这张表单已经失效（重新登录过），没有接收。填写的内容还在，回首页即放回原处，请核对后再交。"
)
R = TypeVar("R")


def create(settings: Settings, engine: Engine, origin: Origin, routes: Sequence[Route] = ROUTES) -> FastAPI:
    """The application on a benefit database; ``engine`` stays the caller's to close."""
    scope.install(engine)
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    menus, pages = {role: _menu(routes, role) for role in Role}, frozenset(r.page for r in routes)
    desk = Desk(settings, engine, origin, menus, pages)
    for route in routes:
        app.add_route(route.path, desk.endpoint(route), methods=list(route.methods))
    app.add_exception_handler(HTTPException, desk.astray)
    app.add_middleware(Headers, encrypted=origin.encrypted)
    return app


@dataclass(frozen=True, slots=True)
class Desk:
    """What all addresses share: settings, database, origin, the menu of each role, ``pages`` whose
    forms outlast a session, and the brake.
    """

    settings: Settings
    engine: Engine
    origin: Origin
    menus: dict[Role, list[tuple[str, str]]]
    pages: frozenset[str]
    brake: Brake = field(default_factory=Brake)

    def endpoint(self, route: Route):  # type: ignore[no-untyped-def]
        """What Starlette calls for a route."""

        def admitted(visit: Visit) -> Response | None:
            return self._gate(route, visit)

        def answered(visit: Visit) -> Response:
            if refusal := self._gate(route, visit):
                return refusal
            if route.roles is not None and visit.method == "POST":
                self._require_own_form(route, visit)
            if visit.method == "GET" and route.path in self.pages:
                return route.handler(self._with_draft(visit))
            answer = route.handler(visit)
            if route.page and answer.status_code < WRONG:
                drafts.drop(self.engine, visit.account, route.page.format(**visit.place))
            return answer

        async def answer(request: Request) -> Response:
            if request.method != "POST":
                return await self._asked(request, FormData(), answered)
            # Who may not come here sends nothing: it is refused before a byte of the body is read.
            if refusal := await run_in_threadpool(self._answer, request, FormData(), admitted):
                if route.page and (left := await run_in_threadpool(self._run_out, route, request)):
                    await self._keep(route, request, left)
                return refusal
            try:
                form = await Body(request, route.bytes).form()
            except (MultiPartException, HTTPException, Refused):
                return await self._asked(request, FormData(), _refusing(TOO_MUCH))
            try:
                if not route.dear:
                    return await self._asked(request, form, answered)
                work = partial(self._answer, request, form, answered)
                return await self.brake.run(self._address(request), work)
            except Refused as refused:
                return await self._asked(request, FormData(), _refusing(refused))
            finally:
                await form.close()

        return answer

    def _run_out(self, route: Route, request: Request) -> Session | None:
        """The session that has run out while somebody typed what is sent now, if it could be sent in it."""
        own = self.origin.knows_host(request.headers) and self.origin.is_own(request.headers)
        token = request.cookies.get(self.origin.cookie, "")
        left = sessions.run_out(self.engine, token) if own and token else None
        return left if left and left.account.role in (route.roles or ()) else None

    async def _keep(self, route: Route, request: Request, left: Session) -> None:
        """What was typed in a session that ran out is kept for the next one; what cannot be kept is lost."""
        try:
            form = await Body(request, FORM_BYTES).form()
        except (MultiPartException, HTTPException, Refused):
            return
        page = route.page.format(**request.path_params)
        try:
            if _is_form_of(left, str(form.get("csrf", ""))):
                await run_in_threadpool(drafts.keep, self.engine, left.account, page, form)
        except CrossmatchError as error:
            log.warning("what was typed in a session that ran out could not be kept: %s", error)
        finally:
            await form.close()

    def _with_draft(self, visit: Visit) -> Visit:
        form = drafts.put_back(self.engine, visit.account, visit.path)
        return replace(visit, form=form, put_back=True) if form else visit

    def _require_own_form(self, route: Route, visit: Visit) -> None:
        """``Refused`` where the form is none of this session's; one of an earlier session's is kept."""
        csrf = visit.typed("csrf")
        if visit.session and _is_form_of(visit.session, csrf):
            return
        if route.page and sessions.was_form_of(self.engine, visit.account, csrf):
            drafts.keep(self.engine, visit.account, route.page.format(**visit.place), visit.form)
            raise Refused(403, KEPT_FORM)
        raise Refused(403, OLD_FORM)

    async def astray(self, request: Request, error: Exception) -> Response:
        """The answer where no address of the table is asked for, or by a method that it has not."""
        status = error.status_code if isinstance(error, HTTPException) else FAILED
        refused = missing() if status == 404 else Refused(status, "不能这样访问本页。")
        return await self._asked(request, FormData(), _refusing(refused))

    async def _asked(self, request: Request, form: FormData, act: Callable[[Visit], Response]) -> Response:
        return await run_in_threadpool(self._answer, request, form, act)

    def _answer(self, request: Request, form: FormData, act: Callable[[Visit], R]) -> Response | R:
        """What ``act`` makes of the visit, or the page that says why it makes nothing of it."""
        session = None
        try:
            with translated():
                session = self._session(request)
                return act(self._visit(request, form, session))
        except Refused as refused:
            return self._refuse(self._visit(request, form, session), refused)
        except CrossmatchError as error:
            return _unable(self._visit(request, form, session), error)
        except Exception:
            log.exception("the desk failed to answer %s", request.scope.get("path", ""))
            message = "本页出错，没有写入任何内容。请稍后再试；仍然出错请告诉系统管理员。"
            return page(self._visit(request, form, None), "refused", FAILED, message=message)

    def _gate(self, route: Route, visit: Visit) -> Response | None:
        """None where the request may reach its page; a way to where it belongs, or ``Refused``."""
        if not self.origin.knows_host(visit.headers):
            raise Refused(421, "地址不正确，请使用系统管理员给出的地址。")
        if visit.method == "POST" and not self.origin.is_own(visit.headers):
            raise Refused(403, "这次提交不是从本系统的页面发出的，没有接收。")
        if route.roles is None:
            return None
        if visit.session is None:
            return go(SIGN_IN)
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
            headers=request.headers,
            address=self._address(request),
        )

    def _address(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return self.origin.client(peer, request.headers.getlist("x-forwarded-for"))

    def _refuse(self, visit: Visit, refused: Refused) -> Response:
        """The page that says so; what somebody tried is in the audit, whoever it was."""
        who = visit.session.account.name if visit.session else NOBODY
        detail = {"status": refused.status, "method": visit.method, "address": visit.address}
        try:
            if refused.on_record:
                with deciding(self.engine, beside_nights=True) as connection:
                    audit.record(connection, who, "refused", visit.path[:200], detail)
        except CrossmatchError as error:
            return _unable(visit, error)
        return page(visit, "refused", refused.status, message=refused.message)


def _is_form_of(session: Session, csrf: str) -> bool:
    return hmac.compare_digest(csrf.encode(), session.csrf.encode())


def _refusing(refused: Refused) -> Callable[[Visit], Response]:
    def act(_: Visit) -> Response:
        raise refused

    return act


def _unable(visit: Visit, error: CrossmatchError) -> Response:
    status = BUSY if isinstance(error, Locked | DatabaseFailed) else WRONG
    return page(visit, "refused", status, message=str(error))


def _menu(routes: Sequence[Route], role: Role) -> list[tuple[str, str]]:
    return [(route.path, route.menu) for route in routes if route.menu and role in (route.roles or ())]
