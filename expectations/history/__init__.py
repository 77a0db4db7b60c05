"""历史数据约定 — the datasets of a clean-up, declared like feeds; nights never read them."""

from functools import cache
from importlib.resources import files

from expectations.feed import EVERY, Feed, load
from expectations.local import read

__all__ = ["datasets"]


@cache
def datasets() -> dict[str, Feed]:
    """Every dataset by name, in alphabetical order; ``ContractError`` where a TOML is not what it should
    be.
    """
    every = read(files("expectations") / f"{EVERY}.toml")
    here = sorted(
        f.name.removesuffix(".toml") for f in files(__package__).iterdir() if f.name.endswith(".toml")
    )
    return {name: load(name, read(files(__package__) / f"{name}.toml"), every) for name in here}
