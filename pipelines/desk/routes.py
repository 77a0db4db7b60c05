"""地址表 — every address of the desk, who may ask for it, and what a district has to do with it.

The tests walk this table: every role, every address, own, foreign and no district.
"""

from matchers.lifecycle import Stage
from pipelines.desk.pages import (
    accounts,
    attachments,
    audit,
    backfills,
    candidates,
    case,
    chosen,
    data,
    dispatching,
    downloads,
    exports,
    filters,
    history,
    home,
    identities,
    nights,
    notices,
    overview,
    password,
    precision,
    risk,
    second_factor,
    sign_in,
    single_sign_on,
    style,
)
from pipelines.desk.roles import (
    ADMINISTRATOR,
    ASSIGNERS,
    AUDITOR,
    CASES,
    EVERYONE,
    FIGURES,
    ISSUERS,
    OVERSEERS,
    SIGNERS,
    STEWARD,
    SUPERVISOR,
)
from pipelines.desk.route import Route, Scope

GET, POST = ("GET",), ("POST",)
BOTH = (*GET, *POST)
ANY_STAGE = frozenset(Stage)
CODE = frozenset({Stage.SECOND_FACTOR})
NEW_PASSWORD = frozenset({Stage.PASSWORD, Stage.OPEN})

CASE = "/candidates/{candidate_id}"

ROUTES = (
    Route("/style.css", GET, style.stylesheet, None),
    Route("/favicon.ico", GET, style.icon, None),
    Route("/sign-in", BOTH, sign_in.answer, None, dear=True),
    Route("/sign-in/single", POST, single_sign_on.start, None, dear=True),
    Route(single_sign_on.BACK, GET, single_sign_on.come_back, None),
    Route("/second-factor", BOTH, second_factor.answer, EVERYONE, stages=CODE),
    Route("/password", BOTH, password.answer, EVERYONE, stages=NEW_PASSWORD, dear=True),
    Route("/sign-out", POST, sign_in.leave, EVERYONE, stages=ANY_STAGE),
    Route("/", GET, home.answer, EVERYONE),
    Route("/overview", GET, overview.answer, FIGURES, menu="总览"),
    Route("/candidates", GET, candidates.answer, CASES, menu="疑点"),
    Route("/candidates/search", POST, candidates.search, CASES),
    Route("/candidates/chosen", POST, chosen.answer, CASES),
    Route("/candidates/hand-out", POST, chosen.hand_out, SUPERVISOR),
    Route("/candidates/reply-day", POST, chosen.move_day, SUPERVISOR),
    Route("/candidates/assign", POST, chosen.assign, ASSIGNERS),
    Route("/candidates/notices", POST, notices.many, ISSUERS),
    Route("/candidates/filters", POST, filters.keep, CASES),
    Route("/candidates/filters/drop", POST, filters.drop, CASES),
    Route(CASE, GET, case.answer, CASES, Scope.CASE),
    Route("/candidates/{candidate_id}/reveal", POST, case.reveal, CASES, Scope.CASE),
    Route("/candidates/{candidate_id}/decision", POST, case.decide, CASES, Scope.CASE, page=CASE),
    Route("/candidates/{candidate_id}/notice", POST, notices.one, ISSUERS, Scope.CASE, page=CASE),
    Route("/candidates/{candidate_id}/notice/file", POST, notices.again, CASES, Scope.CASE),
    Route(
        "/candidates/{candidate_id}/attachment",
        POST,
        attachments.add,
        CASES,
        Scope.CASE,
        bytes=attachments.BYTES,
    ),
    Route("/candidates/{candidate_id}/attachment/file", POST, attachments.take, CASES, Scope.CASE),
    Route("/nights", GET, nights.answer, OVERSEERS, menu="夜"),
    Route("/nights/release", POST, nights.let_go, STEWARD, Scope.CITY, page="/nights"),
    Route("/nights/backfill", POST, backfills.ask, STEWARD, Scope.CITY, page="/nights"),
    Route("/identities", GET, identities.answer, STEWARD, menu="身份"),
    Route("/identities/opinion", POST, identities.judge, STEWARD, page="/identities"),
    Route("/data", GET, data.answer, OVERSEERS, menu="数据"),
    Route("/data/release", POST, data.let_go, STEWARD, Scope.CITY, page="/data"),
    Route("/data/check", POST, data.check, STEWARD, bytes=data.BYTES),
    Route("/downloads", GET, downloads.answer, FIGURES, menu="下载"),
    Route("/downloads/file", POST, downloads.download, FIGURES),
    Route("/downloads/export", POST, exports.make, CASES, dear=True),
    Route("/downloads/export/file", POST, exports.take, CASES),
    Route("/downloads/dispatch", POST, dispatching.answer, SUPERVISOR),
    Route("/downloads/returned", POST, downloads.take_back, SIGNERS, bytes=downloads.BYTES),
    Route("/history", GET, history.answer, OVERSEERS, menu="历史"),
    Route("/history/proposals", GET, history.proposals, OVERSEERS),
    Route("/history/decision", POST, history.decide, STEWARD, page="/history/proposals"),
    Route("/history/questions", GET, history.questions, OVERSEERS),
    Route("/history/quality", GET, history.data_quality, OVERSEERS),
    Route("/history/file", POST, history.download, OVERSEERS),
    Route("/history/returned", POST, history.take_back, STEWARD, bytes=history.BYTES),
    Route("/precision", GET, precision.answer, FIGURES, menu="查实率"),
    Route("/risk", GET, risk.answer, CASES, menu="风险"),
    Route("/audit", BOTH, audit.answer, AUDITOR, menu="审计"),
    Route("/audit/verify", POST, audit.verify, AUDITOR),
    Route("/audit/export", POST, audit.export, AUDITOR),
    Route("/accounts", BOTH, accounts.answer, ADMINISTRATOR, menu="账户"),
    Route("/accounts/{account}", BOTH, accounts.one, ADMINISTRATOR),
)
