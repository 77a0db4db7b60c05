"""消息 — a digest after the night, by mail, WeCom or DingTalk: counts only, no person. Off unless asked for.

Where it goes is ``APPRISE_URLS`` in the environment (addresses of the Apprise library, separated by blanks or
commas). A message waits in the outbox until a hook takes it, so a dead hook never fails a night.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Engine, insert, select, update

from matchers.lifecycle import Status
from pipelines.base import clock
from pipelines.base.errors import CrossmatchError
from pipelines.base.secrets import secret
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.database import audit
from pipelines.database.migrate import opened
from pipelines.database.transaction import deciding
from pipelines.reports import outcome, overdue, paying, words
from pipelines.reports.contents import Contents, read
from pipelines.reports.page import figures
from sql.tables import outbox

VARIABLE = "APPRISE_URLS"
ACTOR = "crossmatch"
ATTEMPTS = 10
DISTRICTS = 3


def after_night(
    settings: Settings, as_of: date, environment: Mapping[str, str] | None = None
) -> dict[str, int]:
    """How many messages were sent and how many still wait; both 0 where no address is set."""
    addresses = asked_for(os.environ if environment is None else environment)
    if not addresses:
        return {"sent": 0, "waiting": 0}
    with opened(settings.database_url) as engine:
        queue(engine, read(engine, Store(settings.store), as_of, settings))
        return send(engine, addresses)


def asked_for(environment: Mapping[str, str]) -> list[str]:
    """The addresses to which messages go."""
    return secret(VARIABLE, environment).replace(",", " ").split()


def queue(engine: Engine, contents: Contents) -> str:
    """The digest's number in the outbox; the same digest of a night stands there once."""
    title, body = digest(contents)
    message_id = hashlib.sha256(f"{contents.as_of} {body}".encode()).hexdigest()[:16]
    with deciding(engine, beside_nights=True) as connection:
        wanted = select(outbox.c.message_id).where(outbox.c.message_id == message_id)
        if connection.execute(wanted).first() is None:
            message = {"message_id": message_id, "as_of": contents.as_of, "title": title, "body": body}
            connection.execute(insert(outbox).values(**message, queued_at=clock.exactly(), attempts=0))
            audit.record(connection, ACTOR, "queue_message", message_id, {"as_of": str(contents.as_of)})
    return message_id


def send(engine: Engine, addresses: Sequence[str]) -> dict[str, int]:
    """Offers every waiting message to the addresses, the oldest first; how many went and how many wait."""
    try:
        from apprise import Apprise
    except ModuleNotFoundError:
        raise CrossmatchError("发送消息需要 apprise；请安装 benefit-crossmatch[notify]") from None
    hooks = Apprise()
    for number, address in enumerate(addresses, 1):
        if not hooks.add(address):
            raise CrossmatchError(f"{VARIABLE} 的第 {number} 个地址无法识别；格式见 Apprise 的说明")
    c = outbox.c
    waiting = select(c.message_id, c.title, c.body).where(c.sent_at.is_(None), c.attempts < ATTEMPTS)
    with engine.connect() as connection:
        messages = connection.execute(waiting.order_by(c.as_of, c.message_id)).all()
    sent = 0
    for message_id, title, body in messages:
        taken = bool(hooks.notify(title=title, body=body))
        sent += taken
        tried = update(outbox).where(c.message_id == message_id)
        with deciding(engine, beside_nights=True) as connection:
            connection.execute(
                tried.values(attempts=c.attempts + 1, sent_at=clock.exactly() if taken else None)
            )
            audit.record(connection, ACTOR, "send_message", message_id, {"sent": taken})
    return {"sent": sent, "waiting": len(messages) - sent}


def digest(contents: Contents) -> tuple[str, str]:
    """Title and text of a night's message: counts, money and districts; of a night that did not succeed
    that it did not, and no figures of another night.
    """
    title, ended = f"失业保险待遇比对夜报 {contents.as_of}", outcome.word(contents.run)
    if ended:
        why = [
            f"{ended}：{outcome.reasons(contents.run)}。",
            *_arrived(contents),
            "没有本夜的结果；此前的情况见报表目录。",
        ]
        return f"{title}　{ended}", "\n".join(why)
    head = figures.headline(contents)
    fresh = head["new_by_tier"]
    first = [row for row in figures.work(contents) if row["stoppable"]][:DISTRICTS]
    lines = [
        *_arrived(contents),
        paying.words(contents.next_payment),
        f"新增 {head['new']} 件（精确 {fresh['precise']}，重要 {fresh['important']}，一般 {fresh['lead']}）",
        f"下次发放前可止付 {head['stoppable']} 件申领，{words.yuan(head['stoppable_fen'])} 元",
        f"待区县答复 {head['waiting']} 件（其中待下发 {head[Status.OPEN]} 件），最久 {head['oldest']} 天",
        *_late(contents),
        *(f"先办：{r['name']} {r['stoppable']} 件，{words.yuan(r['stoppable_fen'])} 元" for r in first),
        "以上均为疑点，不是结论；明细见报表目录。",
    ]
    return title, "\n".join(lines)


def _late(contents: Contents) -> list[str]:
    """How many answers are late, and of whom the most."""
    rows = overdue.by_district(contents)
    if not rows:
        return []
    named = "、".join(f"{row['name']} {row['count']} 件" for row in rows[:DISTRICTS])
    more = f"，等 {len(rows)} 个区县" if len(rows) > DISTRICTS else ""
    total = sum(row["count"] for row in rows)
    return [f"逾期未答复 {total} 件（下发后超过 {contents.reply_days} 天）：{named}{more}"]


def _arrived(contents: Contents) -> list[str]:
    """Which feeds the night went without, and which it had with a remark."""
    health = figures.health(contents)
    out, odd = ([row["feed"] for row in health if row["state"] == state] for state in ("out", "warn"))
    lines = [f"数据：未采用 {'、'.join(out)}"] if out else []
    lines += [f"数据：有提示 {'、'.join(odd)}"] if odd else []
    return lines or ["数据：全部到位"]
