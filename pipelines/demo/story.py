"""剧本 — what makes a function a story: a decorator that names the sentences of the rules it plays.

A story takes a ``Case``, lets agencies report their facts, and gives back the findings that the night must
make; an innocent story gives back nothing. To add one, write the function; everything else finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from pipelines.demo.case import Case, Finding
from pipelines.demo.claims import ACTIVE, Shape

Play = Callable[[Case], list[Finding] | None]

_registered: Final[list["Story"]] = []


@dataclass(frozen=True, slots=True)
class Story:
    """``plays``: causes and exclusion reasons. ``staged``: it says itself how the person is written."""

    name: str
    play: Play
    plays: frozenset[str]
    shape: Shape
    staged: bool

    @property
    def guilty(self) -> bool:
        """The night must make a finding."""
        return any(word.isupper() for word in self.plays)


def story(*plays: str, shape: Shape = ACTIVE, staged: bool = False) -> Callable[[Play], Play]:
    """Makes the decorated function a story, named after it."""

    def register(play: Play) -> Play:
        _registered.append(Story(play.__name__.replace("_", "-"), play, frozenset(plays), shape, staged))
        return play

    return register


@cache
def stories() -> tuple[Story, ...]:
    """Every story of ``pipelines.demo.stories``, by module and then in the order of the module."""
    package = import_module("pipelines.demo.stories")
    for module in sorted(module.name for module in iter_modules(package.__path__)):
        import_module(f"{package.__name__}.{module}")
    return tuple(_registered)
