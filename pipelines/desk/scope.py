"""经办范围 — which districts a statement may see: once in its own condition, once by the server.

On PostgreSQL every transaction of the desk says for whom it is (``crossmatch.districts``), and the policies
of ``sql/roles/postgresql.sql`` show no other district; without it nothing is seen. The agency's own relations
have no policies: the views of that script, first on the search path, stand for them.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, event, select, text, true

from pipelines.desk.accounts import Account
from pipelines.desk.visit import missing
from sql.connection import SCHEMA
from sql.tables import suspension_candidate

OPTION: Final = "crossmatch_districts"
PATH: Final = f"crossmatch_desk,{SCHEMA},public"
SAY: Final = text(
    "SELECT set_config('crossmatch.districts', :districts, true), set_config('search_path', :path, true)"
)


def install(engine: Engine) -> None:
    """From now on each transaction says the districts of the engine it was begun on."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _say)


def within(engine: Engine, account: Account) -> Engine:
    """The engine for what this account may see."""
    return engine.execution_options(**{OPTION: ",".join(account.districts)})


def condition(account: Account, district: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row's district is within the account's bounds."""
    return true() if account.whole_city else district.in_(account.districts)


def _say(connection: Connection) -> None:
    districts = connection.get_execution_options().get(OPTION, "")
    connection.execute(SAY, {"districts": districts, "path": PATH})


def require_case(connection: Connection, account: Account, candidate_id: str) -> None:
    """Nothing where the candidate is there and within bounds; else ``missing``, whichever it is."""
    c = suspension_candidate.c
    own = select(c.candidate_id).where(c.candidate_id == candidate_id, condition(account, c.district))
    if connection.execute(own).first() is None:
        raise missing()
