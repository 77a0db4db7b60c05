"""文书种类 — the three notices, who issues which, and the template of each: the agency's or the example."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from pipelines.base.errors import UsageError
from pipelines.desk.roles import Role

VERIFICATION, NOTIFICATION, INQUIRY = "verification", "notification", "inquiry"
WORDS: Final = {VERIFICATION: "核查通知书", NOTIFICATION: "告知书", INQUIRY: "询证函"}
SIGNS: Final = {VERIFICATION: "核通", NOTIFICATION: "告知", INQUIRY: "询证"}
MAY: Final[dict[Role, tuple[str, ...]]] = {
    Role.HANDLER: (NOTIFICATION, INQUIRY),
    Role.SUPERVISOR: (VERIFICATION, INQUIRY),
}


def kinds(role: Role) -> dict[str, str]:
    """The kinds that a role issues, with their words."""
    return {kind: WORDS[kind] for kind in MAY.get(role, ())}


def template(folder: str, kind: str) -> bytes:
    """The agency's own template in ``folder``, else the example; ``UsageError`` where it has none there."""
    name = f"{kind}.docx"
    if not folder:
        return (files(__package__) / "notice_templates" / name).read_bytes()
    try:
        return (Path(folder) / name).read_bytes()
    except OSError:
        raise UsageError(f"文书模板目录（配置项 notice_templates）里没有 {name}") from None


def number(kind: str, year: int, turn: int) -> str:
    """What stands on the notice and names its file."""
    return f"{SIGNS[kind]}〔{year}〕{turn:04d}号"
