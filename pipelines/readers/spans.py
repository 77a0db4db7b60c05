"""期间 — rows that say a month, or a span of months: which of them cannot be read."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from expectations.feed import Span


def faults(span: Span, landed: Mapping[str, pa.Array]) -> dict[int, str]:
    """By position the column at fault of rows that say both a month and a span, neither, or a span that is
    none.

    ``landed``: typed columns, months as numbers. A number of months must lie between one and the span's
    length.
    """
    month, first, last, count = (landed[name] for name in (span.month, span.first, span.last, span.count))
    single, begun, ended = month.is_valid(), first.is_valid(), last.is_valid()
    both = pc.and_(single, pc.or_(begun, ended))
    unfinished = pc.and_(pc.invert(single), pc.invert(pc.and_(begun, ended)))
    length = pc.fill_null(pc.add(pc.subtract(last, first), 1), 1)
    counted = pc.fill_null(count, 1)
    outside = pc.or_(pc.less(counted, 1), pc.greater(counted, length))
    wrong = (
        (both, span.month),
        (unfinished, span.first),
        (pc.less(length, 1), span.last),
        (outside, span.count),
    )
    faulty: dict[int, str] = {}
    for rows, column in wrong:
        for place in pc.indices_nonzero(rows).to_pylist():
            faulty.setdefault(place, column)
    return faulty
