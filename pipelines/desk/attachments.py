"""附件 — what people add to a case: a PDF, JPEG or PNG of bounded size, kept by hash, never opened here."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from matchers.text import fold
from pipelines.base import clock
from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.database import audit
from pipelines.desk import kept
from pipelines.reports import words
from sql.desk_tables import desk_attachment

LARGEST: Final = 10 << 20
MOST: Final = 50
LONGEST_NAME: Final = 80
KINDS: Final[Mapping[bytes, tuple[str, str]]] = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
}
FITTING: Final = {"pdf": ("pdf",), "jpg": ("jpg", "jpeg"), "png": ("png",)}
UNFIT: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
WRONG_KIND: Final = "附件只收 PDF、JPEG、PNG，文件内容与扩展名须一致"
TOO_LARGE: Final = "附件超过 10 MB，没有接收"
FULL: Final = f"一件疑点最多 {MOST} 个附件"


def add(
    connection: Connection, settings: Settings, candidate_id: str, name: str, content: bytes, by: str
) -> None:
    """The file belongs to the case from now on; sent again it is the same. ``UsageError`` says what is wrong.

    Its kind is what its first bytes say; the name is for people: no place, and no number of a person.
    """
    if len(content) > LARGEST:
        raise UsageError(TOO_LARGE)
    media_type, shown = _described(name, content)
    digest = kept.put(settings.desk_files, content)
    c = desk_attachment.c
    own = [row.sha256 for row in of(connection, candidate_id)]
    if len(own) >= MOST and digest not in own:
        raise UsageError(FULL)
    if digest not in own:
        row = {"name": shown, "media_type": media_type, "size": len(content), "added_by": by}
        added = insert(desk_attachment).values(
            {c.candidate_id: candidate_id, c.sha256: digest, c.added_at: clock.now()} | row
        )
        connection.execute(added)
    audit.record(connection, by, "attach", candidate_id, {"sha256": digest, "bytes": len(content)})


def of(connection: Connection, candidate_id: str) -> list[Row[Any]]:
    """The attachments of a case, oldest first."""
    c = desk_attachment.c
    own = select(desk_attachment).where(c.candidate_id == candidate_id)
    return list(connection.execute(own.order_by(c.added_at, c.sha256)))


def _described(name: str, content: bytes) -> tuple[str, str]:
    """Its media type and the name that people see."""
    fitting = next((kind for start, kind in KINDS.items() if content.startswith(start)), None)
    stem, _, ending = fold(name).replace("\\", "/").rpartition("/")[2].rpartition(".")
    if fitting is None or ending.lower() not in FITTING[fitting[1]]:
        raise UsageError(WRONG_KIND)
    shown = UNFIT.sub("_", words.without_numbers(stem))[:LONGEST_NAME] or "附件"
    return fitting[0], f"{shown}.{fitting[1]}"
