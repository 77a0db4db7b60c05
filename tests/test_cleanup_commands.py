"""No command of a clean-up and no page of it at the desk ever writes to the agency's relations."""

import re
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import Engine, create_engine, select
from typer.main import get_command
from typer.testing import CliRunner, Result

from pipelines.base.errors import UsageError
from pipelines.base.settings import SIGNING_KEY, Settings
from pipelines.cli import app
from pipelines.commands.cleanup import cli
from pipelines.demo import build
from pipelines.desk.roles import Role
from pipelines.desk.routes import ROUTES
from sql import cleanup_tables as t
from sql.tables import AGENCY
from tests.desk import Desk
from tests.test_cleanup import _forbid_writes
from tests.test_cleanup_workflow import _fill
from tests.test_desk_history import sent

pytestmark = pytest.mark.filterwarnings("error::FutureWarning")
AS_OF = date(2026, 6, 18)
SIGNERS = ("--by", "甲一"), ("--by", "乙二")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made") / "city"


@pytest.fixture
def city(made: Path, database: Engine, database_url: str, tmp_path: Path) -> Settings:
    """A small city with its register in the database; every write to the agency's relations aborts."""
    if not made.exists():
        build(made, claims=20, rows=200, as_of=AS_OF, history="chongqing")
    source = create_engine(f"sqlite:///{made}/benefit.db")
    with source.connect() as before, database.begin() as connection:
        for table in AGENCY.sorted_tables:
            connection.execute(table.insert(), [dict(r) for r in before.execute(select(table)).mappings()])
    source.dispose()
    _forbid_writes(database)
    return Settings(
        database_url=database_url, inbox=made / "inbox", history=made / "history", store=tmp_path / "store",
        reports=tmp_path / "reports", policy="chongqing",
    )  # fmt: skip


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, Path]:
    """The private key as the environment holds it, and the file of the public one."""
    made = Ed25519PrivateKey.generate()
    public = tmp_path / "public.pem"
    public.write_bytes(made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), public


def agency(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in connection.execute(select(table)))
            for table in AGENCY.sorted_tables
        }


def test_every_command_and_every_page_leaves_the_agencys_relations_byte_for_byte_as_they_were(
    city: Settings, made: Path, database: Engine, key: tuple[str, Path]
) -> None:
    before = agency(database)
    private, public = key
    environment = {
        f"CROSSMATCH_{name.upper()}": str(getattr(city, name))
        for name in ("database_url", "inbox", "history", "store", "reports", "policy")
    } | {SIGNING_KEY: private, "CROSSMATCH_CONFIG": "/dev/null"}
    asked: set[str] = set()

    def run(command: str, *arguments: str, code: int = 0) -> Result:
        asked.add(command)
        ended = CliRunner().invoke(app, ["cleanup", command, *arguments], env=environment)
        assert ended.exit_code == code, (command, ended.output)
        return ended

    day = ("--as-of", str(AS_OF))
    run("plan", *day)
    tried = run("run", *day).stdout
    assert re.search(r"^证件号码为 15 位　\d+$", tried, re.MULTILINE)
    assert not re.search(r"^[A-Za-z_0-9]+　", tried, re.MULTILINE)
    for missing in ((), ("--by", "甲一"), ("--reason", "首次清理")):
        assert isinstance(run("run", *day, "--apply", *missing, code=1).exception, UsageError)
    run("score", str(made), *day)
    run("run", *day, "--apply", "--by", "甲一", "--reason", "首次清理")
    standing = run("status").stdout
    assert re.search("^一人多号 1　分片 1　单位 1$|^分片 1　单位 1　一人多号 1$", standing, re.MULTILINE)
    assert run("report").stdout.startswith(f"写在 {city.reports / '历史清理'}/\n")
    c = t.correction_proposal.c
    with database.connect() as connection:
        merge, short, number = (
            connection.execute(select(c.proposal_id, c.district).where(c.check_code == code)).first()
            for code in ("DUPLICATE_PERSON", "ENT_UNDER", "ID_15")
        )
    assert merge
    assert short
    assert number
    for signer in SIGNERS:
        run("decide", merge.proposal_id, "--decision", "同意", "--reason", "本人到场", *signer)
    assert "下一步　待导出" in run("explain", merge.proposal_id).output
    list_ = city.reports / "历史清理" / f"更正建议-{short.district}.xlsx"
    _fill(list_, {short.proposal_id: ("同意", "单位档案", "甲一", "乙二")})
    run("import-feedback", str(list_), "--by", "甲一", "--apply")
    run("export", merge.district, "--by", "甲一")
    (file,) = (city.reports / "历史清理").glob(f"更正-{merge.district}-*.csv")
    run("verify", str(file), "--key", str(public))
    for signer in SIGNERS:
        run("undo", merge.proposal_id, "--reason", "其中一人否认", *signer)
    assert asked == set(get_command(cli).commands)  # type: ignore[attr-defined]
    assert agency(database) == before

    desk = Desk(database, city)
    people = [
        desk.person(f"steward{n}", Role.STEWARD, "*", name=name)
        for n, name in enumerate(("数据甲", "数据乙"))
    ]
    own = [route for route in ROUTES if route.path.startswith("/history")]
    for person in people:
        for route in own:
            if route.methods == ("GET",):
                assert person.get(route.path).status_code == 200, route.path
        page = person.get("/history/proposals?check=ID_15").text
        answer = {"decision": "accepted", "reason": "换算"} | sent(page, number.proposal_id)
        assert person.post("/history/decision", answer).status_code == 200
        assert person.post("/history/file", {"file": list_.name}).status_code == 200
        person.get("/history")
        whole = {"file": (list_.name, list_.read_bytes())}
        assert person.post("/history/returned", files=whole).status_code == 200
    posted = {"/history/decision", "/history/file", "/history/returned"}
    assert posted == {route.path for route in own if route.methods == ("POST",)}
    with database.connect() as connection:
        status = select(c.status).where(c.proposal_id == number.proposal_id)
        assert connection.execute(status).scalar_one() == "accepted"
    desk.close()
    assert agency(database) == before
