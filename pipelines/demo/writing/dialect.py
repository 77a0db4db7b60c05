"""方言 — how one agency spells a delivery, and which one it uses when."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    ``headings``: ``usual``, ``codes`` (the indicator codes where there are any), or ``any`` of the
    accepted ones, decorated. ``lost_zeros``: codes went through a spreadsheet. ``ends``: the last line
    ends like the others.
    """

    suffix: str
    encoding: str = "gb18030"
    delimiter: str = ","
    newline: str = "\r\n"
    quoted: bool = False
    headings: str = "usual"
    month: str = "compact"
    date: str = "iso"
    sex: str = "words"
    lost_zeros: bool = False
    shuffled: bool = False
    ends: bool = True


PLAIN: Final = Dialect(".csv")
CODED: Final = Dialect(".csv", headings="codes", sex="numbers", date="compact", newline="\n")
PIPED: Final = Dialect(".txt", "utf-8-sig", "|", headings="any", month="hyphen", shuffled=True, ends=False)
TABBED: Final = Dialect(".txt", delimiter="\t", month="chinese", date="chinese", lost_zeros=True)
ZIPPED: Final = Dialect(".csv.gz", "utf-8", newline="\n", date="slash", month="slash", headings="any")
WIDE: Final = Dialect(".csv", "utf-16", date="timed", sex="letters", ends=False)
SEMI: Final = Dialect(".csv", "utf-8", ";", quoted=True, month="day", shuffled=True, headings="any")
BOOK: Final = Dialect(".xlsx", headings="usual")
TYPED: Final = Dialect(".xlsx", headings="any", lost_zeros=True, shuffled=True, sex="numbers")
COLUMNAR: Final = Dialect(".parquet", headings="codes", month="hyphen")

USED: Final = {
    "business_roles": (TYPED, COLUMNAR, SEMI),
    "contributions": (PLAIN, SEMI, CODED, PIPED, ZIPPED, TABBED, WIDE),
    "deaths": (PIPED, PLAIN, ZIPPED, WIDE),
    "emigrations": (WIDE, PLAIN, TABBED),
    "hires": (TABBED, TYPED, PIPED),
    "imprisonments": (PLAIN, SEMI, ZIPPED),
    "pension_payees": (PIPED, BOOK, ZIPPED),
}
OTHERS: Final = (PLAIN, CODED, SEMI, ZIPPED)


def dialect(feed: str, nth: int) -> Dialect:
    """How the ``nth`` newest delivery of the feed is written."""
    used = USED.get(feed, OTHERS)
    return used[nth % len(used)]
