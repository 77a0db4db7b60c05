"""DuckDB behind the seam: embedded, within memory and threads that the settings allow."""

import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.base.errors import CrossmatchError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.engine.pool import Pool

ERRNO = re.compile(r'"errno":"(\d+)"')


class DuckDB(Pool):
    """The embedded engine, within the memory and threads that the settings allow; spills to the store."""

    def __init__(self, settings: Settings, scratch: Path) -> None:
        import duckdb

        super().__init__(settings.threads)
        self._connection = duckdb.connect(
            config={
                "memory_limit": f"{settings.memory_mb}MiB",
                "threads": settings.threads,
                "temp_directory": str(scratch),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )

    def register(self, name: str, paths: Iterable[Path]) -> None:
        """See ``seam.MatchEngine``."""
        files = [str(path) for path in paths]
        if not files:
            raise ValueError(f"{name}: no Parquet file")
        self._connection.read_parquet(files, union_by_name=True, hive_partitioning=True).create_view(name)

    def write(self, statement: str, path: Path) -> int:
        """See ``seam.MatchEngine``."""
        with Store.replacing(path) as unfinished:
            target = str(unfinished).replace("'", "''")
            copied = self._connection.execute(f"COPY ({statement}) TO '{target}' (FORMAT parquet)").fetchone()
        return int(_only(copied)[0])

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """See ``seam.MatchEngine``."""
        answer = self._connection.execute(statement)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def close(self) -> None:
        """Give the memory and the spilled files back."""
        self._connection.close()


@contextmanager
def errors_translated(settings: Settings) -> Iterator[None]:
    """``CrossmatchError`` where DuckDB lacked memory, ``OSError`` where it could not read or write."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise CrossmatchError(
            f"内存或临时空间不够；请调大 memory_mb（现为 {settings.memory_mb}），并检查入库区的磁盘"
        ) from None
    except duckdb.IOException as error:
        number = ERRNO.search(str(error))
        raise OSError(int(number[1]) if number else errno.EIO, "DuckDB") from error


def _only(row: Sequence[Any] | None) -> Sequence[Any]:
    if row is None:
        raise ValueError("the statement gave no answer")
    return row
