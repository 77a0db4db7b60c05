"""What the code base promises about itself; each failure says what to do instead."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from expectations.feed import feeds
from matchers.causes import causes
from matchers.findings import Cause
from matchers.law import policies, policy
from matchers.people.resident_id import normalise
from sql.tables import AGENCY

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("dags", "expectations", "matchers", "pipelines", "sql")
LONGEST = 400
HEAVY = ("great_expectations", "recordlinkage", "pandas", "duckdb", "pyarrow")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGE_HOST = re.compile(r"py[p]i\.|[p]ythonhosted|[a]naconda\.org|/[s]imple/?\b", re.IGNORECASE)
HERE_OR_NOWHERE = r"127\.0\.0\.1[:/]|[\w.]*\.example\b|\{(?:host|name)\}:"
ANY_URL = re.compile(rf"https?://(?!www\.w3\.org/|schemas\.|{HERE_OR_NOWHERE})[^\s\"'<>)]+")
MACHINE_PATH = re.compile(r"(?<![\w.~*$)}-])/(?:wor[k]|roo[t]|hom[e]|op[t]|User[s]|far[m])/")
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")
NOBODY_LIVES_THERE = ("50019", "51029", "5135", "999")
DECLARED_AS = {"airflow": "apache-airflow"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that is tracked or about to be."""
    command = ["git", "-C", REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(
        path for name in sorted(listed.split("\0")) if name and (path := REPOSITORY / name).is_file()
    )


def texts() -> Iterator[tuple[str, str]]:
    """The name and the content of every text file."""
    for path in tracked():
        try:
            yield str(path.relative_to(REPOSITORY)), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def modules(*folders: str) -> list[Path]:
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(REPOSITORY).parts[0] in folders]


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    long = {
        str(p): n
        for p in tracked()
        if p.suffix == ".py" and (n := len(p.read_bytes().splitlines())) > LONGEST
    }
    assert not long, f"split along a seam of the domain: {long}"


def test_imports_follow_the_dependency_rule() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    checked = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout[-2000:]


def test_a_dag_file_loads_without_a_data_library() -> None:
    names = [f"dags.{path.stem}" for path in modules("dags") if path.stem != "__init__"]
    loads = f"import sys, {', '.join(names)}; print(*(m for m in {HEAVY} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", loads], cwd=REPOSITORY, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert loaded.stdout.split() == [], (
        "import it inside the task: every DAG file is parsed every few seconds"
    )


def test_the_command_line_answers_without_a_data_library() -> None:
    loads = f"import sys, pipelines.cli; print(*(m for m in {HEAVY} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", loads], cwd=REPOSITORY, capture_output=True, text=True)
    assert loaded.stdout.split() == [], "import it inside the command"


def test_no_file_names_a_package_host() -> None:
    hits = {name: hit[0] for name, text in texts() if (hit := PACKAGE_HOST.search(text))}
    assert not hits, f"the machine's own configuration says where packages come from: {hits}"


def test_no_file_points_outside() -> None:
    hits = {name: hit[0] for name, text in texts() if (hit := ANY_URL.search(text))}
    assert not hits, f"offices work without the internet; cite by name and date: {hits}"


def test_no_file_names_a_path_of_one_machine() -> None:
    hits = {name: hit[0] for name, text in texts() if (hit := MACHINE_PATH.search(text))}
    assert not hits, f"write it relative to the repository or to a setting: {hits}"


def test_no_file_holds_an_id_number_that_could_be_somebodys() -> None:
    numbers = {(name, hit[0]) for name, text in texts() for hit in ID_NUMBER.finditer(text)}
    real = {name for name, number in numbers if _could_exist(number)}
    assert not real, f"made-up people live in regions {NOBODY_LIVES_THERE}: {real}"


def _could_exist(number: str) -> bool:
    folded, kind, _ = normalise(number, frozenset())
    return kind in ("valid18", "valid15") and not folded.startswith(NOBODY_LIVES_THERE)


@pytest.mark.parametrize("cause", causes())
def test_every_cause_has_its_law_and_its_cases(cause: str) -> None:
    in_force = [name for name in policies() if cause in policy(name).causes]
    assert in_force, f"name {cause} in a file of matchers/policies"
    for name in in_force:
        assert all(article.words for article in policy(name).articles(cause))
    cases = REPOSITORY / "tests" / "causes" / f"{cause.lower()}.toml"
    assert tomllib.loads(cases.read_text("utf-8")), f"tell {cause} in sentences: {cases}"


def test_every_cause_that_a_policy_names_exists() -> None:
    assert {cause for name in policies() for cause in policy(name).causes} <= set(causes())


@pytest.mark.parametrize("cause", causes().values(), ids=causes())
def test_a_cause_rests_on_feeds_that_exist(cause: Cause) -> None:
    assert {*cause.feeds, *cause.needs} <= {*feeds(), *AGENCY.tables}


OURS = {*PACKAGES, "tests", "benchmarks", "docs"}


def test_every_imported_package_is_declared() -> None:
    declared = {canonicalize_name(Requirement(r).name) for r in _requirements()}
    owners = packages_distributions()
    missing = {}
    for path in modules(*PACKAGES, "tests", "benchmarks"):
        for name in (
            _imported(path) - set(sys.stdlib_module_names) - {*PACKAGES, "tests", "benchmarks", "docs"}
        ):
            owned_by = [DECLARED_AS[name]] if name in DECLARED_AS else owners.get(name, [])
            if not {canonicalize_name(owner) for owner in owned_by} & declared:
                missing[name] = path.name
    assert not missing, f"add it to pyproject.toml and run `make lock`: {missing}"


def _requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(r for extra in extras for r in extra)]


def _imported(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_holds_every_dependency_in_a_version_that_fits(lock: str) -> None:
    text = (REPOSITORY / lock).read_text("utf-8")
    pinned = {
        canonicalize_name(name): number for name, number in re.findall(r"^([\w.-]+)==(\S+)", text, re.M)
    }
    wanted = _requirements() if "dev" in lock else PROJECT["dependencies"]
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        if name != PROJECT["name"]:
            assert name in pinned, f"run `make lock`: {name} is missing from {lock}"
            assert requirement.specifier.contains(pinned[name]), f"run `make lock`: {name} {pinned[name]}"


def test_every_locked_package_carries_a_hash() -> None:
    for lock in REPOSITORY.glob("requirements*.lock"):
        for entry in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
            assert "--hash=sha256:" in entry, f"{lock.name}: {entry.splitlines()[0]}"


def test_the_wheel_ships_the_five_packages_and_what_they_read(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert {name.partition("/")[0] for name in shipped} == set(PACKAGES)
    ours = {
        str(p.relative_to(REPOSITORY)) for p in tracked() if p.relative_to(REPOSITORY).parts[0] in PACKAGES
    }
    assert ours <= shipped, f"not shipped: {sorted(ours - shipped)}"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_ours_and_nobody_elses(name: str) -> None:
    assert Path(str(importlib.import_module(name).__file__)).parent == REPOSITORY / name
