"""比对引擎 — the seam behind which millions of rows are joined: name Parquet, run SQL, keep the answer.

The statements are those of ``sql/match/`` and ``sql/risk/``, a subset that DuckDB and Spark run word for
word (docs/scale.md); whoever adds another engine writes a module with a class of the same methods.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from pipelines.base.errors import UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.base.workers import Alone, BySize, Workers
from pipelines.engine import duckdb, spark
from pipelines.engine.pool import Pool

EMBEDDED = "duckdb"
BYTES_A_ROW = 100  # of a delivered text, about


class MatchEngine(Workers, Protocol):
    """What a night asks of an engine; ``run`` is there for what is no join."""

    def register(self, name: str, paths: Iterable[Path]) -> None:
        """Let statements read the Parquet files ``paths`` as the table ``name``; a later call replaces it.

        Values spelt in folder names (``delivered_on=2026-10-10``) come with the rows as columns. Columns
        are found by name. ``ValueError`` where ``paths`` is empty: a table without a file has no columns.
        """

    def write(self, statement: str, path: Path) -> int:
        """The number of rows of the answer, which is now the Parquet file ``path``, whole or not at all."""

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The answer, for the few rows that Python should see."""

    def close(self) -> None:
        """Give back memory, spilled files and what is held of a cluster."""


@contextmanager
def match_engine(settings: Settings, reading: Iterable[Path] = ()) -> Iterator[MatchEngine]:
    """The engine that ``settings.engine`` names, open for the block; ``UsageError`` for an unknown name.

    The embedded one also where the Parquet files ``reading`` hold fewer rows than ``settings.engine_rows``: a
    cluster needs longer to begin than it would to join them. A full disk is an ``OSError`` and too little
    memory a ``CrossmatchError``, whatever the engine.
    """
    embedded = _embedded(settings, lambda: sum(pq.read_metadata(file).num_rows for file in reading))
    kind: type[duckdb.DuckDB] | type[spark.Spark] = duckdb.DuckDB if embedded else spark.Spark
    translated = duckdb.errors_translated if embedded else spark.errors_translated
    with Store(settings.store).scratch() as scratch, translated(settings):
        engine = kind(settings, scratch)
        try:
            yield engine
        finally:
            engine.close()


def for_rows(settings: Settings) -> BySize:
    """Who shares work on so many rows: the processes of this machine, or the cluster, as ``match_engine``."""
    return lambda rows: Pool(settings.threads) if _embedded(settings, lambda: rows) else spark.Tasks(settings)


def in_memory(settings: Settings) -> BySize:
    """The cluster, as ``for_rows``, or the caller alone: for work that fills a machine's memory by itself."""
    return lambda rows: Alone() if _embedded(settings, lambda: rows) else spark.Tasks(settings)


def for_bytes(settings: Settings) -> BySize:
    """Who shares a delivered text of so many bytes, as ``for_rows`` by the rows that it may hold."""
    return lambda size: for_rows(settings)(size // BYTES_A_ROW)


def unknown(engine: str) -> str:
    """That there is no such engine, and which there are."""
    return f"未知的比对引擎 {engine}；可用：duckdb、spark 或 Spark 主节点的地址（配置项 engine）"


def _embedded(settings: Settings, rows: Callable[[], int]) -> bool:
    if settings.engine != EMBEDDED and not spark.is_master(settings.engine):
        raise UsageError(unknown(settings.engine))
    return settings.engine == EMBEDDED or rows() < settings.engine_rows
