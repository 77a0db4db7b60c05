"""本地目录 — what an agency keeps of its own outside the package: the folder that ``CROSSMATCH_SITE`` names.

::

    <site>/crossmatch.toml     settings, where neither the environment nor the working folder has them
    <site>/policies/*.toml     policies beside ours (``matchers/law.py``)
    <site>/feeds/*.toml        headings and bounds, laid over ours (``expectations/feed.py``)
    <site>/districts.toml      names of handling agencies, before ours
    <site>/notices/*.docx      templates of notices, unless ``notice_templates`` is set
    <site>/risk.toml           values for fund risk, unless ``risk_policy`` is set

Each part may be missing; then what is built in holds.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from expectations.local import SITE
from pipelines.base.errors import UsageError

NAMED = {"notice_templates": "notices", "risk_policy": "risk.toml"}


def part(name: str, environment: Mapping[str, str] | None = None) -> Path | None:
    """The file or folder of that name in the site's folder; None where there is no such.

    ``UsageError`` where a folder is named that does not exist.
    """
    env = os.environ if environment is None else environment
    if not env.get(SITE):
        return None
    site = Path(env[SITE])
    if not site.is_dir():
        raise UsageError(f"本地目录 {site} 不存在（{SITE}）")
    return site / name if (site / name).exists() else None


def named(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that the site's parts stand for, by name."""
    parts = {setting: part(name, environment) for setting, name in NAMED.items()}
    return {setting: str(path) for setting, path in parts.items() if path}
