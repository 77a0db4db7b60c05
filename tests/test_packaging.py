"""What whoever installs the product holds in hands: image, services, units, licence and bill of materials."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from docs import sbom
from pipelines.base.settings import Settings
from tests.conftest import REPOSITORY

UNITS = REPOSITORY / "deploy" / "systemd"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text("utf-8")
COMPOSE = (REPOSITORY / "compose.yaml").read_text("utf-8")
SERVED = yaml.safe_load(COMPOSE)
SERVICES = SERVED["services"]
LASTING = sorted(name for name, service in SERVICES.items() if service["restart"] != "no")


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


def test_the_image_has_one_python_from_which_airflow_reads_the_dags_and_packages_of_the_lock_alone() -> None:
    (base,) = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    version = re.fullmatch(r"python:(3\.\d+)-slim", base)
    assert version
    assert f"/lib/python{version[1]}/site-packages/dags" in COMPOSE
    installed = re.findall(r"bin/pip install (.+)", DOCKERFILE)
    assert len(installed) == 2
    assert all("--no-deps" in words for words in installed)


def test_the_database_is_reached_by_a_socket_that_every_service_of_ours_mounts_and_by_no_network() -> None:
    database = SERVICES["database"]
    assert database["command"] == ["postgres", "-c", "listen_addresses="]
    assert "--auth-local=scram-sha-256" in database["environment"]["POSTGRES_INITDB_ARGS"]
    assert "ports" not in database
    assert all("socket:/var/run/postgresql" in service["volumes"] for service in SERVICES.values())
    by_airflow = SERVICES["airflow"]["environment"]  # it would derive an address for a driver not in the lock
    assert len({by_airflow[f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN{one}_CMD"] for one in ("", "_ASYNC")}) == 1
    explained = (REPOSITORY / "docs" / "operating.md").read_text("utf-8")
    assert "@/benefit?host=/var/run/postgresql" in explained


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"database"}))
def test_every_service_of_ours_runs_the_image_as_nobody_special_on_a_file_system_it_cannot_write(
    name: str,
) -> None:
    service = SERVICES[name]
    user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user
    assert (service["image"], service["user"], service["read_only"]) == ("benefit-crossmatch", user[1], True)
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


@pytest.mark.parametrize("name", LASTING)
def test_every_service_that_stays_up_says_how_to_see_that_it_is_well(name: str) -> None:
    asked = SERVICES[name]["healthcheck"]["test"]
    assert asked[0] == "CMD"
    if asked[1:3] == ["python", "-c"]:
        compile(asked[3], name, "exec")
        (inside,) = {port.rpartition(":")[2] for port in SERVICES[name]["ports"]}
        assert inside in asked[3]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_reads_secrets_keeps_volumes_and_awaits_services_that_there_are(name: str) -> None:
    service = SERVICES[name]
    secrets = set(service["secrets"])
    assert secrets <= set(SERVED["secrets"])
    read = re.findall(r"/run/secrets/(\w+)", json.dumps(service["environment"]))
    assert set(read) == secrets
    for volume in service["volumes"]:
        kept = volume.partition(":")[0]
        assert kept in SERVED["volumes"] if "/" not in kept else kept.startswith("./")
    for awaited, when in service.get("depends_on", {}).items():
        condition = when["condition"]
        assert condition == "service_healthy" or awaited not in LASTING
        assert condition == "service_completed_successfully" or "healthcheck" in SERVICES[awaited]


def test_no_folder_of_the_machine_is_mounted_but_what_arrives_and_what_there_is() -> None:
    mounted = {
        volume.partition(":")[0]: volume for service in SERVICES.values() for volume in service["volumes"]
    }
    ours = {place: volume for place, volume in mounted.items() if "/" in place}
    assert all(volume.endswith(":ro") for volume in ours.values())
    arriving = {"./inbox", "./history"}
    assert all((REPOSITORY / place).exists() for place in ours.keys() - arriving)


def test_the_desk_has_a_role_and_an_address_of_its_own_and_every_secret_is_explained() -> None:
    urls = {
        name: service["environment"].get("CROSSMATCH_DATABASE_URL_FILE")
        for name, service in SERVICES.items()
        if name in ("schema", "airflow", "desk")
    }
    assert len(set(urls.values())) == len(urls)
    assert SERVICES["desk"]["environment"]["CROSSMATCH_DESK_ORIGIN"].startswith("${CROSSMATCH_DESK_ORIGIN:?")
    explained = (REPOSITORY / "docs" / "operating.md").read_text("utf-8")
    assert all(f"`{name}`" in explained for name in SERVED["secrets"])


@pytest.mark.skipif(not shutil.which("docker"), reason="needs Docker")
def test_docker_reads_the_services() -> None:
    ran = subprocess.run(
        ["docker", "compose", "--file", str(REPOSITORY / "compose.yaml"), "config", "--quiet"],
        capture_output=True, text=True, env={**os.environ, "CROSSMATCH_DESK_ORIGIN": "https://desk.example"},
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
