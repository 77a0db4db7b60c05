"""What whoever installs the product holds in hands: image, services, units, licence and bill of materials."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from docs import sbom
from pipelines.base.settings import Settings
from tests.conftest import REPOSITORY

UNITS = REPOSITORY / "deploy" / "systemd"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text("utf-8")
COMPOSE = (REPOSITORY / "compose.yaml").read_text("utf-8")


def test_the_image_is_built_from_the_lock_runs_as_nobody_special_and_names_no_host() -> None:
    assert "--no-deps --require-hashes -r requirements.lock" in DOCKERFILE
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert not re.search(r"https?://|index-url|find-links", DOCKERFILE)
    copied = set(re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    sources = {source for line in copied for source in line.split()}
    assert all((REPOSITORY / source).exists() for source in sources)
    wheel = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert set(wheel["targets"]["wheel"]["packages"]) <= sources
    allowed = {
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text("utf-8").split() if line[0] == "!"
    }
    assert sources == allowed


def test_the_services_keep_every_secret_in_a_file_and_open_no_port_to_the_network() -> None:
    assert not re.search(r"PASSWORD:|postgresql(\+psycopg)?://", COMPOSE)
    ports = re.findall(r'ports: \["([^"]+)"\]', COMPOSE)
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert {"database", "schema", "airflow", "desk"} <= set(
        re.findall(r"^  ([a-z-]+):$", COMPOSE, re.MULTILINE)
    )


def test_the_services_know_every_folder_of_the_settings_and_each_is_kept_outside_the_container() -> None:
    folders = {field.name for field in fields(Settings) if isinstance(field.default, Path)}
    stated = dict(re.findall(r"^ +CROSSMATCH_(\w+): (/srv/\S+)$", COMPOSE, re.MULTILINE))
    assert {name.lower() for name in stated} == folders
    assert all(
        re.search(rf"^ +- [\w./]+:{folder}(:ro)?$", COMPOSE, re.MULTILINE) for folder in stated.values()
    )
    made = re.search(r"install -d .*?\n(?=COPY)", DOCKERFILE, re.DOTALL)
    assert made
    assert set(stated.values()) <= set(made[0].split())


@pytest.mark.skipif(not shutil.which("docker"), reason="needs Docker")
def test_docker_reads_the_services() -> None:
    ran = subprocess.run(
        ["docker", "compose", "--file", str(REPOSITORY / "compose.yaml"), "config", "--quiet"],
        capture_output=True, text=True,
    )  # fmt: skip
    if "is not a docker command" in ran.stderr or "unknown" in ran.stderr:
        pytest.skip("needs the compose plugin of Docker")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_accepts_the_units_and_reads_the_times_in_shanghai(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text("utf-8").replace("/usr/local/lib/crossmatch/bin/crossmatch", sys.executable)
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = [str(unit) for unit in sorted(tmp_path.iterdir())]
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    about_ours = [line for line in ran.stderr.splitlines() if "crossmatch" in line]
    assert about_ours == []
    for timer in UNITS.glob("*.timer"):
        calendar = re.search(r"OnCalendar=(.+)", timer.read_text("utf-8"))
        assert calendar
        assert calendar[1].endswith("Asia/Shanghai")
        subprocess.run(["systemd-analyze", "calendar", calendar[1]], check=True, capture_output=True)


def test_every_timer_has_its_service_and_every_service_runs_a_command_that_there_is() -> None:
    from tests.test_cli import COMMANDS

    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
    for service in UNITS.glob("*.service"):
        text = service.read_text("utf-8")
        command = re.search(r"ExecStart=/usr/local/lib/crossmatch/bin/crossmatch (.+)", text)
        assert command
        assert tuple(command[1].split()) in COMMANDS
        assert "User=crossmatch" in text
        assert "UMask=0027" in text


def test_the_bill_of_materials_has_every_line_of_the_lock_and_is_the_same_each_time() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text("utf-8")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    bill = sbom.bill(lock, project)
    locked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^ ;\\]+)", lock, re.MULTILINE)
    assert [(c["name"], c["version"]) for c in bill["components"]] == locked
    assert sum(len(c["hashes"]) for c in bill["components"]) == lock.count("--hash=sha256:")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert json.dumps(bill) == json.dumps(sbom.bill(lock, project))
    marked = [c for c in bill["components"] if "properties" in c]
    assert len(marked) == len(re.findall(r"^[^#\s].* ; ", lock, re.MULTILINE))


def test_the_licence_is_the_one_that_the_metadata_names() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    text = (REPOSITORY / "LICENSE").read_text("utf-8")
    assert project["license"] == "MIT"
    assert project["license-files"] == ["LICENSE"]
    assert "MIT License" in text
