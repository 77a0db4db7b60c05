"""收回清单 — a list that came back: first what would become of it, then, sent again, what became of it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Select
from starlette.responses import Response

from pipelines.base.errors import CrossmatchError, DecisionRefused
from pipelines.desk.upload import not_taken, unpacked
from pipelines.desk.visit import Visit
from pipelines.reports import words

FOREIGN: Final = "封面的导出编号不在您的经办范围内；请核对是否选错了文件"
OTHER_FILE: Final = "这不是刚才核对过的文件，没有写入；以下是对它的核对结果"


class TakeIn(Protocol):
    """Takes a list in, or tries it only; the receipt."""

    def __call__(self, visit: Visit, path: Path, *, apply: bool) -> Any:
        """See ``answer``."""


def answer(
    visit: Visit,
    take_in: TakeIn,
    shown: Callable[..., Response],
    no_file: str,
    refusals: tuple[type[CrossmatchError], ...],
) -> Response:
    """The page (``shown``) with the receipt, or with why the list was not taken; ``no_file``: none was sent.

    It is taken in only where it is, byte for byte, the file that was checked before.
    """
    sent, checked = visit.file("file"), visit.typed("checked")
    if sent is None:
        return shown(visit, 400, error=no_file)
    try:
        with unpacked(sent) as path:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            apply = checked == digest
            receipt = take_in(visit, path, apply=apply)
    except refusals as refused:
        not_taken(visit, visit.path)
        return shown(visit, 400, error=words.without_numbers(str(refused)))
    return shown(visit, error=OTHER_FILE if checked and not apply else "", receipt=receipt, digest=digest)


def require_own(visit: Visit, district: Select[str]) -> None:
    """``DecisionRefused`` where the list is of a district that the account does not see."""
    with visit.engine.connect() as connection:
        of = connection.execute(district).scalar()
    if of is not None and not visit.account.sees(of):
        raise DecisionRefused(FOREIGN)
