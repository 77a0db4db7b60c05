"""The migrations: one pair of plain files each, ``versions/NNNN_name.up.sql`` and ``NNNN_name.down.sql``.

A DBA reads them as they are; one text serves SQLite and PostgreSQL. A new migration is two new files with
the next number; a file that has run somewhere is never edited again.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from sqlalchemy import TextClause, text

VERSIONS = files(__package__) / "versions"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: its number, its name, the SQL that goes up and the SQL that takes it back."""

    revision: str
    name: str
    up: str
    down: str

    @property
    def digests(self) -> tuple[str, str]:
        """SHA-256 of both texts, as they are recorded in the database when the migration runs."""
        return _sha256(self.up), _sha256(self.down)


@cache
def migrations() -> tuple[Migration, ...]:
    """Every migration, oldest first."""
    names = sorted(f.name.removesuffix(".up.sql") for f in VERSIONS.iterdir() if f.name.endswith(".up.sql"))
    return tuple(Migration(name[:4], name[5:], _text(name, "up"), _text(name, "down")) for name in names)


def statements(source: str) -> list[TextClause]:
    """The statements of an SQL text, word for word (no parameters), each with the comment before it."""
    parts: list[TextClause] = []
    lines: list[str] = []
    for line in source.splitlines():
        lines.append(line)
        if sqlite3.complete_statement("\n".join(lines)):
            parts.append(text("\n".join(lines).strip().removesuffix(";").replace(":", r"\:")))
            lines = []
    return parts


def _text(name: str, way: str) -> str:
    return (VERSIONS / f"{name}.{way}.sql").read_text("utf-8")


def _sha256(source: str) -> str:
    return sha256(source.encode()).hexdigest()
