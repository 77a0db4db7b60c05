"""审计 — who saw, showed, decided and downloaded what; whether the chain is whole; a copy to take along."""

import hashlib

from starlette.responses import Response

from pipelines.database import audit
from pipelines.database.transaction import deciding, looking
from pipelines.desk import trail
from pipelines.desk.rendering import page
from pipelines.desk.visit import Visit

FILTERS = ("actor", "action", "subject")
ALL = "audit"


def answer(visit: Visit) -> Response:
    """A page of events, newest first; what narrows them is sent, so that no address holds it."""
    asked = {name: visit.typed(name) for name in (*FILTERS, "before")}
    return _shown(visit, asked)


def verify(visit: Visit) -> Response:
    """What is wrong with the chain, and its head."""
    verdict = audit.verify(visit.engine, visit.typed("head") or None)
    with deciding(visit.engine, beside_nights=True) as connection:
        detail = {"events": verdict.events, "faults": len(verdict.faults)}
        audit.record(connection, visit.account.name, "audit_verify", ALL, detail)
    return _shown(visit, {}, verdict=verdict)


def export(visit: Visit) -> Response:
    """The events that the filters leave, as CSV; its rows and hash are an event themselves."""
    asked = {name: visit.typed(name) for name in FILTERS}
    with deciding(visit.engine, beside_nights=True) as connection:
        text, rows = trail.exported(connection, asked)
        content = text.encode("utf-8-sig")
        digest = hashlib.sha256(content).hexdigest()
        audit.record(connection, visit.account.name, "audit_export", ALL, {"rows": rows, "sha256": digest})
    headers = {"content-disposition": f'attachment; filename="audit-{digest[:12]}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _shown(visit: Visit, asked: dict[str, str], verdict: audit.Verdict | None = None) -> Response:
    with looking(visit.engine) as connection:
        rows = trail.events(connection, asked)
        alarms, moved = trail.newest(connection, trail.ALARMS), trail.newest(connection, trail.ACCOUNTS)
        kept = {name: asked[name] for name in FILTERS if asked.get(name)}
        audit.record(connection, visit.account.name, "audit_view", ALL, dict(kept))
    before = rows[-1]["seq"] if len(rows) == trail.ROWS else None
    return page(
        visit,
        "audit",
        rows=rows,
        alarms=alarms,
        moved=moved,
        kept=kept,
        before=before,
        verdict=verdict,
        words=trail.WORDS,
    )
