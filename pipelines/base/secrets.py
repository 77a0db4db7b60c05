"""口令与密钥 — a secret from the environment, or from the file that ``<NAME>_FILE`` names.

A file is what a container or a service manager hands a secret over in; its last line break is not part of it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pipelines.base.errors import UsageError

FILE = "_FILE"


def secret(name: str, environment: Mapping[str, str] | None = None) -> str:
    """What ``name`` holds, empty where it is not given; ``UsageError`` where given twice or unreadable."""
    env = os.environ if environment is None else environment
    value, path = env.get(name, ""), env.get(name + FILE, "")
    if value and path:
        raise UsageError(f"环境变量 {name} 与 {name}{FILE} 只能设置一个")
    if not path:
        return value
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{name}{FILE} 所指的文件无法读取") from None
