"""The tests of a cluster on Spark's own kind of one: a master and two workers, processes of this machine.

``python -m tests.standalone [ARGUMENT OF PYTEST …]``. Minutes; outside the continuous tests, whose executors
the driver starts. An executor that is killed is started anew by its worker.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pipelines.engine import spark
from tests.postgres import _free_port

HERE = "127.0.0.1"
WORKERS = 2
SECONDS = 60
SIZE = ("--cores", "1", "--memory", "1g")


def main() -> int:
    if missing := spark.lacking():
        sys.stdout.write(f"{missing}\n")
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="crossmatch-standalone-") as home,
        standalone(Path(home)) as master,
    ):
        asked = [sys.executable, "-m", "pytest", "-q", "-rs", "-n", "0", "tests/test_spark.py", *sys.argv[1:]]
        return subprocess.run(asked, env=_environment() | {"SPARK_MASTER": master}, check=False).returncode


@contextmanager
def standalone(home: Path) -> Iterator[str]:
    """The address of a master that has all its workers; they write into ``home`` and end with the block."""
    port, page = _free_port(), _free_port()
    master = f"spark://{HERE}:{port}"
    with ExitStack() as stack:
        stack.enter_context(
            _started(home / "master", "master.Master", "--port", str(port), "--webui-port", str(page))
        )
        for number in range(WORKERS):
            own = home / f"worker-{number}"
            options = (*SIZE, "--webui-port", "0", "--work-dir", str(own), master)
            stack.enter_context(_started(own, "worker.Worker", *options))
        _await(f"http://127.0.0.1:{page}/json/")
        yield master


@contextmanager
def _started(own: Path, kind: str, *options: str) -> Iterator[None]:
    """A process of Spark's, one of ``org.apache.spark.deploy``, that logs into its ``own`` folder."""
    import pyspark

    own.mkdir()
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}"]
    with (own / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", HERE, *options], stdout=log, stderr=log, env=_environment()
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)


def _await(page: str) -> None:
    """Returns when the master has all its workers; ``TimeoutError`` where it does not get them."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(page) as answer:
                if json.load(answer)["aliveworkers"] == WORKERS:
                    return
        except URLError:
            pass
        time.sleep(0.5)
    raise TimeoutError(f"no {WORKERS} workers after {SECONDS} s")


def _environment() -> dict[str, str]:
    return os.environ | {"SPARK_LOCAL_IP": HERE}


if __name__ == "__main__":
    sys.exit(main())
