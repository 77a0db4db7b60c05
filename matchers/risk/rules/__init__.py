"""风险规则 — the rules, one module each; this is their register.

A rule's code is its module's name in capitals.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from matchers.risk.signals import Rule


@cache
def rules() -> dict[str, Rule]:
    """Every rule by code, in alphabetical order."""
    modules = (import_module(f"{__name__}.{m.name}") for m in iter_modules(__path__))
    return {m.RULE.code: m.RULE for m in modules}
