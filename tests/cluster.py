"""A Spark cluster for tests: two executors of this machine, or what ``SPARK_MASTER`` names."""

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines.base.settings import Settings
from pipelines.engine import spark, task
from pipelines.judging import step as judging
from pipelines.linking import blocks
from pipelines.readers import ranges
from tests.city import City

CLUSTER = os.environ.get("SPARK_MASTER", "local-cluster[2,1,1024]")
OF_THIS_MACHINE = "cluster[" in CLUSTER or "127.0.0.1" in CLUSTER
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
OPTIONS = {
    "spark.driver.defaultJavaOptions": JAVA,
    "spark.executor.defaultJavaOptions": JAVA,
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "2",
}
STILL = "1781800000"


@contextmanager
def opened(home: Path, *modules: str) -> Iterator[None]:
    """While it lasts workers write into ``home``, a Spark of links, and not into the installed package.

    ``modules``: whose functions are sent whole, for executors have no tests.
    """
    import pyspark
    from pyspark import cloudpickle

    for name in (__name__, *modules):
        cloudpickle.register_pickle_by_value(sys.modules[name])
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        yield
        spark.stop()


@contextmanager
def configured(home: Path) -> Iterator[None]:
    """While it lasts processes that are started find the cluster in their configuration."""
    links, file = home / "spark", home / "cluster.toml"
    links.mkdir()
    options = OPTIONS | {"spark.driver.memory": "1g"}
    lines = [
        f'engine = "{CLUSTER}"',
        "engine_rows = 0",
        "[spark]",
        *(f'"{k}" = "{v}"' for k, v in options.items()),
    ]
    file.write_text("\n".join(lines), "utf-8")
    with opened(links), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSMATCH_CONFIG", str(file))
        yield


def on_cluster(settings: Settings) -> Settings:
    """The settings, with the cluster for engine, whatever the size of the work."""
    return replace(settings, engine=CLUSTER, engine_rows=0, spark=OPTIONS)


@contextmanager
def in_small_pieces(times: int = 1) -> Iterator[pytest.MonkeyPatch]:
    """While it lasts a small city is work for many: ranges of a file, blocks of rows, parts of the people;
    ``times`` as large for a city that is larger.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "RANGE", 20_000 * times)
        patch.setattr(blocks, "ROWS", 50 * times)
        patch.setattr(blocks, "FEW", 0)
        patch.setattr(judging, "CLAIMS_AT_ONCE", 25 * times)
        yield patch


def night(city: City, as_of: str, killed: Path | None, times: int = 1) -> None:
    """A night on the cluster with its reports; with a folder ``killed``, as of ``dying``."""
    with in_small_pieces(times), dying(killed) if killed else nullcontext():
        city.night(as_of, report=True)


def reports(city: City) -> dict[str, str]:
    """A digest of each file of the reports, by path."""
    files = [p for p in city.settings.reports.rglob("*") if p.is_file()]
    root = city.settings.reports
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@contextmanager
def dying(folder: Path) -> Iterator[None]:
    """While it lasts, for each function an executor is killed that has just worked out an answer.

    ``folder`` has a file for each function afterwards; it lies on every node.
    """

    def of(function: Callable[[Any], Any], items: Sequence[Any]) -> Any:
        return as_is(partial(die_once, folder / function.__name__, function), items)

    as_is = task.of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "of", of)
        yield


def die_once(marker: Path, function: Callable[[Any], Any], item: Any) -> Any:
    """The answer; after the first one the executor is killed, so that it never reaches the driver."""
    answer = function(item)
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return answer
    daemon = Path(f"/proc/{os.getppid()}")
    assert b"pyspark.daemon" in (daemon / "cmdline").read_bytes()
    executor = int((daemon / "stat").read_text().rpartition(")")[2].split()[1])
    os.kill(executor, signal.SIGKILL)
    time.sleep(60)
