"""质量抽查 — a month's random sample without any suspicion attached, its blind form, what was answered.

Two strata of paid claims without a candidate (``weak``: an exclusion, a question of identity or a lead that
the month's cap left unwritten; ``clean``) and the dismissed candidates. The seed comes from month, policy and
the audit's head before the draw, so nobody can choose; who checks sees a number and a claim, not what the
system thought of it.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Engine, func, insert, select, update

from matchers import months
from matchers.lifecycle import Status
from matchers.people.signature import among, signature
from matchers.risk import sampling
from pipelines.base.errors import DecisionRefused
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import PARTY, SIGNER, operators
from pipelines.reports import workbook
from pipelines.reports.words import district
from pipelines.reports.workbook import Column
from pipelines.risk.estimates import CLEAN, DISMISSED, RIGHT, WEAK, WRONG
from pipelines.risk.ground import policy
from pipelines.risk.judging import cut_claims
from sql.risk_tables import quality_check
from sql.tables import claim, excluded_match, identity_question, payment, suspension_candidate

FORM: Final = (
    Column("抽查编号", "number", 16),
    Column("申领编号", "claim_id", 16),
    Column("区县", "district", 12),
    Column("结论（对、错）", "verdict", 14, answer=True),
    Column("错发金额（元）", "amount", 16, answer=True),
    Column("说明", "note", 50, "long", answer=True),
)


def draw(settings: Settings, engine: Engine, month: int) -> int:
    """How many were drawn of the month; a month that was drawn is drawn no second time (0)."""
    text = months.text(month)
    with engine.connect() as connection:
        if _drawn(connection, text):
            return 0
    laws, on = policy(settings), months.last_day(month)
    seed, cut = _seed(text, laws.version, audit.head(engine)), cut_claims(settings, engine, month)
    with deciding(engine, beside_nights=True) as connection:
        if _drawn(connection, text):
            return 0
        rows = [
            row
            for stratum, population in _strata(connection, text, cut).items()
            for row in _rows(population, stratum, text, seed, laws.value(f"sample_{stratum}", on))
        ]
        if rows:
            connection.execute(insert(quality_check), rows)
        audit.record(connection, "crossmatch", "quality_sample", text, {"seed": seed, "drawn": len(rows)})
    return len(rows)


def _drawn(connection: Connection, month: str) -> bool:
    c = quality_check.c
    return connection.execute(select(c.subject).where(c.month == month).limit(1)).first() is not None


def _seed(month: str, version: str, head: str) -> str:
    return hashlib.sha256(f"{month}|{version}|{head}".encode()).hexdigest()[:32]


def _rows(population: pd.DataFrame, stratum: str, month: str, seed: str, size: int) -> list[dict[str, Any]]:
    drawn = set(sampling.draw(population["subject"], size, f"{seed}|{stratum}"))
    own = population[population["subject"].isin(drawn)]
    about = {"month": month, "stratum": stratum, "population": len(population), "seed": seed}
    return [
        {**about, "subject": s, "claim_id": c, "paid_fen": int(fen)}
        for s, c, fen in own[["subject", "claim_id", "fen"]].itertuples(index=False)
    ]


def _strata(connection: Connection, month: str, cut: frozenset[str]) -> dict[str, pd.DataFrame]:
    """Each stratum's population: subject, claim_id, fen paid in the month; ``cut``: under unwritten leads."""
    p = payment.c
    first, last = months.first_day(months.number(month)), months.last_day(months.number(month))
    out = select(p.claim_id, func.sum(p.amount)).where(p.state == "paid", p.paid_on.between(first, last))
    paid = {c: round(float(yuan) * 100) for c, yuan in connection.execute(out.group_by(p.claim_id))}
    s = suspension_candidate.c
    candidates = connection.execute(select(s.candidate_id, s.claim_id, s.status)).all()
    suspected = {c for _, c, status in candidates if status != Status.WITHDRAWN}
    weak = set(cut)
    for table in (excluded_match, identity_question):
        weak |= set(connection.execute(select(table.c.claim_id).distinct()).scalars())
    free = [c for c in paid if c not in suspected]
    parts = {
        WEAK: [(c, c) for c in free if c in weak],
        CLEAN: [(c, c) for c in free if c not in weak],
        DISMISSED: [(k, c) for k, c, status in candidates if status == Status.DISMISSED],
    }
    return {
        name: pd.DataFrame([(k, c, paid.get(c, 0)) for k, c in rows], columns=["subject", "claim_id", "fen"])
        for name, rows in parts.items()
    }


def number(month: str, stratum: str, subject: str) -> str:
    """A check's number on the form, from which neither stratum nor candidate can be read."""
    return "CC" + hashlib.sha256(f"{month}|{stratum}|{subject}".encode()).hexdigest()[:12].upper()


def form(settings: Settings, engine: Engine, month: int) -> Path:
    """Writes the blind form of what was drawn; where it lies."""
    text = months.text(month)
    c = quality_check.c
    asked = select(c.month, c.stratum, c.subject, c.claim_id, claim.c.district)
    with engine.connect() as connection:
        rows = connection.execute(
            asked.join(claim, claim.c.claim_id == c.claim_id).where(c.month == text)
        ).all()
    shown = pd.DataFrame(
        [(number(r.month, r.stratum, r.subject), r.claim_id, district(r.district)) for r in rows],
        columns=["number", "claim_id", "district"],
    ).sort_values("number")
    path = settings.reports / "risk" / text / f"质量抽查-{text}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    title, footer = f"质量抽查 {text}", "随机抽取，与任何疑点无关；请独立核对，不要查看系统的结论"
    with (
        Store(settings.store).scratch() as scratch,
        workbook.writing(path, months.last_day(month), title, footer, scratch) as book,
    ):
        book.table("核对", FORM, shown)
    return path


def answer(engine: Engine, check: str, verdict: str, wrong_fen: int, by: str, at: datetime) -> None:
    """Records one check; the same answer again changes nothing.

    ``DecisionRefused``: no such check, another answer, money where nothing was wrong, a checker who is a
    party.
    """
    c = quality_check.c
    if verdict not in (RIGHT, WRONG) or not signature(by):
        raise DecisionRefused("结论写“对”或“错”，并注明核对人（--by）", check, at="verdict")
    if verdict == RIGHT and wrong_fen:
        raise DecisionRefused("结论为“对”的，没有错发金额", check, at="verdict")
    with deciding(engine, beside_nights=True) as connection:
        rows = connection.execute(select(quality_check)).all()
        row = next((r for r in rows if number(r.month, r.stratum, r.subject) == check), None)
        if row is None:
            raise DecisionRefused("没有这个抽查编号", check)
        if row.verdict is not None:
            if (row.verdict, row.wrong_fen) != (verdict, wrong_fen):
                raise DecisionRefused("已有另一结论，不得改写", check, at="verdict")
            return
        if among(by, operators(connection, claim.c.claim_id == row.claim_id)):
            raise DecisionRefused(PARTY.format(SIGNER), check, at="by")
        values = {"verdict": verdict, "wrong_fen": wrong_fen, "checked_by": by.strip(), "checked_at": at}
        own = (c.month == row.month, c.stratum == row.stratum, c.subject == row.subject)
        connection.execute(update(quality_check).where(*own).values(**values))
        audit.record(connection, by, "quality_check", check, {"verdict": verdict})
