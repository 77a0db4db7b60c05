"""The bill of materials of the lock, as CycloneDX JSON: ``python -m docs.sbom`` prints it.

The same lock gives the same bytes: no clock, and a serial number made of the lock itself.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str, project: dict[str, Any]) -> dict[str, Any]:
    """The bill of a lock's text; ``project`` is that table of ``pyproject.toml``."""
    entries = [entry for entry in lock.replace("\\\n", " ").splitlines() if entry and entry[0] not in "#-"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_OID, lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": [_component(entry) for entry in entries],
    }


def _component(entry: str) -> dict[str, Any]:
    requirement = Requirement(entry.partition("--hash")[0].strip())
    version = next(iter(requirement.specifier)).version
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{requirement.name}@{version}",
        "name": requirement.name,
        "version": version,
        "purl": f"pkg:pypi/{requirement.name}@{version}",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in HASH.findall(entry)],
    }
    if requirement.marker:
        component["properties"] = [{"name": "python:marker", "value": str(requirement.marker)}]
    return component


def main() -> None:
    """Prints the bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    print(json.dumps(bill(LOCK.read_text("utf-8"), project), ensure_ascii=False, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
