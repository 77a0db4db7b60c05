"""中断点 — named places of a night at which a test may end it; in production nobody listens.

A point stands before and after everything that outlasts the process: a renamed file, a committed transaction,
a lock. ``tests/faults`` kills a night at every one and runs it again.
"""

from collections.abc import Callable

listener: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Tells whoever listens that the night has come to ``name``."""
    if listener is not None:
        listener(name)
