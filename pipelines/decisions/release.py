"""放行 — a person lets a held delivery or a held night go on, with a name and a reason."""

import json
from datetime import date

from sqlalchemy import Connection, Engine, literal, select

from matchers.people.signature import among, signature
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused
from pipelines.database import audit
from pipelines.database.transaction import deciding
from pipelines.decisions.signing import OFFICE, PARTY, SIGNER, every_number, is_party, shares_office
from sql.tables import delivery, match_run, release_decision

OPERATORS = "operators"
STATES = {
    "accepted": "已接收",
    "held": "待放行",
    "refused": "已拒收",
    "succeeded": "已完成",
    "failed": "失败",
    "running": "运行中",
}
INSTEAD = {
    "refused": "不能放行：没有一行读得进来；请报送部门更正并换掉原文件，下一次运行重新读取",
    "failed": "不能放行：请看日志，修正后重跑",
}


def release(engine: Engine, subject: str, by: str, reason: str) -> int:
    """How many people have released ``subject``, a delivery or a run, this one among them.

    A repeated decision by the same person changes nothing. ``DecisionRefused`` where nothing of that name is
    held, the name or the reason is missing, or the person, or one of the same office, accepted or approved a
    claim of the held night. How many people it takes is the business of the gate.
    """
    name, why = by.strip(), reason.strip()
    if not signature(name) or not why:
        raise DecisionRefused("放行须注明放行人（--by）和理由（--reason）", at="by" if why else "reason")
    with deciding(engine, beside_nights=True) as connection:
        involved = every_number(connection, set(_operators(connection, subject)))
        if is_party(name, involved):
            raise DecisionRefused(PARTY.format(SIGNER), subject, at="by")
        if shares_office(connection, name, involved, clock.today()):
            raise DecisionRefused(OFFICE.format(SIGNER), subject, at="by")
        people = signed(connection, subject)
        new = not any(among(number, people) for number in every_number(connection, {name}))
        if new:
            row = {"subject": subject, "released_by": name, "reason": why}
            connection.execute(release_decision.insert().values(**row, released_at=clock.now()))
            audit.record(connection, name, "release", subject, {"reason": why})
    return len(people) + new


def held(engine: Engine, feed: str, first: date, last: date) -> list[str]:
    """The deliveries of the feed on these days that are held and that nobody has released, oldest first."""
    d = delivery.c
    released = select(release_decision.c.subject)
    wanted = select(d.delivery_id).where(
        d.feed == feed,
        d.delivered_on.between(first, last),
        d.health == "held",
        d.delivery_id.not_in(released),
    )
    with engine.connect() as connection:
        return list(connection.execute(wanted.order_by(d.delivered_on)).scalars())


def signed(connection: Connection, subject: str) -> frozenset[str]:
    """The signatures of the people who have released ``subject``; one name written in two ways is one."""
    released = select(release_decision.c.released_by).where(release_decision.c.subject == subject)
    return frozenset(map(signature, connection.execute(released).scalars()))


def _operators(connection: Connection, subject: str) -> list[str]:
    """Who accepted or approved a claim of the held night; of a held delivery, which has no claims, nobody."""
    arrived = select(delivery.c.health, literal("{}")).where(delivery.c.delivery_id == subject)
    ran = select(match_run.c.status, match_run.c.counts).where(match_run.c.run_id == subject)
    row = connection.execute(arrived.union_all(ran)).first()
    if row is None:
        raise DecisionRefused(
            f"没有名为 {subject} 的批次或运行；编号见 crossmatch status，一个数据源的多批须写 --from 与 --to"
        )
    state, counts = row
    if state != "held":
        raise DecisionRefused(f"状态是“{STATES[state]}”，{INSTEAD.get(state, '无须放行')}", subject)
    return list(json.loads(counts).get(OPERATORS, ()))
