"""风险口径 — thresholds, duties and the values that only a city can give, each with day and citation.

``matchers/risk/policy.toml`` holds what is built in; a city's own TOML stands before it: its
``minimum_base``, ``deferral``, ``dummy_account``, ``reason_codes``, and any ``[values]`` set otherwise.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from matchers import months
from matchers.law import PolicyError

SECTIONS = ("values", "minimum_base", "deferral", "dummy_account", "reason_codes", "instrument")
FEN = 100
INVOLUNTARY, VOLUNTARY, OTHER = "involuntary", "voluntary", "other"


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """``values``: name → (since, value), newest first; the city's own lists as its TOML has them."""

    version: str
    values: Mapping[str, Sequence[tuple[date, Any]]]
    bases: Sequence[tuple[int, int]] = ()
    deferrals: Sequence[tuple[int, int, frozenset[str]]] = ()
    dummies: frozenset[str] = frozenset()
    codes: Sequence[tuple[date, Mapping[str, str]]] = ()
    instruments: Sequence[tuple[date, str, str, str]] = ()

    def value(self, name: str, on: date) -> Any:
        """The value as it held on that day; before its first day the first one holds."""
        dated = self.values[name]
        return next((value for since, value in dated if since <= on), dated[-1][1])

    def minimum_base(self, month: int) -> int | None:
        """The least contribution base of a month in fen; ``None`` where the city has given none."""
        return next((fen for since, fen in self.bases if since <= month), None)

    def reason(self, code: str, on: date) -> str:
        """What a code of the reduction form means on the day of filing; empty where the map is silent."""
        return next((codes.get(code, "") for since, codes in self.codes if since <= on), "")

    def instrument(self, kind: str, on: date) -> str:
        """The instrument in force on a day for a kind of subject (个人, 单位), with its lawyer, or empty."""
        return next(
            (f"{cite}（{lawyer}，自 {since}）" for since, of, cite, lawyer in self.instruments
             if of == kind and since <= on), "",
        )  # fmt: skip

    def lacks(self, name: str) -> bool:
        """Whether the city has given nothing under that name."""
        return not {"minimum_base": self.bases, "reason_codes": self.codes}[name]


def read(given: Mapping[str, Any] | None = None, place: str = "") -> RiskPolicy:
    """The built-in values with the city's own before them; ``PolicyError`` names what cannot be read."""
    own = dict(given or {})
    built = tomllib.loads((files(__package__) / "policy.toml").read_text("utf-8"))
    if strange := sorted(own.keys() - set(SECTIONS)):
        raise PolicyError(f"{place} 有未知的键 {'、'.join(strange)}；可用：{'、'.join(SECTIONS)}")
    if unknown := sorted(own.get("values", {}).keys() - built["values"].keys()):
        raise PolicyError(f"{place} [values] 有未知的数值 {'、'.join(unknown)}")
    try:
        return _made(built, own)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(
            f"{place} 无法读取（{type(error).__name__} {error}）；样式见 docs/risk.md"
        ) from None


def _made(built: Mapping[str, Any], own: Mapping[str, Any]) -> RiskPolicy:
    stamp = json.dumps(own, sort_keys=True, default=str, ensure_ascii=False)
    version = f"risk-{built['version']}" + (
        f"+{hashlib.sha256(stamp.encode()).hexdigest()[:8]}" if own else ""
    )
    values = {
        name: _newest_first([(d["since"], d["value"]) for d in own.get("values", {}).get(name, dated)])
        for name, dated in built["values"].items()
    }
    return RiskPolicy(
        version=version,
        values=values,
        bases=_newest_first([(months.of(d["since"]), d["yuan"] * FEN) for d in own.get("minimum_base", ())]),
        deferrals=[
            (months.number(d["first"]), months.number(d["last"]), frozenset(d["employer_kinds"]))
            for d in own.get("deferral", ())
        ],
        dummies=frozenset(n for d in own.get("dummy_account", ()) for n in d["numbers"]),
        instruments=sorted(
            ((d["since"], d["subject"], d["cite"], d["lawyer"]) for d in own.get("instrument", ())),
            reverse=True,
        ),
        codes=_newest_first([(d["since"], _codes(d)) for d in own.get("reason_codes", ())]),
    )


def _codes(dated: Mapping[str, Any]) -> dict[str, str]:
    return {code: kind for kind in (INVOLUNTARY, VOLUNTARY, OTHER) for code in dated.get(kind, ())}


def _newest_first(dated: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return sorted(dated, key=lambda d: d[0], reverse=True)
