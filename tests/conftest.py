"""What every test may ask for: a migrated benefit database on both servers, and the sample worlds."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

import sql
from pipelines.database.migrate import upgrade
from tests.postgres import NoServer, Server, server

if TYPE_CHECKING:
    from tests.desk import Desk

REPOSITORY = Path(__file__).parents[1]
TEMPLATE = "crossmatch_template"
_number = itertools.count()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes as they are written; all else as pytest names it, Chinese unescaped."""
    return ascii(val)[2:-1] if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A private PostgreSQL server whose template database is migrated and has the agency's tables."""
    try:
        with server() as running:
            running.execute(f"CREATE DATABASE {TEMPLATE}")
            _prepare(running.url(TEMPLATE))
            yield running
    except NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "benefit.db"
    _prepare(f"sqlite:///{file}")
    return file


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, on each of the two servers."""
    if backend == "sqlite":
        (tmp_path / "empty.db").touch()
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield from fresh(request.getfixturevalue("postgres"), "template0")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated benefit database, the agency's tables empty, on each of the two servers."""
    if backend == "sqlite":
        file = tmp_path / "benefit.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
    else:
        yield from fresh(request.getfixturevalue("postgres"), TEMPLATE)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An engine on ``database_url``."""
    engine = sql.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(database: Engine) -> Engine:
    """A benefit database with what is stated of 40 claims."""
    from tests.findings import city

    city(claims=40).fill(database)
    return database


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Iterator["Desk"]:
    """The desk on a city of 60 claims."""
    from pipelines.base.settings import Settings
    from tests.desk import Desk
    from tests.findings import city

    city(claims=60).fill(database)
    opened = Desk(database, Settings(desk_files=tmp_path / "desk"))
    yield opened
    opened.close()


@pytest.fixture
def postgresql_url(postgres: Server) -> Iterator[str]:
    """The same database on PostgreSQL alone, for what only a server has."""
    yield from fresh(postgres, TEMPLATE)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each kind of benefit database."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of sample worlds beside the repository."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the sample worlds are not beside the repository")
    return folder


def fresh(postgres: Server, template: str) -> Iterator[str]:
    """The URL of a database made from a template, which is dropped afterwards."""
    name = f"benefit_{next(_number)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgres.url(name)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    engine = sql.connect(url, create=True)
    upgrade(engine)
    sql.create_agency(engine)
    engine.dispose()
