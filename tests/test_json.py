"""Every command that offers JSON prints one JSON value, and nothing else on its output."""

import json
from pathlib import Path

import pytest

from tests.faults.town import FIRST, Town, build_on_sqlite
from tests.test_cli import COMMANDS, crossmatch

DAY = FIRST.isoformat()
ASKED = {
    ("audit", "list"): [],
    ("audit", "show"): ["1"],
    ("audit", "verify"): [],
    ("backfill",): [DAY, DAY],
    ("check-delivery",): ["{file}", "--feed", "deaths"],
    ("cleanup", "plan"): [],
    ("cleanup", "report"): [],
    ("cleanup", "run"): [],
    ("cleanup", "status"): [],
    ("db", "downgrade"): ["heads"],
    ("db", "rehearse"): ["{home}/backup.db"],
    ("db", "status"): [],
    ("db", "transfer"): ["sqlite:///{home}/other.db"],
    ("db", "upgrade"): [],
    ("deliveries",): [],
    ("demo",): ["{home}/made", "--claims", "20", "--rows", "200"],
    ("desk", "account", "add"): ["second", "--name", "乙", "--role", "administrator"],
    ("desk", "account", "bind"): ["root", "--subject", ""],
    ("desk", "account", "list"): [],
    ("desk", "account", "lock"): ["root"],
    ("desk", "account", "reset"): ["root"],
    ("doctor",): [],
    ("laws",): [],
    ("metrics",): [],
    ("night",): [DAY],
    ("notify",): [DAY],
    ("report",): [DAY],
    ("risk",): [DAY[:7]],
    ("risk-sample",): [DAY[:7]],
    ("risk-impact",): ["--signed-on", DAY, "--by", "甲"],
    ("status",): [],
    ("summary",): [DAY],
    ("upkeep",): [DAY],
}
NEEDS_MORE_THAN_A_NIGHT = {
    ("cleanup", "decide"), ("cleanup", "explain"), ("cleanup", "export"), ("cleanup", "import-feedback"),
    ("cleanup", "undo"),
    ("cleanup", "score"), ("cleanup", "verify"), ("dispatch",), ("explain",), ("identity",),
    ("import-feedback",), ("release",), ("review",), ("risk-check",), ("risk-review",),
}  # fmt: skip
PRINTS_NO_ANSWER = {("db", "sql"), ("desk", "serve")}
OFFERED = {name for name, command in COMMANDS.items() if any(p.name == "as_json" for p in command.params)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = build_on_sqlite(tmp_path_factory.mktemp("json"))
    hire = ("desk", "account", "add", "root", "--name", "甲", "--role", "administrator")
    signed = ("risk-impact", "--signed-on", DAY, "--by", "甲")
    for arguments in (("night", DAY), hire, signed):
        assert crossmatch(town.home, *arguments, **_places(town)).returncode == 0
    return town


def _places(town: Town) -> dict[str, str]:
    return {"INBOX": "inbox", "STORE": "store", "REPORTS": "reports", "DATABASE_URL": town.url}


def _file(town: Town) -> Path:
    return next(p for p in sorted((town.home / "inbox").rglob("*")) if p.parent.name == "deaths")


def test_every_command_that_offers_json_is_asked_for_it() -> None:
    assert set(ASKED) | NEEDS_MORE_THAN_A_NIGHT == OFFERED


def test_every_command_offers_json_but_the_one_that_prints_sql_and_the_one_that_stays() -> None:
    assert set(COMMANDS) - OFFERED == PRINTS_NO_ANSWER


@pytest.mark.parametrize("name", sorted(ASKED), ids=" ".join)
def test_json_is_one_value_on_one_line(town: Town, name: tuple[str, ...]) -> None:
    arguments = [word.format(file=_file(town), home=town.home) for word in ASKED[name]]
    ran = crossmatch(town.home, *name, *arguments, "--json", **_places(town))
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    assert len(ran.stdout.splitlines()) == 1
    json.loads(ran.stdout)
