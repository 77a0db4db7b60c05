"""历史 — the clean-up of decades of records: how far it is, what it proposes, and what people decide."""

import hashlib
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select
from starlette.responses import Response

from matchers import cleanup
from matchers.cleanup.steps import DECISIONS, STATUS
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, DeliveryRejected, Locked, UsageError
from pipelines.cleanup import decisions, places, quality, queue, returned, status
from pipelines.cleanup.decisions import Decision
from pipelines.cleanup.explained import covered
from pipelines.cleanup.lists import RELATION, SHEET
from pipelines.cleanup.returned import Receipt
from pipelines.database import audit
from pipelines.database.transaction import deciding, looking
from pipelines.desk import coming_back, corrections, sending
from pipelines.desk.rendering import go, page
from pipelines.desk.roles import STEWARD
from pipelines.desk.visit import Visit, missing
from pipelines.feedback import returned as lists
from pipelines.reports import words
from sql.cleanup_tables import correction_list

BYTES: Final = lists.LARGEST + (1 << 20)
QUESTIONS: Final = 200
ASKED: Final = ("district", "check", "status", "after")
NOTHING: Final = "请从下面选择一条建议"
NO_FILE: Final = "请选择填好的更正建议清单（.xlsx）"
CHANGED: Final = "这条建议在您打开本页之后有了变化，没有登记；您填写的内容还在，请看过现在的情况再决定"


def answer(visit: Visit) -> Response:
    """How far the clean-up is, what waits in which district, the files, and what went out."""
    return _overview(visit)


def proposals(visit: Visit) -> Response:
    """Some proposals, each with what speaks for and against it."""
    return _proposals(visit)


def decide(visit: Visit) -> Response:
    """One person's decision; a second person's makes it final where two must sign."""
    number = visit.typed("proposal")
    if not number:
        return _proposals(visit, 400, error=NOTHING)
    with visit.engine.connect() as connection:
        row = corrections.one(connection, visit.account, number)
        if row is None:
            raise missing()
        now = corrections.shown(connection, [row])[0].version
    if visit.typed("version") != now:
        return _proposals(visit, 409, error=CHANGED, at=number)
    made = Decision(number, visit.typed("decision"), visit.account.name, visit.typed("reason"))
    try:
        with deciding(visit.engine) as connection:
            decisions.decide(connection, made, clock.exactly())
    except (UsageError, Locked) as refused:
        return _proposals(visit, 400, error=str(refused).removeprefix(f"{number}："), at=number)
    return go("/history/proposals")


def questions(visit: Visit) -> Response:
    """What a district is asked: findings for which nothing can be proposed, each with an innocent reason."""
    district = visit.query.get("district", "")
    if district and not visit.account.sees(district):
        raise missing()
    with visit.engine.connect() as connection:
        places_ = _districts(connection, visit)
        chosen = district or next(iter(places_), "")
        asked, left_out = queue.questions(connection, "" if chosen == words.CITY else chosen)
    titles = {code: check.title for code, check in cleanup.catalogue().items()}
    rows = [
        row | {"value": covered(str(row["column_name"]), str(row["value"])),
               "relation": RELATION[str(row["relation"])]}
        for row in asked.head(QUESTIONS).to_dict("records")
    ]  # fmt: skip
    return page(
        visit, "questions", rows=rows, count=len(asked), most=QUESTIONS, district=chosen, places=places_,
        left_out={titles[code]: n for code, n in left_out.items()}, covered=words.without_numbers,
    )  # fmt: skip


def data_quality(visit: Visit) -> Response:
    """The findings of the first run against those of now, by check and district, and the readiness."""
    districts = None if visit.account.whole_city else visit.account.districts
    with visit.engine.connect() as connection:
        figures = quality.figures(connection, districts)
    return page(visit, "data_quality", figures=figures)


def download(visit: Visit) -> Response:
    """One file; it is on record before it goes out."""
    named = visit.typed("file")
    if not named:
        return _overview(visit, 400, error="请选择要下载的文件")
    path = next((path for path in _files(visit) if path.name == named), None)
    if path is None:
        raise missing()
    content = path.read_bytes()
    detail = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    with deciding(visit.engine, beside_nights=True) as connection:
        audit.record(connection, visit.account.name, "download", f"{places.FOLDER}/{named}", detail)
    return sending.saved(content, named)


def take_back(visit: Visit) -> Response:
    """What would become of a list that came back; once the same file is sent again, what became of it."""
    refusals = (DeliveryRejected, DecisionRefused, UsageError, Locked)
    return coming_back.answer(visit, _taken, _overview, NO_FILE, refusals)


def _taken(visit: Visit, path: Path, *, apply: bool) -> Receipt:
    """The receipt; ``DecisionRefused`` where the list is another district's. A check is on record too."""
    list_id = lists.read(path, SHEET).export_id
    coming_back.require_own(
        visit, select(correction_list.c.district).where(correction_list.c.list_id == list_id)
    )
    receipt = returned.take_in(visit.engine, path, visit.account.name, apply=apply, at=clock.exactly())
    if not apply:
        with deciding(visit.engine, beside_nights=True) as connection:
            detail = {"rows": receipt.rows}
            audit.record(connection, visit.account.name, "check_feedback", list_id, detail)
    return receipt


def _overview(
    visit: Visit, code: int = 200, *, error: str = "", receipt: Receipt | None = None, digest: str = ""
) -> Response:
    with visit.engine.connect() as connection:
        run, going = status.latest(connection), status.under_way(visit.settings, connection)
        standing = corrections.standing(connection, visit.account)
        sent = corrections.exports(connection, visit.account)
    return page(
        visit, "history", code, run=run, going=going, standing=standing, sent=sent, files=_files(visit),
        titles={code: check.title for code, check in cleanup.catalogue().items()}, states=STATUS,
        error=error, receipt=receipt, digest=digest, covered=words.without_numbers, city=words.CITY,
        may_decide=visit.account.role in STEWARD,
    )  # fmt: skip


def _proposals(visit: Visit, code: int = 200, *, error: str = "", at: str = "") -> Response:
    asked = {name: visit.query.get(name, "") for name in ASKED}
    with looking(visit.engine) as connection:
        rows = corrections.page(connection, visit.account, asked)
        if at and at not in {row["proposal_id"] for row in rows}:
            own = corrections.one(connection, visit.account, at)
            rows = [*([own] if own else []), *rows]
        listed = corrections.shown(connection, rows)
        seen = {"proposals": [row["proposal_id"] for row in rows]}
        audit.record(connection, visit.account.name, "correction_view", "corrections", seen)
        districts = _districts(connection, visit)
    more = rows[-1]["proposal_id"] if len(rows) >= corrections.AT_ONCE else ""
    checks = {code: check.title for code, check in cleanup.catalogue().items()}
    return page(
        visit, "corrections", code, listed=listed, asked=asked, more=more, error=error,
        at=at or visit.put_back_at("proposal"),
        districts=districts, checks=checks, terms=corrections.TERMS, decisions=DECISIONS,
        states={**STATUS, "all": "全部"}, may_decide=visit.account.role in STEWARD,
    )  # fmt: skip


def _districts(connection: Connection, visit: Visit) -> dict[str, str]:
    """The districts that have something, by code; records of no district are the city's."""
    held = sorted({row["district"] for row in corrections.standing(connection, visit.account)})
    return {code or words.CITY: words.district(code) if code else words.CITY for code in held}


def _files(visit: Visit) -> list[Path]:
    """The files of a clean-up that the account may take along: lists and exports of its own districts."""
    folder = visit.settings.reports / places.FOLDER
    every = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    if visit.account.role not in STEWARD:
        return [path for path in every if path.name == quality.FILE and visit.account.whole_city]
    return [path for path in every if _is_own(visit, path)]


def _is_own(visit: Visit, path: Path) -> bool:
    if path.name == quality.FILE:
        return visit.account.whole_city
    parts = path.stem.removeprefix("草稿-").split("-")
    return len(parts) > 1 and visit.account.sees(parts[1])
