"""口径 — a policy: which causes are in force, by which articles, with which dated and cited values.

A policy is ``matchers/policies/<name>.toml``; it may extend another. Changing one needs no code, so a slip in
one is told with its file and place.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

CITED = re.compile(r"^(?P<key>[A-Z]+\d+)(?P<item>（.+）)?$")
SECTIONS = ("name", "title", "version", "extends", "laws", "causes", "values")
NAMED = re.compile(r"[a-z0-9_]+")
RULES = frozenset(
    f.name.removesuffix(".py").upper()
    for f in (files(__package__) / "causes").iterdir()
    if f.name.endswith(".py") and not f.name.startswith("_")
)
Made = TypeVar("Made", "Article", "Dated")


class PolicyError(ValueError):
    """A policy's TOML is not what it should be; the message names the file, the place and what is wrong."""


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
    place, source = f"{name}.toml", files(__package__) / "policies" / f"{name}.toml"
    try:
        declared = tomllib.loads(source.read_text("utf-8"))
    except ValueError as error:
        raise PolicyError(f"{place} 不是有效的 TOML（{error}）") from None
    _check(declared, name)
    base = policy(declared["extends"]) if "extends" in declared else None
    laws = {k: _made(Article, v, f"{place} [laws] 的 {k}") for k, v in declared.get("laws", {}).items()}
    causes = {k: tuple(v) for k, v in declared.get("causes", {}).items()}
    _check_causes(causes, {**(base.laws if base else {}), **laws}, f"{place} [causes]")
    base_values = base.values if base else {}
    values = {
        k: _value(v, base_values.get(k), f"{place} [values.{k}]")
        for k, v in declared.get("values", {}).items()
    }
    return Policy(
        name=declared["name"],
        title=declared["title"],
        version=declared["version"],
        laws={**(base.laws if base else {}), **laws},
        causes={**(base.causes if base else {}), **causes},
        values={**base_values, **values},
    )


def _check(declared: dict[str, Any], name: str) -> None:
    """The head of a policy: its sections, its name, its version and what it extends."""
    place = f"{name}.toml"
    if strange := sorted(declared.keys() - set(SECTIONS)):
        raise PolicyError(f"{place} 有未知的键 {'、'.join(strange)}；可用：{'、'.join(SECTIONS)}")
    for key in ("name", "title", "version"):
        if not isinstance(declared.get(key), str):
            raise PolicyError(f'{place} 缺少 {key}，或不是文字；应如 {key} = "…"')
    if declared["name"] != name or not NAMED.fullmatch(name):
        raise PolicyError(f"{place} 的 name 应与文件名相同，只用小写字母、数字和下划线")
    if (extends := declared.get("extends", name)) not in policies() or declared.get("extends") == name:
        raise PolicyError(f"{place} 的 extends 应为另一口径，不能是 {extends}；可用：{'、'.join(policies())}")


def _check_causes(causes: Mapping[str, tuple[str, ...]], laws: Mapping[str, Article], place: str) -> None:
    for code, cited in causes.items():
        if code not in RULES:
            raise PolicyError(f"{place} 的 {code} 不是停领情形；情形是 matchers/causes 中的文件名，大写")
        if not cited:
            raise PolicyError(f"{place} 的 {code} 没有引用条文")
        for citation in cited:
            if (found := CITED.match(citation)) is None or found["key"] not in laws:
                raise PolicyError(
                    f"{place} 的 {code} 引用了 {citation}；应如 L51（一），条文须在 [laws]：{'、'.join(laws)}"
                )


def _made(kind: type[Made], declared: Mapping[str, Any], place: str) -> Made:
    """A ``kind`` of what is declared, which has just its fields."""
    wanted = [f.name for f in fields(kind)]
    if sorted(declared) != sorted(wanted):
        raise PolicyError(f"{place} 应恰有 {'、'.join(wanted)}")
    return kind(**declared)


def _value(declared: dict[str, Any], base: Value | None, place: str) -> Value:
    """The value as declared; before it begins to hold, that of the policy it extends, whose unit it keeps."""
    given = {"unit": base.unit, **declared} if base else declared
    if sorted(given) != ["dated", "unit"] or not given["dated"]:
        raise PolicyError(f"{place} 应有 unit 和 dated")
    dated = [_made(Dated, d, f"{place} 的 dated") for d in given["dated"]]
    for one in dated:
        if not isinstance(one.since, date):
            raise PolicyError(f"{place} 的 since 应为日期，不加引号，如 2026-01-01")
        if base and not isinstance(one.value, _kinds(base.dated[0].value)):
            raise PolicyError(f"{place} 的 value 应如 {base.dated[0].value!r}（{base.unit}）")
    dated.sort(key=lambda d: d.since, reverse=True)
    before = (d for d in base.dated if d.since < dated[-1].since) if base else ()
    return Value(unit=given["unit"], dated=(*dated, *before))


def _kinds(value: Any) -> tuple[type, ...]:
    """The types that may stand where ``value`` stands: a whole number is a number too."""
    return (float, int) if isinstance(value, float) else (type(value),)
