"""期限 — the months of benefit that full years give, counted here by another hand than the product's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

NATIONAL: Final = ((1, 12), (5, 18), (10, 24))
CHONGQING: Final = (
    *((1, 3), (2, 6), (3, 9), (4, 12), (5, 15), (7, 16), (8, 17), (9, 18)),
    *((10, 19), (11, 20), (12, 21), (13, 22), (14, 23), (15, 24)),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Full years → months; ``exact``: the term itself and not only its maximum."""

    steps: tuple[tuple[int, int], ...]
    exact: bool

    def months(self, paid: int) -> int:
        """The months of benefit for so many paid months."""
        return max((term for years, term in self.steps if paid >= years * 12), default=0)

    def paid(self, term: int) -> int:
        """The fewest paid months that give at least so many months of benefit."""
        return min((years * 12 for years, given in self.steps if given >= term), default=180)


TERMS: Final[Mapping[str, Terms]] = {
    "national": Terms(NATIONAL, exact=False),
    "chongqing": Terms(CHONGQING, exact=True),
}
