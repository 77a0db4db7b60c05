"""总览 — whether last night is to be trusted, what is urgent, and who has not looked yet."""

import json

from starlette.responses import Response

from matchers.causes import causes
from pipelines.base import clock
from pipelines.base.store import Store
from pipelines.desk import figures, listing
from pipelines.desk.rendering import page
from pipelines.desk.roles import CASES
from pipelines.desk.visit import Visit

RUN_WORDS = {"succeeded": "已完成", "held": "已暂扣，待两人放行", "failed": "失败", "running": "运行中"}


def answer(visit: Visit) -> Response:
    """The page, for the account's districts alone."""
    today = clock.today()
    with visit.engine.connect() as connection:
        run = figures.last_run(connection)
    missed = max((today - run.as_of).days - 1, 0) if run else 0
    judged_on = run.as_of if run and missed else today
    doubtful = figures.doubtful_feeds(visit.engine, Store(visit.settings.store), judged_on)
    with visit.engine.connect() as connection:
        matrix = figures.matrix(connection, visit.account)
        columns = sorted({cause for counts in matrix.values() for cause in counts})
        return page(
            visit,
            "overview",
            run=run,
            may_open=visit.account.role in CASES,
            run_word=RUN_WORDS.get(run.status, run.status) if run else "",
            notes=json.loads(run.counts).get("notes", ()) if run else (),
            missed=missed,
            judged_on=judged_on,
            feeds=doubtful,
            money=figures.money(connection, visit.account),
            so_far=figures.so_far(connection, visit.account),
            matrix=matrix,
            columns=columns,
            titles={code: cause.title for code, cause in causes().items()},
            ages=figures.ages(connection, visit.account, today),
            late=figures.late(connection, visit.account, today),
            bands=listing.AGE_WORDS,
            nights=figures.by_night(connection, visit.account),
            months=figures.by_month(connection, visit.account, today),
        )
