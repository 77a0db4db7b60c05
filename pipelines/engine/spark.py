"""Spark behind the seam: the same statements on a cluster, for extracts that outgrow one machine.

Store and scratch stand under one path that every node mounts. The driver's memory does not grow with an
answer: executors write its parts, and the driver joins them row group by row group.
"""

import atexit
import importlib.util
import logging
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.base.workers import Answer, Item, WorkerDied
from pipelines.engine import code, task

MASTER = re.compile(r"spark$|local\[|local-cluster\[|spark://|k8s://|yarn$")
GLOB = re.compile(r"([\[\]{}*?\\])")
BATCH = 65_536  # rows
_OPEN: dict[tuple[Any, ...], tuple[Any, ExitStack]] = {}
LOGGING = Path(__file__).with_name("log4j2.properties")
HERE = "127.0.0.1"
LACKS_SPARK = "没有安装 Spark；请安装 benefit-crossmatch[spark]，或将配置项 engine 设为 duckdb"
LACKS_JAVA = "找不到 Java；请安装 Java 17 或更新的版本并设置 JAVA_HOME，或将配置项 engine 设为 duckdb"


class Tasks:
    """See ``base.workers.Workers``: each item is a task, and a task whose executor dies is tried again."""

    shares = 10_000

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def run(
        self,
        function: Callable[[Item], Answer],
        items: Iterable[Item],
        initializer: Callable[[], Any] | None = None,
    ) -> list[Answer]:
        """See ``base.workers.Workers``; executors work on for others, so ``initializer`` is not run."""
        every = list(items)
        if len(every) < 2:
            return [function(item) for item in every]
        with errors_translated(self._settings, WorkerDied):
            tasks = _application(self._settings).range(0, len(every), 1, len(every))
            done = tasks.mapInArrow(task.of(function, every), task.SCHEMA).collect()
        outcomes = {row.place: pickle.loads(row.outcome) for row in done}
        return [outcomes[place].answer() for place in range(len(every))]


class Spark(Tasks):
    """The Spark application of this process: opened when it is first asked for, stopped when it ends."""

    def __init__(self, settings: Settings, scratch: Path) -> None:
        super().__init__(settings)
        self._session = _application(settings)
        self._scratch = scratch

    def register(self, name: str, paths: Iterable[Path]) -> None:
        """See ``seam.MatchEngine``."""
        files = [path.absolute() for path in paths]
        if not files:
            raise ValueError(f"{name}: no Parquet file")
        reader = self._session.read.option("mergeSchema", "true").option("basePath", str(_base(files[0])))
        reader.parquet(*(GLOB.sub(r"\\\1", str(file)) for file in files)).createOrReplaceTempView(name)

    def write(self, statement: str, path: Path) -> int:
        """See ``seam.MatchEngine``."""
        parts = (self._scratch / "answer").absolute()
        try:
            self._session.sql(statement).write.mode("overwrite").parquet(str(parts))
            with Store.replacing(path) as unfinished:
                return _joined(sorted(parts.glob("*.parquet")), unfinished)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """See ``seam.MatchEngine``."""
        return [row.asDict() for row in self._session.sql(statement).collect()]

    def close(self) -> None:
        """Forget the tables; the application stays for the next step of this process."""
        for table in self._session.catalog.listTables():
            self._session.catalog.dropTempView(table.name)


def is_master(engine: str) -> bool:
    """Whether the setting ``engine`` asks for Spark: by the word, or by the address of its master."""
    return MASTER.match(engine) is not None


def lacking() -> str:
    """What this machine lacks for a driver, in Chinese with what to do; empty where it has all."""
    if importlib.util.find_spec("pyspark") is None:
        return LACKS_SPARK
    return "" if java() else LACKS_JAVA


def java() -> str | None:
    """The path of the Java that a driver on this machine would start; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


@contextmanager
def errors_translated(settings: Settings, kind: type[CrossmatchError] = CrossmatchError) -> Iterator[None]:
    """``kind`` with Spark's name for what failed; never its words, which may quote a row."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
            raise
        condition = getattr(error, "getCondition", lambda: None)() or type(error).__name__
        raise kind(
            f"Spark 未能完成（{condition}）；请检查主节点 {master(settings)}、共享目录与磁盘，然后重新运行"
        ) from None


def _application(settings: Settings) -> Any:
    """The session on ``settings``; another one is stopped first."""
    wanted = (master(settings), *sorted(settings.spark.items()), settings.store, settings.memory_mb)
    if wanted not in _OPEN:
        if missing := lacking():
            raise UsageError(missing)
        from pyspark.sql import SparkSession

        stop()
        logging.getLogger("SQLQueryContextLogger").disabled = True  # it prints statements and their rows
        stack = ExitStack()
        builder = SparkSession.builder.appName("benefit-crossmatch")
        scratch = stack.enter_context(Store(settings.store).scratch())
        for name, value in _options(settings, scratch).items():
            builder = builder.config(name, value)
        os.environ["PYSPARK_PYTHON"] = _python(settings)
        session = builder.getOrCreate()
        stack.callback(session.stop)
        session.addArtifacts(str(code.packed(scratch)), pyfile=True)
        _OPEN[wanted] = session, stack
    return _OPEN[wanted][0]


@atexit.register
def stop() -> None:
    """Give the cluster back what this process holds of it."""
    while _OPEN:
        _, (_, stack) = _OPEN.popitem()
        stack.close()


def master(settings: Settings) -> str:
    """The address of the Spark that ``settings`` name; processes of this machine where they name none."""
    if settings.engine != "spark":
        return settings.engine
    return settings.spark.get("spark.master", f"local[{settings.threads}]")


def _python(settings: Settings) -> str:
    """The Python of the executors: as configured, or at the path of this one."""
    return settings.spark.get("spark.pyspark.python") or os.environ.get("PYSPARK_PYTHON", sys.executable)


def _options(settings: Settings, scratch: Path) -> dict[str, str]:
    """What a session is opened with; the configuration's ``[spark]`` is stronger than ours."""
    ours = {
        "spark.master": master(settings),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={LOGGING}",
        "spark.driver.memory": f"{settings.memory_mb}m",
        "spark.io.encryption.enabled": "true",  # shuffle files hold people
        "spark.local.dir": str(scratch.absolute()),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(max(8, 4 * settings.threads)),
        "spark.sql.warehouse.dir": str((scratch / "warehouse").absolute()),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master(settings).startswith("local"):
        ours |= {"spark.driver.host": HERE, "spark.driver.bindAddress": HERE}
    return ours | dict(settings.spark) | {"spark.master": master(settings)}


def _base(file: Path) -> Path:
    """The folder from which on the folders of ``file`` spell values, like ``delivered_on=2026-10-10``."""
    spelt = [folder for folder in file.parents if "=" in folder.name]
    return spelt[0].parent if spelt else file.parent


def _joined(parts: list[Path], path: Path) -> int:
    """The rows of ``parts``, in the order of their names, as one Parquet file at ``path``."""
    rows = 0
    with pq.ParquetWriter(path, pq.read_schema(parts[0]).remove_metadata()) as writer:
        for part in parts:
            for batch in pq.ParquetFile(part).iter_batches(BATCH):
                writer.write_batch(batch)
                rows += batch.num_rows
    return rows
