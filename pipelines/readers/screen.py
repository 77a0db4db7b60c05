"""初筛 — which lines of a block are out of the ordinary, judged by their bytes alone.

In GB18030 and UTF-8 the bytes of line feed, carriage return, quote, comma, semicolon and tab never occur
inside a character. The bar does in GB18030; such files come here as UTF-8.
"""

import codecs
import string

import numpy as np
import numpy.typing as npt

from matchers.text import Positions
from pipelines.readers.decoding import Bytes
from pipelines.readers.layout import Layout
from pipelines.readers.lines import LONGEST, NEWLINE, RETURN, Dialect

QUOTE = ord('"')
FEW = 20  # in a block with fewer quotes than one in so many lines, all quoted lines are looked at closely
HANZI = {"gb18030": range(0xB0, 0xF8), "utf-8": range(0xE4, 0xEA)}  # lead bytes of the everyday ones


class Screen:
    """Finds the lines that are not plainly a row, for one layout and dialect.

    A line that begins with a digit, a letter or an everyday Hanzi is neither blank nor the header again nor
    a totals row, unless one of those begins so too.
    """

    def __init__(self, layout: Layout, dialect: Dialect) -> None:
        self._delimiter = ord(dialect.delimiter)
        self._width = layout.width
        self._hanzi = HANZI[dialect.encoding]
        self._four_bytes = dialect.encoding == "gb18030"
        words = {word[0] for word in (*layout.totals, next(filter(None, layout.header)))}
        letters = [letter.encode(dialect.encoding) for letter in words if not letter.isascii()]
        self._first = [codecs.BOM_UTF8, *letters]
        self._telling = np.ones(256, bool)
        plain = set(string.ascii_letters + string.digits) - {case for w in words for case in (w.lower(), w)}
        self._telling[[*map(ord, plain), *self._hanzi]] = False

    def __call__(self, block: bytes, ends: Positions, returns: Positions) -> Positions:
        """The ascending numbers of such lines; ``ends`` are the places of the line feeds, ``returns`` of the
        carriage returns without one.
        """
        content = np.frombuffer(block, np.uint8)
        starts = np.concatenate(([0], ends[:-1] + 1))
        signs = np.flatnonzero(content == self._delimiter)
        odd = [
            np.flatnonzero(self._may_be_left_out(content, starts)),
            np.flatnonzero(ends - starts > LONGEST),
        ]
        if b'"' in block:
            quotes = np.flatnonzero(content == QUOTE)
            lines = np.searchsorted(ends, quotes)
            if len(quotes) * FEW < len(ends):
                odd.append(lines)
            else:
                odd.append(self._oddly_quoted(content, quotes, lines))
                signs = _outside_quotes(content, ends, signs)
        odd.append(np.flatnonzero(np.diff(np.searchsorted(signs, ends), prepend=0) != self._width - 1))
        if 0 in block:
            odd.append(np.searchsorted(ends, np.flatnonzero(content == 0)))
        if len(returns):
            odd.append(np.searchsorted(ends, returns))
        return np.unique(np.concatenate(odd))

    def _may_be_left_out(self, content: Bytes, starts: Positions) -> npt.NDArray[np.bool_]:
        first = content.take(starts)
        telling = self._telling.take(first)
        for letter in self._first:
            alike = np.flatnonzero(first == letter[0])
            for place in range(1, len(letter)):
                at = np.minimum(starts[alike] + place, len(content) - 1)
                alike = alike[content[at] == letter[place]]
            telling[alike] = True
        if self._four_bytes and (first >= self._hanzi[0]).any():
            telling |= (first >= self._hanzi[0]) & (content[np.minimum(starts + 1, len(content) - 1)] < 0x40)
        return telling

    def _oddly_quoted(self, content: Bytes, quotes: Positions, lines: Positions) -> Positions:
        """Lines in which a quote does not open or close a field or double another one."""
        opens = (np.arange(len(quotes)) - np.searchsorted(lines, lines)) % 2 == 0
        before = np.where(quotes > 0, content[quotes - 1], NEWLINE)
        after = content[np.minimum(quotes + 1, len(content) - 1)]
        edge = np.where(opens, before, after)
        regular = (
            (edge == self._delimiter) | (edge == NEWLINE) | (edge == QUOTE) | (~opens & (edge == RETURN))
        )
        left_open = np.bincount(lines)[lines] % 2 == 1
        return np.asarray(lines[~regular | left_open])


def _outside_quotes(content: Bytes, ends: Positions, places: Positions) -> Positions:
    inside = np.logical_xor.accumulate(content == QUOTE)
    at_line_start = np.concatenate(([False], inside[ends[:-1]]))
    return np.asarray(places[inside[places] == at_line_start[np.searchsorted(ends, places)]])
