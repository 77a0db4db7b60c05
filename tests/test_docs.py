"""The documents say what is there: glossary, commands, settings, dependencies, links."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from docs import reference
from expectations.feed import feeds
from matchers.causes import causes
from matchers.findings import EVERY_CAUSE, TIER_WORDS
from matchers.links import LINK_WORDS
from pipelines.base.settings import PREFIX, Settings
from pipelines.deliveries import manifest
from pipelines.reports import words
from sql.desk_tables import DESK
from sql.tables import AGENCY, OURS, UPKEEP
from tests.conftest import REPOSITORY
from tests.test_cli import COMMANDS, crossmatch

PAGES = sorted(p for p in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
DOCS = {page: page.read_text("utf-8") for page in PAGES}
GLOSSARY = DOCS[REPOSITORY / "docs" / "glossary.md"]
OPERATING = DOCS[REPOSITORY / "docs" / "operating.md"]
COMMAND_PAGE = DOCS[REPOSITORY / "docs" / "commands.md"]
SETTING_PAGE = DOCS[REPOSITORY / "docs" / "settings.md"]
RELIABILITY = DOCS[REPOSITORY / "docs" / "reliability.md"]
TESTS = {
    name
    for file in REPOSITORY.glob("tests/**/*.py")
    for name in re.findall(r"(?m)^def (test_\w+)", file.read_text("utf-8"))
}
ROW = re.compile(r"^\| (?P<chinese>[^|]+) \| `(?P<code>\w+)` \|", re.MULTILINE)
SAYS_CHINESE = re.compile(r"[一-鿿]")


def _columns() -> dict[str, str | None]:
    return {column: None for feed in feeds().values() for column in feed.columns}


def _reasons() -> dict[str, str | None]:
    used: dict[str, list[str]] = {}
    for cause in causes().values():
        for code, sentence in cause.words.items():
            used.setdefault(code, []).append(sentence)
    for code, sentence in EVERY_CAUSE.items():
        used.setdefault(code, []).append(sentence)
    return {code: "；".join(dict.fromkeys(sentences)) for code, sentences in used.items()}


def _tables() -> dict[str, str | None]:
    return {table: None for metadata in (AGENCY, OURS, UPKEEP, DESK) for table in metadata.tables}


SECTIONS: dict[str, Mapping[str, str | None]] = {
    "数据源": {feed.name: feed.title for feed in feeds().values()},
    "数据列": _columns(),
    "停领情形": {cause.code: cause.title for cause in causes().values()},
    "疑点等级": TIER_WORDS,
    "匹配层级": LINK_WORDS,
    "疑点状态": words.STATUS,
    "批次状态": words.HEALTH,
    "待遇项目": words.BENEFIT,
    "理由": _reasons(),
    "身份问题": words.QUESTION,
    "提示与补件": {**words.NOTICE, **words.REQUEST},
    "退回行的原因": words.REJECT,
    "表": _tables(),
}


@pytest.mark.parametrize("page", reference.pages())
def test_a_page_made_of_the_code_is_as_make_docs_writes_it(page: str) -> None:
    assert DOCS[REPOSITORY / "docs" / page] == reference.pages()[page], "make docs"


@pytest.mark.parametrize("title", SECTIONS)
def test_the_glossary_holds_every_word_of_the_code_once_and_in_chinese(title: str) -> None:
    _, _, rest = GLOSSARY.partition(f"## {title}\n")
    rows = [(row["code"], row["chinese"]) for row in ROW.finditer(rest.partition("\n## ")[0])]
    twice = [code for code, n in Counter(code for code, _ in rows).items() if n > 1]
    assert not twice
    assert dict(rows).keys() == SECTIONS[title].keys()
    for code, chinese in rows:
        assert SAYS_CHINESE.search(chinese), code
        assert SECTIONS[title][code] in (None, chinese), f"the code says {SECTIONS[title][code]} for {code}"


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_a_command_stands_in_the_documents(name: tuple[str, ...]) -> None:
    _, _, section = COMMAND_PAGE.partition(f"## crossmatch {' '.join(name)}\n")
    described = section.partition("\n## ")[0]
    asked = [p for p in COMMANDS[name].params if p.name != "help"]
    options = {option for p in asked for option in p.opts if option.startswith("--")}
    assert {option for option in options if f"`{option}`" not in described} == set()
    assert [p.name for p in asked if f"| {reference.cell(p.help)} |" not in described] == []
    assert str(COMMANDS[name].help).partition("\n")[0] in described


def test_the_documents_backfill_as_the_command_line_says(tmp_path: Path) -> None:
    printed = crossmatch(tmp_path, "backfill", "2026-03-01", "2026-03-12", "--airflow").stdout.strip()
    assert f"`{printed}`" in OPERATING
    assert printed.partition(" --to-date")[0] in (REPOSITORY / "dags" / "nightly_match.py").read_text("utf-8")


def test_the_commands_for_airflow_run_the_nights_that_the_backfill_would_run(tmp_path: Path) -> None:
    asked = ("backfill", "2026-03-01", "2026-04-12", "--airflow", "--every", "month")
    printed = crossmatch(tmp_path, *asked).stdout.splitlines()
    spans = [re.findall(r"-date (\S+)", line) for line in printed]
    assert spans == [["2026-03-31", "2026-03-31T23:59:59"], ["2026-04-12", "2026-04-12T23:59:59"]]
    assert json.loads(crossmatch(tmp_path, *asked, "--json").stdout) == {"commands": printed}


def test_a_command_that_the_documents_name_exists() -> None:
    existing = {" ".join(name[:depth]) for name in COMMANDS for depth in (1, 2)}
    named = {
        m[1] for text in DOCS.values() for m in re.finditer(r"(?<![\w/.])crossmatch ([a-z][a-z-]+)\b", text)
    }
    assert named <= existing


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: str(setting.name))
def test_a_setting_stands_in_the_example_with_its_default_and_in_the_documents(setting: object) -> None:
    name = getattr(setting, "name", "")
    default = getattr(Settings(), name)
    example = tomllib.loads((REPOSITORY / "crossmatch.example.toml").read_text("utf-8"))
    assert example[name] == (str(default) if isinstance(default, Path) else default)
    shown = f"`{default}`" if not isinstance(default, int) else str(default)
    in_file_only = isinstance(default, dict)
    variable = "" if in_file_only else f"`{PREFIX}{name.upper()}`"
    assert f"| `{name}` | {variable} | {'' if in_file_only else shown} |" in SETTING_PAGE


def test_the_example_has_no_setting_that_does_not_exist() -> None:
    example = tomllib.loads((REPOSITORY / "crossmatch.example.toml").read_text("utf-8"))
    assert set(example) == {setting.name for setting in fields(Settings)}


def test_a_dependency_has_its_reason() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    names = {Requirement(requirement).name for requirement in declared} - {project["name"]}
    reasons = DOCS[REPOSITORY / "docs" / "decisions" / "0006-dependencies.md"]
    assert set(re.findall(r"`([\w-]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", reasons, re.M)))) == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!#)([^)#]+)", DOCS[page])
    lost = [target for target in targets if not (page.parent / target).exists()]
    assert not lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_file_that_a_document_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:dags|pipelines|matchers|expectations|sql|tests|docs)/[\w./-]*)`", DOCS[page])
    lost = [name for name in named if not (REPOSITORY / name).exists()]
    assert not lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_a_test_that_a_document_names_exists(page: Path) -> None:
    assert set(re.findall(r"`(test_\w+)`", DOCS[page])) <= TESTS


def test_every_fault_of_the_matrix_has_its_tests_and_its_trials_are_run() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \| .+? \| (.*?) \| (.*?)\s*\|$", RELIABILITY)
    assert {int(number) for number, _, _ in rows} == {*range(1, 25), *range(33, 40), 41, 43, 45}
    assert [number for number, tests, _ in rows if "`test_" not in tests] == []
    program = (REPOSITORY / "tests" / "faults" / "__main__.py").read_text("utf-8")
    kinds = {kind for _, _, trials in rows for kind in re.findall(r"`(\w+)`", trials)}
    assert {kind for kind in kinds if f'"{kind}"' not in program} == set()


def test_a_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {m[1] for text in DOCS.values() for m in re.finditer(r"(?m)(?:^|`)make ([a-z]+)\b", text)}
    assert named <= targets


def test_the_demo_of_the_readme_has_the_variables_of_make_demo() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8").replace("$(DEMO)", "demo")
    made = dict(re.findall(r"^demo desk: export (CROSSMATCH_\w+) := (.+)$", makefile, re.MULTILINE))
    readme = DOCS[REPOSITORY / "README.zh-CN.md"]
    stated = re.findall(r'(CROSSMATCH_[A-Z_]+)=(?:"([^"]*)"|(\S+))', readme)
    assert {name: quoted or plain for name, quoted, plain in stated} == made


def test_every_key_of_a_manifest_is_in_the_documents_and_the_example_is_one() -> None:
    section = OPERATING.partition("### 控制文件")[2].partition("\n## ")[0]
    example = section.partition("```\n")[2].partition("```")[0].replace("六十四位十六进制", "0" * 64)
    stated = json.loads(example)
    assert set(stated) == set(manifest.KEYS)
    assert set(stated["files"]["录用.txt"]) == set(manifest.FILE_KEYS)
    assert manifest.parse(example.encode()).rows == 1883
    offered = re.search("`encoding` 可用 (.+?)，", section)
    assert offered
    read = {manifest.parse(json.dumps({"encoding": one}).encode()).encoding for one in offered[1].split("、")}
    assert read == set(manifest.ENCODINGS.values())
