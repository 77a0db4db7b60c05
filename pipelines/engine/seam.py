"""比对引擎 — the seam behind which millions of rows are joined: name Parquet, run SQL, keep the answer.

The statements are those of ``sql/match/``, a subset that DuckDB and Spark run word for word; whoever adds
another engine writes a module with a second class of the same three methods.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store


class MatchEngine(Protocol):
    """What a night asks of an engine."""

    def register(self, name: str, paths: Iterable[Path]) -> None:
        """Let statements read the Parquet files ``paths`` as the table ``name``; a later call replaces it.

        Values spelt in folder names (``delivered_on=2026-10-10``) come with the rows as columns. Columns
        are found by name. ``ValueError`` where ``paths`` is empty: a table without a file has no columns.
        """

    def write(self, statement: str, path: Path) -> int:
        """The number of rows of the answer, which is now the Parquet file ``path``, whole or not at all."""

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The answer, for the few rows that Python should see."""


@contextmanager
def match_engine(settings: Settings) -> Iterator[MatchEngine]:
    """The engine that ``settings.engine`` names, open for the block; ``UsageError`` for an unknown name.

    A full disk is an ``OSError`` and too little memory a ``CrossmatchError``, whatever the engine.
    """
    if settings.engine != "duckdb":
        raise UsageError(f"未知的比对引擎 {settings.engine}；可用：duckdb（配置项 engine）")
    from pipelines.engine.duckdb import DuckDB, errors_translated

    with Store(settings.store).scratch() as scratch, errors_translated(settings):
        engine = DuckDB(settings, scratch)
        try:
            yield engine
        finally:
            engine.close()
