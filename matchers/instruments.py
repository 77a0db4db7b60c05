"""法规与文件 — every instrument that may be cited, in one list: number, title, in force from and until."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Instrument:
    """One law, regulation or document; ``names``: short names; ``until``: ``None`` while it holds."""

    title: str
    number: str
    since: date
    until: date | None = None
    names: tuple[str, ...] = ()

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on that day; the day of ``until`` is the first on which it does not."""
        return self.since <= on and (self.until is None or on < self.until)

    def is_cited_in(self, words: str) -> bool:
        """Whether the words name it, by its title, a short name or its number."""
        return any(name in words for name in (self.title, self.number, *self.names))


@cache
def instruments() -> tuple[Instrument, ...]:
    """The list, as ``matchers/instruments.toml`` has it."""
    listed = tomllib.loads((files(__package__) / "instruments.toml").read_text("utf-8"))["instrument"]
    return tuple(Instrument(**{**one, "names": tuple(one.get("names", ()))}) for one in listed)


def cited_in(words: str) -> list[Instrument]:
    """The instruments that the words name, a longer title before one that is a part of it."""
    left, cited = words, []
    for one in sorted(instruments(), key=lambda i: len(i.title), reverse=True):
        if one.is_cited_in(left):
            cited.append(one)
            for name in (one.title, one.number, *one.names):
                left = left.replace(name, "")
    return cited
