"""身份 — questions of who is who, side by side; two people of one opinion decide one."""

from starlette.responses import Response

from pipelines.base.errors import DecisionRefused
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.transaction import looking
from pipelines.decisions import identities
from pipelines.deliveries import deliveries
from pipelines.desk import identity_questions
from pipelines.desk.rendering import go, page
from pipelines.desk.visit import Visit, missing


def answer(visit: Visit) -> Response:
    """Some of the open questions."""
    return _shown(visit)


def judge(visit: Visit) -> Response:
    """One person's opinion; the second of the same opinion decides the question."""
    number = visit.typed("question")
    if not number:
        return _shown(visit, 400, error="请从下面选择一个问题")
    with visit.engine.connect() as connection:
        if not identity_questions.is_asked(connection, visit.account, number):
            raise missing()
    try:
        identities.judge(
            visit.engine, number, visit.typed("opinion"), visit.account.name, visit.typed("reason")
        )
    except DecisionRefused as refused:
        return _shown(visit, 400, error=refused.reason, at=number)
    return go("/identities")


def _shown(visit: Visit, status: int = 200, error: str = "", at: str = "") -> Response:
    after, arrived = visit.query.get("after", ""), deliveries(visit.engine)
    with looking(visit.engine) as connection:
        rows = identity_questions.asked(connection, visit.account, after)
        questions = identity_questions.shown(
            connection, visit.account, rows, arrived, Store(visit.settings.store)
        )
        seen = {"questions": [row["question_id"] for row in rows]}
        audit.record(connection, visit.account.name, "identity_view", "identities", seen)
    more = rows[-1]["question_id"] if len(rows) == identity_questions.AT_ONCE else ""
    return page(
        visit, "identities", status, questions=questions, opinions=identities.OPINIONS, more=more,
        error=error, at=at or visit.put_back_at("question"),
    )  # fmt: skip
