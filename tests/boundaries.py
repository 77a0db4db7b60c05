"""Frames at the boundaries of functions: which annotations name no declared frame, and what passes by in a
run that is not as declared.
"""

import ast
import inspect
import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType, FunctionType, UnionType
from typing import Any, Union, get_args, get_origin

import pandas as pd

from matchers.schemas import schemas

OFTEN = 2


def nameless_fields(folder: Path) -> list[str]:
    """``module.Class.field`` of every field under ``folder`` that holds a frame without a name."""
    return [
        f"{path.stem}.{holder.name}.{ast.unparse(one.target)}"
        for path, tree in _trees(folder)
        for holder in ast.walk(tree)
        if isinstance(holder, ast.ClassDef)
        for one in holder.body
        if isinstance(one, ast.AnnAssign) and _bare(one.annotation)
    ]


def nameless_functions(folder: Path) -> list[str]:
    """``module.function`` of every public function under ``folder`` that takes or gives such a frame."""
    return [
        f"{path.stem}.{one.name}"
        for path, tree in _trees(folder)
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
        if _bare(one.returns) or any(_bare(a.annotation) for a in (*one.args.args, *one.args.kwonlyargs))
    ]


def _trees(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def _bare(annotation: ast.expr | None) -> bool:
    return annotation is not None and "DataFrame" in ast.unparse(annotation)


@dataclass
class Passage:
    """What passed: ``names`` of the declared frames that were seen, ``faults`` by function and place."""

    names: set[str] = field(default_factory=set)
    faults: dict[str, list[str]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)

    def see(self, place: str, annotation: object, value: Any) -> None:
        """Hold a value against its annotation, a tuple part by part; what may be missing, if it is there."""
        for name in getattr(annotation, "__metadata__", ()):
            if isinstance(value, pd.DataFrame) and self.times[place] < OFTEN:
                self.times[place] += len(value) > 0
                self.names.add(name)
                if faults := schemas()[name].faults(value):
                    self.faults[place] = faults
        if isinstance(value, tuple):
            for n, (part, own) in enumerate(zip(get_args(annotation), value, strict=False)):
                self.see(f"{place}[{n}]", part, own)
        if get_origin(annotation) in (Union, UnionType):
            for one in get_args(annotation):
                self.see(place, one, value)


@contextmanager
def watched(*rooms: str) -> Iterator[Passage]:
    """Everything that passes the annotated functions of the packages ``rooms`` while the block runs."""
    by_code = dict(pair for room in rooms for pair in _functions(room))
    passage = Passage()

    def profile(frame: FrameType, event: str, value: Any) -> None:
        function = by_code.get(frame.f_code)
        if function is None:
            return
        place, hints = f"{function.__module__}.{function.__qualname__}", function.__annotations__
        if event == "call":
            for name, hint in hints.items():
                passage.see(f"{place}({name})", hint, frame.f_locals.get(name))
        elif event == "return":
            passage.see(f"{place} ->", hints.get("return"), value)

    sys.setprofile(profile)
    try:
        yield passage
    finally:
        sys.setprofile(None)


def _functions(room: str) -> Iterator[tuple[CodeType, FunctionType]]:
    package = import_module(room)
    inner = pkgutil.walk_packages(package.__path__, f"{room}.")
    for module in (package, *(import_module(one.name) for one in inner)):
        for thing in vars(module).values():
            for function in (thing, *vars(thing).values()) if inspect.isclass(thing) else (thing,):
                if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                    yield function.__code__, function
