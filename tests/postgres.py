"""A private PostgreSQL server for one test session, in a directory of its own and gone with it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

OLDEST = 15
INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class NoServer(Exception):
    """This machine cannot run a PostgreSQL server; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, reached over TCP and over a socket in ``folder``."""

    binaries: Path
    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def url(self, database: str = "postgres", role: str = "postgres") -> str:
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        conninfo = self.url().replace("+psycopg", "")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())

    def control(self, *arguments: str) -> None:
        """pg_ctl with these arguments, waited for."""
        command = [self.binaries / "pg_ctl", "-D", self.folder / "cluster", "-l", self.log, "-w", *arguments]
        _as_owner(command)


@contextmanager
def server() -> Iterator[Server]:
    """A server of version 15 or newer; ``NoServer`` when there is none and none can be installed."""
    binaries = _binaries() or _installed()
    folder = Path(tempfile.mkdtemp(prefix="crossmatch-pg-"))
    owner = _owner()
    if owner:
        shutil.chown(folder, owner)
    running = Server(binaries, folder, _free_port())
    cluster = folder / "cluster"
    _as_owner([binaries / "initdb", "-D", cluster, *INITDB])
    place = {"port": running.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
    with (cluster / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in (FAST | place).items())
    try:
        running.control("start")
        yield running
    finally:
        running.control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    program = shutil.which("initdb")
    folders = [Path(program).resolve().parent] if program else []
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    usable = [f for f in folders if (f / "initdb").exists() and _version(f) >= OLDEST]
    return max(usable, key=_version, default=None)


def _version(binaries: Path) -> int:
    asked = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True)
    return int(asked.stdout.split()[2].split(".")[0])


def _installed() -> Path:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoServer(f"no PostgreSQL {OLDEST} or newer here, and no right to install one")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
        command = ["apt-get", *step]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoServer(f"apt-get {step[0]} failed: {done.stderr.strip()[-300:]}")
    if binaries := _binaries():
        return binaries
    raise NoServer(f"the package repository has no PostgreSQL {OLDEST} or newer")


def _owner() -> str | None:
    """The user who runs the server: PostgreSQL refuses to run as root."""
    return None if os.geteuid() else "postgres"


def _as_owner(command: list[str | Path]) -> None:
    owner = _owner()
    identity = {"user": owner, "group": owner, "extra_groups": []} if owner else {}
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **identity)
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
