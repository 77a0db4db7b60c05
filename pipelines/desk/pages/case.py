"""一件疑点 — everything that stands behind one candidate, and what people do about it."""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from matchers.lifecycle import ACTIVE, PROVEN, UNDECIDED
from matchers.linkage.picture import waterfall
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, Locked, Outdated
from pipelines.base.failures import DatabaseFailed
from pipelines.database import audit, tally
from pipelines.database.tally import VIEW
from pipelines.database.transaction import looking
from pipelines.decisions import reviews, version
from pipelines.desk import beside, decision_form, notice_kinds, outcome, scope, settled, trail
from pipelines.desk.beside import Beside
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import ASSIGNERS
from pipelines.desk.settled import Settled
from pipelines.desk.visit import Refused, Visit
from pipelines.feedback import standing
from pipelines.reports.answers import HOW, WAYS
from pipelines.reports.case import deriving, reading
from pipelines.reports.case.values import Case

REVEAL, MANY = "reveal", "reveal_many"
SHORTEST_REASON: Final = 4
REVEALS: Final = 20
MOST_REVEALS: Final = 60
ENOUGH: Final = f"一小时内显示号码已有 {MOST_REVEALS} 次，已告知审计；请一小时后再显示，或用区县的清单"
ACTIONS: Final = {
    VIEW: "查看", REVEAL: "显示号码", "review": "办理", "dispatch": "下发", "refused": "被拒绝的访问",
    "notice": "出具文书", "attach": "添加附件", "attachment": "下载附件", "assign": "分派",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as one request shows it: ``version`` when it was read, ``history`` from the audit.

    ``elsewhere``: how many claims of the person other districts handle. Whether there is a suspicion about
    one is theirs to know.
    """

    case: Case
    version: str
    history: list[reading.Row]
    elsewhere: int
    beside: Beside
    settled: Settled | None


def answer(visit: Visit) -> Response:
    """The case with everybody masked, and what became of the form from which somebody comes."""
    shown = _read(visit, VIEW)
    form, by = visit.query.get("done", ""), visit.account.name
    try:
        if seen := visit.put_back_at("version"):
            version.require_same(visit.place["candidate_id"], seen, shown.version)
    except Outdated as changed:
        return _page(visit, shown, error=changed.reason, at=changed.at)
    return _page(
        visit, shown, done=outcome.sentence(form, shown.case, shown.beside, by),
        issued=outcome.issued(form, shown.beside, by),
    )  # fmt: skip


def reveal(visit: Visit) -> Response:
    """The case with the person in full, for a reason that stands in the audit; not without end."""
    reason = visit.typed("reason")
    if len(reason) < SHORTEST_REASON:
        error = f"须写明显示号码的理由，至少 {SHORTEST_REASON} 个字"
        return _page(visit, _read(visit, VIEW), 400, reveal_error=error)
    with visit.engine.connect() as connection:
        if trail.within_the_hour(connection, REVEAL, visit.account.name) >= MOST_REVEALS:
            raise Refused(429, ENOUGH)
    return _page(visit, _read(visit, REVEAL, reason), revealed=True)


def decide(visit: Visit) -> Response:
    """The decision is taken, or the case as it is now with what was typed and why it was not."""
    shown = _read(visit, VIEW)
    try:
        made = decision_form.read(visit, shown.case, clock.today())
        with visit.engine.connect() as connection:
            on_record = standing.read(connection, made.candidate_id)
        decision_form.require_plausible(made, shown.case, on_record)
        decision_form.require_settled(visit, made, on_record)
        reviews.decide(visit.engine, made, clock.exactly(), expected=visit.typed("version") or "none")
    except DecisionRefused as refused:
        status = 409 if isinstance(refused, Outdated) else 400
        return _page(visit, _read(visit, VIEW), status, error=refused.reason, at=refused.at)
    except (Locked, DatabaseFailed) as later:
        # Sent again it is the same form about the same state: nothing that changed since is passed over.
        same = replace(shown, version=visit.typed("version"))
        return _page(visit, same, 503, error=str(later), form=visit.typed("form"))
    return done(visit, outcome.DECISION)


def done(visit: Visit, form: str) -> Response:
    """To the case, which says what became of the form."""
    return go(f"/candidates/{visit.place['candidate_id']}?done={form}")


def objected(visit: Visit, error: str) -> Response:
    """The case with why an attachment or a notice was not taken."""
    return _page(visit, _read(visit, VIEW), 400, beside_error=error)


def _read(visit: Visit, action: str, reason: str = "") -> Shown:
    """The case and, in the same transaction, the event that somebody saw it; 404 outside the districts.

    The version is read first: what is decided between is noticed by whoever decides on what is shown here.
    """
    number, account = visit.place["candidate_id"], visit.account
    with looking(visit.engine) as connection:
        scope.require_case(connection, account, number)
        seen = version.of(connection, [number])[number]
        rows = reading.rows(connection, number)
        own = [row for row in rows.siblings if account.sees(row["district"])]
        claims = [row for row in rows.claims if account.sees(row["district"])]
        within = replace(rows, siblings=own, claims=claims)
        shown = Shown(
            case=deriving.case(within, masked=action != REVEAL),
            version=seen,
            history=reading.history(connection, number),
            elsewhere=len(rows.claims) - len(claims),
            beside=beside.of(connection, number),
            settled=_settled(connection, number) if rows.candidate["status"] in PROVEN else None,
        )
        if action == VIEW:
            tally.looked(connection, number)
        audit.record(connection, account.name, action, number, {"reason": reason} if reason else {})
        if action == REVEAL and trail.within_the_hour(connection, REVEAL, account.name) > REVEALS:
            audit.record(connection, account.name, MANY, account.account, {"more_than": REVEALS})
    return shown


def _settled(connection: Connection, number: str) -> Settled:
    on_record = standing.read(connection, number)
    return settled.of(on_record.answer, on_record)


def _page(
    visit: Visit, shown: Shown, status: int = 200, *,
    error: str = "", at: str = "", reveal_error: str = "", revealed: bool = False, form: str = "",
    beside_error: str = "", done: str = "", issued: str = "",
) -> Response:  # fmt: skip
    case = shown.case
    steps = decision_form.choices(visit, case)
    return page(
        visit, "case", status, case=case, c=case.candidate, shown=shown, error=error, at=at,
        reveal_error=reveal_error, revealed=revealed, waiting=decision_form.awaiting(case),
        choices={step.value: reviews.WORDS[step] for step in steps if not decision_form.corrects(step, case)},
        corrections={step.value: reviews.WORDS[step] for step in steps if decision_form.corrects(step, case)},
        asked=decision_form.asked(steps), settlements=settled.WORDS, done=done, issued=issued,
        ended=case.candidate["status"] not in ACTIVE, proven=case.candidate["status"] in PROVEN,
        undecided=case.candidate["status"] in UNDECIDED,
        reasons=reviews.REASONS, hows={h: h for h in HOW}, ways={w: w for w in WAYS},
        pictures=[Markup(waterfall(link.explanation)) for link in case.links],
        fields=decision_form.FIELDS, actions=ACTIONS, form=form or secrets.token_hex(16),
        beside_error=beside_error,
        may_assign=visit.account.role in ASSIGNERS, kinds=notice_kinds.kinds(visit.account.role),
        notice_words=notice_kinds.WORDS,
    )  # fmt: skip
