"""账户 — the administrator's page: who may sign in, as what, for which districts."""

from collections.abc import Callable

from sqlalchemy import Connection
from starlette.responses import Response

from pipelines.base.errors import UsageError
from pipelines.database.transaction import deciding
from pipelines.desk import accounts, single_sign_on
from pipelines.desk.accounts import Account
from pipelines.desk.rendering import page
from pipelines.desk.roles import WORDS
from pipelines.desk.visit import Refused, Visit, missing

OWN = "不能更改自己的账号，请由另一位系统管理员办理"


def answer(visit: Visit) -> Response:
    """All accounts; with a form, one more, its password shown this once."""
    if visit.method != "POST":
        return _list(visit)
    with deciding(visit.engine, beside_nights=True) as connection:
        try:
            password = accounts.add(
                connection, visit.typed("account"), visit.typed("name"), visit.typed("role"),
                _districts(visit), visit.account.name,
            )  # fmt: skip
        except UsageError as error:
            return _list(visit, 400, error=str(error))
    return _list(visit, made=visit.typed("account"), password=password)


def one(visit: Visit) -> Response:
    """One account; with a form it is locked, opened anew with another password, moved, or bound."""
    account = _of(visit)
    if visit.method != "POST":
        return page(visit, "account", account=account, roles=WORDS, error="", password="")
    if account.account == visit.account.account:
        return page(visit, "account", 400, account=account, roles=WORDS, error=OWN, password="")
    work: dict[str, Callable[[Connection], str | None]] = {
        "lock": lambda connection: accounts.lock(connection, account.account, visit.account.name),
        "reset": lambda connection: accounts.reset(connection, account.account, visit.account.name),
        "move": lambda connection: accounts.move(
            connection, account.account, visit.typed("role"), _districts(visit), visit.account.name
        ),
        "bind": lambda connection: single_sign_on.bind(
            connection,
            account.account,
            visit.settings.oidc_issuer,
            visit.typed("subject"),
            visit.account.name,
        ),
    }
    if visit.typed("act") not in work:
        raise Refused(400, "没有这种操作")
    with deciding(visit.engine, beside_nights=True) as connection:
        try:
            password = work[visit.typed("act")](connection) or ""
        except UsageError as error:
            return page(visit, "account", 400, account=account, roles=WORDS, error=str(error), password="")
    return page(visit, "account", account=_of(visit), roles=WORDS, error="", password=password)


def _of(visit: Visit) -> Account:
    with visit.engine.connect() as connection:
        every = {account.account: account for account in accounts.every(connection)}
    if (account := every.get(visit.place["account"])) is None:
        raise missing()
    return account


def _list(visit: Visit, status: int = 200, error: str = "", made: str = "", password: str = "") -> Response:
    with visit.engine.connect() as connection:
        every = accounts.every(connection)
    return page(
        visit, "accounts", status, accounts=every, roles=WORDS,
        error=error, made=made, password=password,
    )  # fmt: skip


def _districts(visit: Visit) -> list[str]:
    return visit.typed("districts").replace("，", " ").replace(",", " ").replace("、", " ").split()
