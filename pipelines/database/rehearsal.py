"""升级演练 — our tables backed up into a file, the newest version tried on that copy, the rows compared."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from pipelines.base.errors import UsageError
from pipelines.database import migrate
from pipelines.database.transfer import count, transfer


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an upgrade did to the copy: the versions it applied, and each table's rows before and after.

    A table that the upgrade makes has none before, one that it takes away none after.
    """

    applied: tuple[str, ...]
    before: dict[str, int]
    after: dict[str, int]

    @property
    def differ(self) -> tuple[str, ...]:
        """The tables that had rows and do not have as many now."""
        return tuple(name for name, rows in self.before.items() if rows and self.after.get(name) != rows)


def rehearse(engine: Engine, backup: Path) -> Rehearsed:
    """What an upgrade of this database would do; the database stays as it is.

    ``backup``: where our tables are put, an SQLite file at today's version; ``UsageError`` where it exists.
    The upgrade is tried on a second copy, beside it and gone afterwards.
    """
    if backup.exists():
        raise UsageError(f"{backup} 已存在；备份不覆盖旧文件，请另起一个名字")
    trial = backup.with_name(f".{backup.name}.trial")
    try:
        with migrate.opened(f"sqlite:///{backup}", create=True) as kept:
            transfer(engine, kept)
            before = count(kept)
        trial.write_bytes(backup.read_bytes())
        with migrate.opened(f"sqlite:///{trial}") as copy:
            applied = migrate.upgrade(copy)
            return Rehearsed(tuple(applied), before, count(copy))
    finally:
        trial.unlink(missing_ok=True)
