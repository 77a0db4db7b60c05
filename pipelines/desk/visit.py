"""来访 — one request as a page sees it: who asks, what was asked, and the database within their bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from starlette.datastructures import FormData, Headers, QueryParams, UploadFile

from pipelines.base.settings import Settings
from pipelines.desk.accounts import Account
from pipelines.desk.origin import Origin
from pipelines.desk.sessions import Session


class Refused(Exception):
    """The request is not answered: ``status`` of HTTP, ``message`` in Chinese; ``on_record`` in the audit."""

    def __init__(self, status: int, message: str, *, on_record: bool = True) -> None:
        super().__init__(message)
        self.on_record = on_record
        self.status = status
        self.message = message


def missing() -> Refused:
    """What is not there, and what is another district's: both look the same."""
    return Refused(404, "没有这一页，或者不在您的经办范围内。请回到清单重新选择。")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. ``engine``: on it, PostgreSQL shows only the account's districts.

    ``place``: the parts of the address; ``form``: empty but for POST; ``address``: of the browser.
    ``put_back``: the form holds what was typed before a session ran out, and nobody has sent it now.
    """

    settings: Settings
    engine: Engine
    session: Session | None
    menu: Sequence[tuple[str, str]]
    origin: Origin
    method: str
    path: str
    place: Mapping[str, str]
    query: QueryParams
    form: FormData
    headers: Headers
    address: str
    put_back: bool = False

    @property
    def account(self) -> Account:
        """Who asks; for routes that need a session."""
        if self.session is None:
            raise Refused(403, "请先登录")
        return self.session.account

    def typed(self, name: str) -> str:
        """What was typed into a field of the form, without blanks around it."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def put_back_at(self, name: str) -> str:
        """Which of several forms of a page what is put back belongs to, by its field ``name``; else empty."""
        return self.typed(name) if self.put_back else ""

    def file(self, name: str) -> UploadFile | None:
        """The file that was handed in, if any."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None
