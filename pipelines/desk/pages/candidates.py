"""疑点 — the list with its filters in the address, and the search, whose words are in no address."""

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping
from starlette.responses import Response

from matchers.causes import causes
from matchers.findings import TIER_WORDS
from pipelines.base import clock
from pipelines.database import audit
from pipelines.database.transaction import looking
from pipelines.desk import figures, filters, listing, trail
from pipelines.desk.rendering import page
from pipelines.desk.visit import Visit
from pipelines.reports import words

FILTERS = (
    "district",
    "cause",
    "tier",
    "status",
    "age",
    "yuan",
    "tonight",
    "mine",
    "late",
    "unsigned",
    "unopened",
)
SHORTEST = 2
SEARCH, MANY = "search", "search_many"
SEARCHES = 60
OFTEN = f"一小时内查找超过 {SEARCHES} 次，已告知审计；请一小时后再查，或从清单打开"


def answer(visit: Visit) -> Response:
    """A page of the list."""
    return listed(visit, {name: visit.query.get(name, "") for name in (*FILTERS, "after")})


def listed(visit: Visit, asked: Mapping[str, str], error: str = "") -> Response:
    """A page of the list by these filters."""
    with visit.engine.connect() as connection:
        part = listing.page(connection, visit.account, asked, clock.today())
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    return _shown(visit, part.rows, kept, after=part.after, count=part.count, error=error, sought=False)


def search(visit: Visit) -> Response:
    """What the words typed name as a whole; that somebody searched is on record, for what is not.

    Who asks too often learns nothing more: what is not there would be an answer too.
    """
    sought = visit.typed("words")
    if len(sought) < SHORTEST:
        return _shown(visit, (), {}, error="请输入完整的疑点编号、申领编号、证件号码或姓名", sought=True)
    with looking(visit.engine) as connection:
        rows = listing.search(connection, visit.account, sought)
        audit.record(connection, visit.account.name, SEARCH, "candidates", {"rows": len(rows)})
        asked = trail.within_the_hour(connection, SEARCH, visit.account.name)
        if asked == SEARCHES + 1:
            audit.record(connection, visit.account.name, MANY, visit.account.account, {"more_than": SEARCHES})
    if asked > SEARCHES:
        return _shown(visit, (), {}, error=OFTEN, sought=True)
    return _shown(visit, rows, {}, count=len(rows), sought=True)


def _shown(
    visit: Visit, rows: Sequence[RowMapping], kept: dict[str, str], *, sought: bool,
    after: str = "", count: int = 0, error: str = "",
) -> Response:  # fmt: skip
    with visit.engine.connect() as connection:
        saved = filters.of(connection, visit.account)
        sentences = listing.sentences(connection, rows)
        own = figures.districts(connection, visit.account)
    return page(
        visit, "candidates", 400 if error else 200, rows=rows, sentences=sentences, kept=kept, after=after,
        count=count, error=error, sought=sought, saved=saved, most=listing.COUNTED, today=clock.today(),
        districts={code: words.district(code) for code in own},
        causes={code: cause.title for code, cause in sorted(causes().items())},
        tiers=TIER_WORDS, ages=listing.AGE_WORDS, states=listing.STATES | dict(words.STATUS),
    )  # fmt: skip
