"""停领情形 — the causes, one module each; this is their register.

To add one, write ``matchers/causes/<cause>.py`` with a ``CAUSE``, name it in a policy, and write
``tests/causes/<cause>.toml``. The code of a cause is its module's name in capitals.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from matchers.findings import Cause


@cache
def causes() -> dict[str, Cause]:
    """Every cause by code, in alphabetical order."""
    modules = (import_module(f"{__name__}.{m.name}") for m in iter_modules(__path__))
    return {m.CAUSE.code: m.CAUSE for m in modules}
