"""进程 — what a reader process does before anything else."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("a reader process has no use for pandas", name=name)


def without_pandas() -> None:
    """Keep pandas out of this process: pyarrow loads it where it can, a second and 60 MB for nothing."""
    sys.meta_path.insert(0, _WithoutPandas())
