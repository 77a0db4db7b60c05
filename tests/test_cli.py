"""What a person at the command line can rely on: help, exit codes, one line that says what to do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer

from pipelines.base.errors import CrossmatchError, UsageError
from pipelines.base.settings import Settings
from pipelines.base.usage import sentence
from pipelines.cli import app
from pipelines.upkeep import daily as upkeep
from sql.tables import match_run
from tests.conftest import REPOSITORY
from tests.faults.town import FIRST, build_on_sqlite

Ran = subprocess.CompletedProcess[str]


def crossmatch(folder: Path, *arguments: str, **settings: str) -> Ran:
    """The command line as a process of its own, in an empty folder and with these settings only."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CROSSMATCH_")}
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        env={**own, "PYTHONPATH": str(REPOSITORY), **{f"CROSSMATCH_{k}": v for k, v in settings.items()}},
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip


def test_the_module_run_by_its_name_is_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipelines.cli"]
    own = {"env": {**os.environ, "PYTHONPATH": str(REPOSITORY)}, "cwd": tmp_path, "capture_output": True}
    assert "night" in subprocess.run([*command, "--help"], text=True, check=True, **own).stdout
    assert subprocess.run([*command, "no-such-command"], text=True, **own).returncode == 2


def test_completion_is_installed_with_one_chinese_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--install-completion", "bash"]
    own = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    ran = subprocess.run(command, env=own, cwd=tmp_path, capture_output=True, text=True)
    [file] = tmp_path.rglob("crossmatch.sh")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"已装上 bash 的补全（{file}）；重开终端后有效。\n"


def test_a_fault_in_words_of_the_library_that_have_no_translation_stands_in_a_chinese_line() -> None:
    error = typer.BadParameter("no wording for this")
    assert sentence(error) == "错误：写法不对（no wording for this）"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("no-such", "错误：没有 'no-such' 这个命令；用法见 crossmatch --help"),
        ("explain", "错误：没有写 candidate（疑点编号）；用法见 crossmatch explain --help"),
        ("night --bad", "错误：没有 --bad 这个选项（相近的有 --by）；用法见 crossmatch night --help"),
        ("release hires --by", "错误：选项 --by 须带值"),
        ("laws --json=3", "错误：选项 --json 不带值"),
        ("db status a b", "错误：多出了 a b；用法见 crossmatch db status --help"),
        ("db sql --dialect oracle", "错误：--dialect：'oracle' 不在可选的"),
        ("report 2026-10-20 --limit many", "错误：--limit：须为数字；用法见 crossmatch report --help"),
    ],
)
def test_wrong_use_is_said_in_one_chinese_line_that_names_the_help(
    tmp_path: Path, line: str, answer: str
) -> None:
    ran = crossmatch(tmp_path, *line.split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(answer), ran.stderr
    fault, *_ = ran.stderr.partition("；用法见")
    assert not re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", fault), ran.stderr


def test_help_is_in_chinese_and_fits_a_terminal_of_eighty_columns(tmp_path: Path) -> None:
    for asked in ((), ("release",), ("db",), ("report",)):
        shown = crossmatch(tmp_path, *asked, "--help").stdout
        assert not re.search(r"Usage|Options|Arguments|Commands|Show|Install|required|default", shown), shown
        assert max(map(len, shown.splitlines())) <= 80
    alone = crossmatch(tmp_path, "db")
    assert (alone.returncode, alone.stderr) == (2, crossmatch(tmp_path, "db", "--help").stdout)


def test_the_tab_key_offers_commands_with_what_they_do(tmp_path: Path) -> None:
    asked = {"_CROSSMATCH_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "crossmatch db "}
    own = {"env": {**os.environ, "PYTHONPATH": str(REPOSITORY), **asked}, "cwd": tmp_path}
    command = [sys.executable, "-c", "from pipelines.cli import main; main()"]
    offered = subprocess.run(command, capture_output=True, text=True, **own).stdout
    assert '"rehearse":"演练升级' in offered


@pytest.mark.parametrize("asked", [(), ("night",), ("db",), ("cleanup",), ("desk", "account")], ids=" ".join)
def test_help_loads_nothing_that_only_a_command_needs(tmp_path: Path, asked: tuple[str, ...]) -> None:
    heavy = ("rich.console", "pandas", "numpy", "pyarrow", "sqlalchemy", "duckdb", "great_expectations")
    ran = subprocess.run(
        [
            sys.executable, "-c",
            "import atexit, sys; from pipelines.cli import main\n"
            f"atexit.register(lambda: print('loaded', [m for m in {heavy} if m in sys.modules]))\nmain()",
            *asked, "--help",
        ],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "loaded []"), ran.stderr


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_a_command_says_in_chinese_what_it_does_and_what_it_takes(name: tuple[str, ...]) -> None:
    assert any("一" <= letter <= "鿿" for letter in COMMANDS[name].help or "")
    unexplained = [p.name for p in COMMANDS[name].params if p.name != "help" and not getattr(p, "help", None)]
    assert not unexplained


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "message"),
    [
        (["night", "昨天"], {}, 2, "YYYY-MM-DD"),
        (["no-such-command"], {}, 2, "no-such-command"),
        (["doctor"], {"INBOXES": "x"}, 2, "错误：环境变量 CROSSMATCH_INBOXES 不是配置项"),
        (["doctor"], {"THREADS": "two"}, 2, "错误：配置项 threads 的值无法读作 int"),
        (["doctor"], {"REPORT_LIMIT": "-1"}, 2, "错误：配置项 report_limit 应为不小于 0 的整数"),
        (["laws"], {"POLICY": "atlantis"}, 2, "错误：没有名为 atlantis 的口径"),
        *(
            (["db", "status"], {"DATABASE_URL": url}, 2, "错误：CROSSMATCH_DATABASE_URL 不是有效的数据库 URL")
            for url in ("nonsense", "mysql://h/d", "postgresql+psycopg2://h/d", "postgresql://h:port/d")
        ),
        (["db", "upgrade"], {"DATABASE_URL": "sqlite:///no/such/folder/b.db"}, 1, "错误：无法打开数据库文件"),
        (["doctor"], {"CONFIG": "nowhere.toml"}, 2, "错误：配置文件 nowhere.toml 无法读取"),
        (["doctor"], {"CONFIG": "torn.csv"}, 2, "错误：torn.csv: 不是有效的 TOML"),
        *(
            (command, {"FEEDS": "nowhere"}, 2, "错误：目录 nowhere 不存在（CROSSMATCH_FEEDS）")
            for command in (
                ["doctor"],
                ["night"],
                ["backfill", "2026-05-30", "2026-05-31"],
                ["check-delivery", "torn.csv", "--feed", "deaths"],
                ["demo", "city"],
            )
        ),
        (["doctor"], {"RETENTION_NIGHTS": "0"}, 2, "错误：配置项 retention_nights 应为不小于 1 的整数"),
        (["doctor"], {"THREADS": "1.5"}, 2, "错误：配置项 threads 的值无法读作 int"),
        (["demo", "torn.csv"], {}, 1, "错误：torn.csv 所在的路径不是目录"),
        (["demo", "torn.csv/city"], {}, 1, "错误：torn.csv/city 所在的路径不是目录"),
        (["db", "sql", "--dialect", "oracle"], {}, 2, "oracle"),
        (["db", "sql", "--since", "0099"], {}, 2, "错误：没有迁移版本 0099"),
        (["check-delivery", "torn.csv", "--feed", "deaths"], {}, 4, "错误："),
        (["check-delivery", "torn.csv", "--feed", "weather"], {}, 2, "错误：没有数据源 weather"),
    ],
)
def test_what_is_foreseen_ends_in_one_line_and_its_exit_code(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, message: str
) -> None:
    (tmp_path / "torn.csv").write_text("什么,都,不是\n1,2,3\n", "utf-8")
    ran = crossmatch(tmp_path, *arguments, **settings)
    assert (ran.returncode, "Traceback" in ran.stderr) == (code, False), ran.stderr
    assert message in ran.stderr
    if message.startswith("错误"):
        assert len(ran.stderr.strip().splitlines()) == 1


MAY_MAKE_A_DATABASE = {
    ("db", "upgrade"),
    ("db", "sql"),
    ("demo",),
    ("laws",),
    ("check-delivery",),
    ("notify",),
    ("cleanup", "verify"),
}
NEEDED = {
    "explain": ["YD1"], "identity": ["P1", "--decision", "same", "--by", "甲", "--reason", "乙"],
    "review": ["YD1", "--decision", "下发", "--by", "甲", "--reason", "乙"], "report": ["2026-05-31"],
    "release": ["deaths/2026-05-31", "--by", "甲", "--reason", "乙"], "downgrade": ["base"],
    "rehearse": ["backup.db"], "transfer": ["sqlite:///other.db"],
    "backfill": ["2026-05-30", "2026-05-31"], "import-feedback": ["torn.csv", "--by", "甲"],
    "dispatch": ["torn.csv", "--by", "甲"], "lock": ["root"], "reset": ["root"],
    "bind": ["root", "--subject", "x"],
    "add": ["root", "--name", "甲", "--role", "administrator"], "risk": ["2026-05"], "audit show": ["1"],
    "risk-check": ["CC1", "--verdict", "对", "--by", "甲"], "risk-sample": ["2026-05"],
    "risk-review": ["FX1", "--decision", "核查中", "--by", "甲", "--reason", "乙"],
    "cleanup decide": ["GZ1", "--decision", "同意", "--by", "甲", "--reason", "乙"],
    "cleanup export": ["全市", "--by", "甲"], "cleanup report": [], "cleanup score": ["."],
    "cleanup undo": ["GZ1", "--by", "甲", "--reason", "乙"],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - MAY_MAKE_A_DATABASE), ids=" ".join)
def test_a_database_file_that_is_not_there_is_named_and_not_made(
    tmp_path: Path, name: tuple[str, ...]
) -> None:
    (tmp_path / "torn.csv").touch()
    ran = crossmatch(
        tmp_path,
        *name,
        *NEEDED.get(" ".join(name), NEEDED.get(name[-1], [])),
        DATABASE_URL="sqlite:///gone.db",
    )
    assert f"待遇库文件不存在：{tmp_path / 'gone.db'}" in ran.stdout + ran.stderr
    assert (ran.returncode, "Traceback" in ran.stderr) == (1 if name == ("doctor",) else 2, False)
    assert not list(tmp_path.glob("gone.db*"))


def test_a_setting_of_the_file_may_name_a_role_but_no_password(tmp_path: Path) -> None:
    settings = tmp_path / "crossmatch.toml"
    held = "database_url 含有口令"
    for url, message in (
        ("u@localhost:1", "无法连接待遇库"),
        ("u:p@localhost:1", held),
        ("u:p/w?#[@localhost:1", held),
        ("localhost:1/benefit?password=p&user=u", held),
    ):
        settings.write_text(f'database_url = "postgresql+psycopg://{url}/benefit"\n', "utf-8")
        assert message in crossmatch(tmp_path, "db", "status").stderr


@pytest.mark.parametrize(("command", "setting"), [("night", "STORE"), ("report", "REPORTS")])
def test_a_folder_that_cannot_be_written_to_is_named_in_one_line(
    tmp_path: Path, command: str, setting: str
) -> None:
    town = build_on_sqlite(tmp_path)
    places = {"INBOX": "inbox", "STORE": "store", "REPORTS": "reports", "DATABASE_URL": town.url}
    if command == "report":
        assert crossmatch(tmp_path, "night", FIRST.isoformat(), **places).returncode == 0
    ran = crossmatch(tmp_path, command, FIRST.isoformat(), **places | {setting: "/sys/kernel/crossmatch"})
    assert ran.returncode == 1
    assert ran.stderr.startswith("错误：/sys/kernel"), ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    assert crossmatch(tmp_path, "--version").stdout.startswith("crossmatch 0.")


def test_the_doctor_finds_a_city_fit_and_names_what_is_not(tmp_path: Path, database_url: str) -> None:
    for name in ("inbox", "store", "reports"):
        (tmp_path / name).mkdir()
    healthy = crossmatch(tmp_path, "doctor", DATABASE_URL=database_url)
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert "还没有系统管理员" in healthy.stdout
    assert "留意　签认：没有提供经办人员" in healthy.stdout
    bare = "http://desk.example"
    ailing = crossmatch(tmp_path, "doctor", DATABASE_URL=database_url, INBOX="nowhere", DESK_ORIGIN=bare)
    assert ailing.returncode == 1
    assert "inbox nowhere 不存在" in ailing.stdout
    assert f"不行　工作台：desk_origin {bare} 须为 https" in ailing.stdout
    unknown = crossmatch(tmp_path, "doctor", DATABASE_URL=database_url, ENGINE="abacus")
    assert "不行　比对引擎：未知的比对引擎 abacus" in unknown.stdout


def test_the_doctor_asks_for_the_migrations_that_are_missing(tmp_path: Path, empty_url: str) -> None:
    ran = crossmatch(tmp_path, "doctor", DATABASE_URL=empty_url)
    assert ran.returncode == 1
    assert "待遇库" in ran.stdout


def test_the_doctor_finds_out_that_nothing_can_be_written(tmp_path: Path, sqlite_template: Path) -> None:
    ran = crossmatch(tmp_path, "doctor", DATABASE_URL=f"sqlite:///file:{sqlite_template}?mode=ro&uri=true")
    assert (ran.returncode, "不行　待遇库：数据库文件只读" in ran.stdout) == (1, True), ran.stdout


@pytest.mark.parametrize(
    ("status", "message"),
    [(None, "没有运行记录"), ("running", "已中断"), ("failed", "出错"), ("held", "等待两人放行")],
)
def test_the_alarm_says_how_a_night_ended_that_did_not_finish(
    database: sa.Engine, database_url: str, status: str | None, message: str
) -> None:
    if status:
        _ran(database, status)
    with pytest.raises(CrossmatchError, match=message):
        upkeep.require_finished(Settings(database_url=database_url), NIGHT)


@pytest.mark.parametrize("status", ["failed", "held"])
def test_the_alarm_is_raised_when_a_later_attempt_of_a_finished_night_was_held_or_failed(
    database: sa.Engine, database_url: str, status: str
) -> None:
    _ran(database, "succeeded", hour=1)
    _ran(database, status, hour=2)
    with pytest.raises(CrossmatchError, match="，库里仍是较早一次的结果）"):
        upkeep.require_finished(Settings(database_url=database_url), NIGHT)
    _ran(database, "running", hour=3)
    with pytest.raises(CrossmatchError, match="，库里仍是较早一次的结果）"):
        upkeep.require_finished(Settings(database_url=database_url), NIGHT)


def test_a_night_that_is_being_run_again_alarms_nobody(database: sa.Engine, database_url: str) -> None:
    _ran(database, "succeeded", hour=1)
    _ran(database, "running", hour=2)
    assert upkeep.require_finished(Settings(database_url=database_url), NIGHT) == {"run_id": "run-1"}


def test_the_alarm_is_silent_when_a_later_attempt_finished_the_night(
    database: sa.Engine, database_url: str
) -> None:
    _ran(database, "failed", hour=1)
    _ran(database, "succeeded", hour=2)
    assert upkeep.require_finished(Settings(database_url=database_url), NIGHT) == {"run_id": "run-2"}


def test_frames_past_their_time_are_removed_and_newer_ones_stay(database_url: str, tmp_path: Path) -> None:
    for night in ("2026-04-30", "2026-05-01", "2026-05-31"):
        (tmp_path / "nights" / night).mkdir(parents=True)
    settings = Settings(database_url=database_url, store=tmp_path, retention_nights=30)
    assert upkeep.retain(settings, NIGHT)["removed_nights"] == 1
    assert sorted(p.name for p in (tmp_path / "nights").iterdir()) == ["2026-05-01", "2026-05-31"]


NIGHT = datetime(2026, 5, 31).date()


def _ran(database: sa.Engine, status: str, hour: int = 1) -> None:
    texts = dict.fromkeys(("policy", "policy_version", "code_version", "input_digest"), "x")
    row = {"run_id": f"run-{hour}", "as_of": NIGHT, "status": status, "counts": "{}", **texts}
    with database.begin() as connection:
        connection.execute(sa.insert(match_run).values(**row, started_at=datetime(2026, 5, 31, hour)))


def test_a_secret_may_be_handed_over_in_a_file_but_not_twice(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///secret.db\n", "utf-8")
    given = {"CROSSMATCH_DATABASE_URL_FILE": str(tmp_path / "url")}
    assert Settings.load(given).database_url == "sqlite:///secret.db"
    with pytest.raises(UsageError, match="只能设置一个"):
        Settings.load({**given, "CROSSMATCH_DATABASE_URL": "sqlite://"})
    with pytest.raises(UsageError, match="DATABASE_URL_FILE 所指的文件无法读取"):
        Settings.load({"CROSSMATCH_DATABASE_URL_FILE": str(tmp_path / "gone")})


def test_what_a_command_writes_is_read_by_its_group_and_by_nobody_else(tmp_path: Path) -> None:
    ran = crossmatch(tmp_path, "db", "upgrade", DATABASE_URL="sqlite:///made.db")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "made.db").stat().st_mode & 0o777 == 0o640
    assert crossmatch(tmp_path, "demo", "city", "--claims", "20", "--rows", "200").returncode == 0
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "city").rglob("*") if path.is_dir()}
    assert modes == {0o750}
