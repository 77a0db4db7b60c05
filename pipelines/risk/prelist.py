"""移送前预列 — persons and employers that may have to be referred, each item there or 缺; nobody is referred.

Persons: more than two months with intent, or the severe flag. Employers: more than 20 person-times or more
than 20 000 yuan, on founded signals alone (社会保险领域严重失信人名单管理暂行办法 二). Intent and refusal are
never computed, and only a lawyer's named instrument says what is in force.
"""

import json
from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, or_, select

from matchers.lifecycle import PROVEN, SignalStatus, SignalStep, Status
from matchers.risk.policy import RiskPolicy
from matchers.schemas import Prelisted
from pipelines.reports.words import district
from pipelines.reports.workbook import Column
from sql.risk_tables import risk_fact, risk_review, risk_signal
from sql.tables import payment, review, suspension_candidate

PERSON, EMPLOYER = "个人", "单位"
PERSON_TIMES: Final = 20
FEN: Final = 20_000_00
LACKS: Final = "缺"
ITEMS: Final = {
    "investigators": "两名调查人员", "facts": "事实", "notice": "拟列入告知书送达",
    "statement": "听取陈述申辩", "order": "责令退回的决定及期限", "refusal": "拒不退回",
    "decision": "决定书送达", "remedies": "救济途径已尽", "legal": "法制审核",
    "instrument": "当日在行的文件",
}  # fmt: skip
COLUMNS: Final = (
    Column("对象", "kind", 8), Column("编号", "key", 22), Column("区县", "district", 12),
    Column("人次", "times", 8, "count"), Column("金额（元）", "fen", 14, "money"),
    *(Column(title, name, 26, "long") for name, title in ITEMS.items()),
)  # fmt: skip
BY_HAND: Final = f"{LACKS}：系统不作推断，须另行取证"


def prelist(connection: Connection, policy: RiskPolicy, as_of: date) -> Prelisted:
    """One row for each person and employer that comes into question: ``COLUMNS``."""
    rows = [*_persons(connection), *_employers(connection)]
    made = pd.DataFrame(rows, columns=[c.name for c in COLUMNS])
    in_force = [policy.instrument(kind, as_of) or f"{LACKS}：须由法制审核写明" for kind in made["kind"]]
    return made.assign(instrument=in_force)


def _persons(connection: Connection) -> list[dict[str, object]]:
    c = suspension_candidate.c
    asked = select(c.person_id, c.candidate_id, c.district, c.overpaid_months, c.overpaid_fen, c.status)
    rows = connection.execute(asked.where(or_(c.two_month_flag, c.severe_flag), c.status.in_(PROVEN)))
    return [
        _row(PERSON, r.person_id, r.district, r.overpaid_months, r.overpaid_fen)
        | _decided(connection, "疑点", r.candidate_id, review, review.c.candidate_id)
        for r in rows.all()
    ]


def _employers(connection: Connection) -> list[dict[str, object]]:
    s, r = risk_signal.c, risk_review.c
    founded = select(r.signal_id).where(r.decision == SignalStep.FOUNDED, r.second_by.is_not(None))
    asked = select(risk_signal).where(s.subject_kind == "employer", s.signal_id.in_(founded))
    standing = asked.where(s.status.in_((SignalStatus.FOUNDED, SignalStatus.CLOSED)))
    rows = []
    for signal in connection.execute(standing).mappings().all():
        times, fen = _times(connection, signal["signal_id"]), json.loads(signal["figures"])["paid_fen"]
        if times > PERSON_TIMES or fen > FEN:
            number = signal["signal_id"]
            row = _row(EMPLOYER, signal["subject_key"], signal["district"], times, fen)
            row |= _decided(connection, "信号", number, risk_review, r.signal_id)
            rows.append(row | {"statement": _heard(connection, number)})
    return rows


def _decided(
    connection: Connection, kind: str, number: str, reviews: Table, about: ColumnElement[str]
) -> dict[str, object]:
    """By whom and when what the item rests on was proven, by the newest decision of two people."""
    c = reviews.c
    proven = (SignalStep.FOUNDED, Status.CONFIRMED)
    asked = select(c.decided_by, c.second_by, c.second_at).where(
        about == number, c.decision.in_(proven), c.second_by.is_not(None)
    )
    row = connection.execute(asked.order_by(c.second_at.desc()).limit(1)).first()
    if row is None:
        return {"facts": f"{kind} {number}，{LACKS}两人认定"}
    signed = f"{row.second_at:%Y-%m-%d} {row.decided_by}、{row.second_by}"
    return {"facts": f"{kind} {number}，{signed} 认定", "investigators": signed}


def _heard(connection: Connection, signal_id: str) -> str:
    """When the employer was heard, and by whom."""
    r = risk_review.c
    asked = select(r.heard_on, r.decided_by).where(r.signal_id == signal_id, r.decision == SignalStep.HEARD)
    row = connection.execute(asked.order_by(r.decided_at.desc()).limit(1)).first()
    return f"{row.heard_on} {row.decided_by}" if row else LACKS


def _times(connection: Connection, signal_id: str) -> int:
    """Person-times: the payments to the claims under the signal."""
    claims = select(risk_fact.c.claim_id).where(risk_fact.c.signal_id == signal_id)
    paid = select(payment.c.payment_id).where(payment.c.claim_id.in_(claims), payment.c.state == "paid")
    return len(connection.execute(paid).all())


def _row(kind: str, key: str, code: str, times: int, fen: int) -> dict[str, object]:
    lacks = dict.fromkeys(ITEMS, LACKS)
    about = {"kind": kind, "key": key, "district": district(code), "times": times, "fen": fen}
    return {**about, **lacks, "refusal": BY_HAND}
