"""口径 — a policy: which causes are in force, by which articles, with which dated and cited values.

A policy is ``matchers/policies/<name>.toml``; it may extend another. Changing one needs no code.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

CITED = re.compile(r"^(?P<key>[A-Z]+\d+)(?P<item>（.+）)?$")


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a law, with its words."""

    law: str
    article: str
    words: str


@dataclass(frozen=True, slots=True)
class Dated:
    """One value, the day it begins to hold, and where it is written."""

    since: date
    value: Any
    cite: str


@dataclass(frozen=True, slots=True)
class Value:
    """A named value of a policy over time, newest first, with its unit."""

    unit: str
    dated: tuple[Dated, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one jurisdiction. ``causes``: cause code → citations such as ``L51（一）``."""

    name: str
    title: str
    version: str
    laws: Mapping[str, Article]
    causes: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Value]

    def value(self, name: str, on: date) -> Any:
        """The value called ``name`` as it held on that day; ``KeyError`` where there is none."""
        return self.dated(name, on).value

    def dated(self, name: str, on: date) -> Dated:
        """The same with its day and its citation."""
        for dated in self.values[name].dated:
            if dated.since <= on:
                return dated
        raise KeyError(f"{self.name}: {name} has no value on {on}")

    def stop_rule(self, cause: str, on: date) -> str:
        """``next_month`` or ``same_month`` for a cause: its own ``stop_month_<cause>``, else the default."""
        own = f"stop_month_{cause.lower()}"
        return str(self.value(own if own in self.values else "stop_month", on))

    def basis(self, cause: str) -> str:
        """The articles of a cause as people cite them: ``社会保险法第五十一条（一）；…``."""
        return "；".join(self._cite(c) for c in self.causes[cause])

    def articles(self, cause: str) -> list[Article]:
        """The articles a cause rests on, with their words."""
        return [self.laws[self._split(c)[0]] for c in self.causes[cause]]

    @property
    def stamp(self) -> str:
        """Name and version, as it stands on every candidate."""
        return f"{self.name}-{self.version}"

    def _cite(self, citation: str) -> str:
        key, item = self._split(citation)
        article = self.laws[key]
        return f"{article.law.removeprefix('中华人民共和国')}{article.article}{item}"

    @staticmethod
    def _split(citation: str) -> tuple[str, str]:
        found = CITED.match(citation)
        if found is None:
            raise ValueError(f"not a citation: {citation}")
        return found["key"], found["item"] or ""


@cache
def policies() -> tuple[str, ...]:
    """The names of the policies there are."""
    here = files(__package__) / "policies"
    return tuple(sorted(f.name.removesuffix(".toml") for f in here.iterdir() if f.name.endswith(".toml")))


@cache
def policy(name: str) -> Policy:
    """The policy called ``name``, with what it extends. ``KeyError`` names the ones there are."""
    if name not in policies():
        raise KeyError(f"no policy {name}; there are {', '.join(policies())}")
    source = (files(__package__) / "policies" / f"{name}.toml").read_text("utf-8")
    declared = tomllib.loads(source)
    base = policy(declared["extends"]) if "extends" in declared else None
    laws = {k: Article(**v) for k, v in declared.get("laws", {}).items()}
    causes = {k: tuple(v) for k, v in declared.get("causes", {}).items()}
    base_values = base.values if base else {}
    values = {k: _value(v, base_values.get(k)) for k, v in declared.get("values", {}).items()}
    return Policy(
        name=declared["name"],
        title=declared["title"],
        version=declared["version"],
        laws={**(base.laws if base else {}), **laws},
        causes={**(base.causes if base else {}), **causes},
        values={**base_values, **values},
    )


def _value(declared: dict[str, Any], base: Value | None) -> Value:
    """The value as declared; before it begins to hold, that of the policy it extends."""
    dated = sorted((Dated(**d) for d in declared["dated"]), key=lambda d: d.since, reverse=True)
    before = (d for d in base.dated if d.since < dated[-1].since) if base else ()
    return Value(unit=declared["unit"], dated=(*dated, *before))
