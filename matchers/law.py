"""口径 — a policy: which causes are in force, by which articles, with which dated and cited values.

A policy is ``matchers/policies/<name>.toml``, or such a file in ``policies`` of the folder that
``CROSSMATCH_SITE`` names; it may extend another. Changing one needs no code, so a slip in one is refused with
its file, its place and what to write instead. What may be set stands in ``values``.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from matchers.instruments import cited_in
from matchers.values import STOP_MONTH, VALUES, Declared, StopRule, declared

SITE = "CROSSMATCH_SITE"
CITED = re.compile(r"^(?P<key>[A-Z]+\d+)(?P<item>（.+）)?$")
SECTIONS = ("name", "title", "version", "extends", "laws", "causes", "values")
PARAPHRASE = "大意（引用前请核对原文）："
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
    """One article of a law.

    ``words``: to the letter, an omission marked by ……; where ``verbatim`` is false, what it says in short,
    because nobody has compared it with the text in force.
    """

    law: str
    article: str
    words: str
    verbatim: bool = True

    @property
    def title(self) -> str:
        """Law and article, as ``失业保险条例第十五条``."""
        return f"{self.law}{self.article}"

    @property
    def source(self) -> str:
        """Number and first day in force of its instrument, empty where that is not on the list."""
        return "；".join(f"{one.number}，{one.since} 起施行" for one in cited_in(self.law)[:1])

    @property
    def text(self) -> str:
        """Its words with their source, as people read them; a paraphrase says that it is one."""
        source = f"（{self.source}）" if self.source else ""
        return f"{'' if self.verbatim else PARAPHRASE}{self.words}{source}"


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

    def stop_rule(self, cause: str, on: date) -> StopRule:
        """The rule of a cause's stop month: its own ``stop_month_<cause>``, else the default."""
        own = f"{STOP_MONTH}_{cause.lower()}"
        return StopRule(self.value(own if own in self.values else STOP_MONTH, on))

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
        parts = CITED.match(citation)
        if parts is None:
            raise ValueError(f"not a citation: {citation}")
        return parts["key"], parts["item"] or ""


@cache
def policies() -> tuple[str, ...]:
    """The names of the policies there are."""
    return tuple(sorted(_sources()))


@cache
def policy(name: str) -> Policy:
    """The policy called ``name``, with what it extends. ``KeyError`` names the ones there are."""
    if name not in policies():
        raise KeyError(f"no policy {name}; there are {', '.join(policies())}")
    place, source = f"{name}.toml", _sources()[name]
    try:
        given = tomllib.loads(source.read_text("utf-8"))
    except ValueError as error:
        raise PolicyError(f"{place} 不是有效的 TOML（{error}）") from None
    _check(given, name)
    base = policy(given["extends"]) if "extends" in given else None
    laws = {k: _made(Article, v, f"{place} [laws] 的 {k}") for k, v in given.get("laws", {}).items()}
    causes = {k: tuple(v) for k, v in given.get("causes", {}).items()}
    _check_causes(causes, {**(base.laws if base else {}), **laws}, f"{place} [causes]")
    base_values = base.values if base else {}
    values = {
        k: _value(k, v, base_values.get(k), f"{place} [values.{k}]")
        for k, v in given.get("values", {}).items()
    }
    return Policy(
        name=given["name"],
        title=given["title"],
        version=given["version"],
        laws={**(base.laws if base else {}), **laws},
        causes={**(base.causes if base else {}), **causes},
        values={**base_values, **values},
    )


def _sources() -> dict[str, Traversable]:
    """The file of each policy by its name; ``PolicyError`` where the site's own is named as one of ours."""
    ours = _toml(files(__package__) / "policies")
    site = os.environ.get(SITE, "")
    folder = Path(site) / "policies"
    own = _toml(folder) if site and folder.is_dir() else {}
    if same := sorted(own.keys() & ours.keys()):
        raise PolicyError(f"{folder / same[0]}.toml 与内置的口径同名；请改用别的名字，并写 extends")
    return ours | own


def _toml(folder: Traversable) -> dict[str, Traversable]:
    return {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}


def _check(given: dict[str, Any], name: str) -> None:
    """The head of a policy: its sections, its name, its version and what it extends."""
    place = f"{name}.toml"
    if strange := sorted(given.keys() - set(SECTIONS)):
        raise PolicyError(f"{place} 有未知的键 {'、'.join(strange)}；可用：{'、'.join(SECTIONS)}")
    for key in ("name", "title", "version"):
        if not isinstance(given.get(key), str):
            raise PolicyError(f'{place} 缺少 {key}，或不是文字；应如 {key} = "…"')
    if given["name"] != name or not NAMED.fullmatch(name):
        raise PolicyError(f"{place} 的 name 应与文件名相同，只用小写字母、数字和下划线")
    if (extends := given.get("extends", name)) not in policies() or given.get("extends") == name:
        raise PolicyError(f"{place} 的 extends 应为另一口径，不能是 {extends}；可用：{'、'.join(policies())}")


def _check_causes(causes: Mapping[str, tuple[str, ...]], laws: Mapping[str, Article], place: str) -> None:
    for code, cited in causes.items():
        if code not in RULES:
            raise PolicyError(f"{place} 的 {code} 不是停领情形；情形是 matchers/causes 中的文件名，大写")
        if not cited:
            raise PolicyError(f"{place} 的 {code} 没有引用条文")
        for citation in cited:
            if (parts := CITED.match(citation)) is None or parts["key"] not in laws:
                raise PolicyError(
                    f"{place} 的 {code} 引用了 {citation}；应如 L51（一），条文须在 [laws]：{'、'.join(laws)}"
                )


def _made(kind: type[Made], given: Mapping[str, Any], place: str) -> Made:
    """A ``kind`` of what is given: every field that has no default, and no other than its fields."""
    wanted = [f.name for f in fields(kind) if f.default is MISSING]
    optional = {f.name: f.default for f in fields(kind) if f.default is not MISSING}
    if sorted(given.keys() - optional.keys()) != sorted(wanted):
        raise PolicyError(f"{place} 应恰有 {'、'.join(wanted)}{''.join(f'，可加 {n}' for n in optional)}")
    for name in optional.keys() & given.keys():
        if not isinstance(given[name], bool):
            raise PolicyError(f"{place} 的 {name} 应为 true 或 false")
    return kind(**given)


def _value(name: str, given: dict[str, Any], base: Value | None, place: str) -> Value:
    """The value as given; before it begins to hold, that of the policy it extends."""
    about = declared(name, RULES)
    if about is None:
        raise PolicyError(
            f"{place} 不是口径数值；可用：{'、'.join(VALUES)}，以及 {STOP_MONTH}_<情形的小写代码>"
        )
    if given.get("unit", about.unit) != about.unit:
        raise PolicyError(f"{place} 的单位是“{about.unit}”，不能另定；请删去 unit，按此单位填写 value")
    if sorted(given.keys() - {"unit"}) != ["dated"] or not given["dated"]:
        raise PolicyError(f"{place} 应只有 dated，且不为空")
    dated = [_dated(one, about, place) for one in given["dated"]]
    dated.sort(key=lambda d: d.since, reverse=True)
    before = (d for d in base.dated if d.since < dated[-1].since) if base else ()
    return Value(unit=about.unit, dated=(*dated, *before))


def _dated(given: Mapping[str, Any], about: Declared, place: str) -> Dated:
    made = _made(Dated, given, f"{place} 的 dated")
    if not isinstance(made.since, date):
        raise PolicyError(f"{place} 的 since 应为日期，不加引号，如 2026-01-01")
    value = about.accepts(made.value)
    if value is None:
        raise PolicyError(f"{place} 的 value 应为{about.form}（{about.unit}），不能是 {made.value!r}")
    return replace(made, value=value)
