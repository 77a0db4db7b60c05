"""所选疑点 — many candidates handed out, assigned or written about at once; what could not be is named."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from starlette.responses import Response

from matchers.lifecycle import Status
from pipelines.base import clock
from pipelines.base.errors import DecisionRefused, Locked, UsageError
from pipelines.base.failures import DatabaseFailed
from pipelines.database.transaction import deciding
from pipelines.decisions import deadlines, handout
from pipelines.desk import assigning, chosen, notice_kinds, reply_day
from pipelines.desk.chosen import Chosen
from pipelines.desk.pages.candidates import FILTERS
from pipelines.desk.rendering import page
from pipelines.desk.roles import ASSIGNERS, Role
from pipelines.desk.visit import Visit
from pipelines.reports import words

NONE: Final = "请先在清单里选择疑点"
TOO_MANY: Final = f"一次最多 {chosen.MOST} 件，请分几次选择"
CHANGED: Final = "显示之后已有变动，请看过现状再下发"
NOT_OPEN: Final = "状态是“{}”，只有待下发的可以下发"
NOT_OUT: Final = "状态是“{}”，只有已下发、尚未答复的可以更改期限"
NOT_THEIRS: Final = "不在此人的经办范围内"
Refusals = Sequence[tuple[str, str]]


def answer(visit: Visit) -> Response:
    """The candidates that were ticked, or the whole list, and what the role may do with them."""
    numbers = list(chosen.sent(visit))
    if visit.typed("whole"):
        asked = {name: visit.typed(name) for name in FILTERS}
        with visit.engine.connect() as connection:
            numbers = chosen.whole(connection, visit.account, asked, clock.today())
    return shown(visit, numbers)


def hand_out(visit: Visit) -> Response:
    """Those still open and as they were shown are handed out in one transaction; the others are named."""
    return _by_a_day(visit, _hand_out)


def move_day(visit: Visit) -> Response:
    """Those that wait for their district's answer are to be answered by another day; the others are named."""
    return _by_a_day(visit, _move_day)


def _by_a_day(visit: Visit, act: Callable[[Visit, dict[str, str], date], Response]) -> Response:
    """What comes of the act on the chosen and the day that was typed, or what is wrong with either."""
    sent = chosen.sent(visit)
    if not sent or len(sent) > chosen.MOST:
        return shown(visit, list(sent))
    try:
        reply_by = reply_day.read(visit)
    except UsageError as error:
        return shown(visit, list(sent), 400, error=str(error))
    return act(visit, sent, reply_by)


def _hand_out(visit: Visit, sent: dict[str, str], reply_by: date) -> Response:
    with visit.engine.connect() as connection:
        now = chosen.read(connection, visit.account, list(sent))
    refused = _not_to_be_handed_out(now, sent)
    left = {number: sent[number] for number in sent if number not in dict(refused)}
    try:
        if left:
            handout.hand_out(
                visit.engine, list(left), visit.account.name, clock.exactly(),
                expected=left, reply_by=reply_by,
            )  # fmt: skip
    except (DecisionRefused, Locked, DatabaseFailed) as error:
        status = 409 if isinstance(error, DecisionRefused) else 503
        return shown(visit, list(sent), status, error=str(error))
    return shown(visit, list(sent), done=f"已下发 {len(left)} 件，请于 {reply_by} 前答复", refused=refused)


def _move_day(visit: Visit, sent: dict[str, str], reply_by: date) -> Response:
    with deciding(visit.engine, beside_nights=True) as connection:
        now = chosen.read(connection, visit.account, list(sent))
        refused = [
            (str(row["candidate_id"]), NOT_OUT.format(words.STATUS[row["status"]]))
            for row in now.rows
            if row["status"] != Status.DISPATCHED
        ]
        left = [number for number in now.numbers if number not in dict(refused)]
        deadlines.move(connection, left, reply_by, visit.account.name, clock.now())
    done = f"已更改 {len(left)} 件的答复期限，请于 {reply_by} 前答复"
    return shown(visit, list(sent), done=done, refused=refused)


def assign(visit: Visit) -> Response:
    """Those in the districts of the account are its own from now on; the others are named."""
    sent, to = chosen.sent(visit), visit.typed("account")
    if not sent or len(sent) > chosen.MOST:
        return shown(visit, list(sent))
    with deciding(visit.engine, beside_nights=True) as connection:
        now = chosen.read(connection, visit.account, list(sent))
        who = {a.account: a for a in assigning.workers(connection, set(now.districts.values()))}
        if to and to not in who:
            return shown(visit, list(sent), 400, error="请选择经办人员")
        refused = [(n, NOT_THEIRS) for n, d in now.districts.items() if to and not who[to].sees(d)]
        left = [number for number in now.numbers if number not in dict(refused)]
        assigning.assign(connection, left, to, visit.account.name)
    done = f"已分派 {len(left)} 件给 {who[to].name}" if to else f"已收回 {len(left)} 件的分派"
    return shown(visit, list(sent), done=done, refused=refused)


def shown(
    visit: Visit, numbers: list[str], status: int = 200, *,
    error: str = "", done: str = "", refused: Refusals = (),
) -> Response:  # fmt: skip
    """The page with these candidates as they are now."""
    if not numbers or len(numbers) > chosen.MOST:
        numbers, status, error = [], 400, TOO_MANY if numbers else NONE
    account = visit.account
    with visit.engine.connect() as connection:
        now = chosen.read(connection, account, numbers)
        return page(
            visit, "chosen", status, chosen=now, error=error, done=done, refused=refused,
            workers=assigning.workers(connection, set(now.districts.values())),
            assigned=assigning.of(connection, now.numbers), due=deadlines.of(connection, now.numbers),
            may_hand_out=account.role == Role.SUPERVISOR, may_assign=account.role in ASSIGNERS,
            kinds=notice_kinds.kinds(account.role), today=clock.today(),
        )  # fmt: skip


def _not_to_be_handed_out(now: Chosen, sent: dict[str, str]) -> list[tuple[str, str]]:
    refused = []
    for row in now.rows:
        number = str(row["candidate_id"])
        if row["status"] != Status.OPEN:
            refused.append((number, NOT_OPEN.format(words.STATUS[row["status"]])))
        elif now.versions[number] != sent[number]:
            refused.append((number, CHANGED))
    return refused
