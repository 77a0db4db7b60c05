"""分工 — one function on each of many items, wherever there are hands for it; answers in the items' order."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from pipelines.base.errors import CrossmatchError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class WorkerDied(CrossmatchError):
    """A worker ended before its item was done, and so did whoever tried it again."""


class Workers(Protocol):
    """Who works on items that do not depend on each other."""

    @property
    def shares(self) -> int:
        """Into how many items a caller does well to cut a large work."""

    def run(
        self,
        function: Callable[[Item], Answer],
        items: Iterable[Item],
        initializer: Callable[[], Any] | None = None,
    ) -> list[Answer]:
        """``function`` of each item, in the order of ``items``, which may be made while others are done.

        Function, items and answers can be pickled; what is large stands in files. An item may be worked on
        twice, at the same time even: what it writes, it puts in place whole. A single item is done by the
        caller. Of errors that of the first item is raised, as it was; ``WorkerDied`` where a worker did.
        ``initializer`` runs first in a process that is there for these items only.
        """


class Alone:
    """The caller works on every item."""

    shares = 1

    def run(
        self,
        function: Callable[[Item], Answer],
        items: Iterable[Item],
        initializer: Callable[[], Any] | None = None,
    ) -> list[Answer]:
        """See ``Workers``."""
        return [function(item) for item in items]


BySize = Callable[[int], Workers]


def alone(size: int) -> Workers:
    """The caller itself, whatever the size of the work."""
    return Alone()
