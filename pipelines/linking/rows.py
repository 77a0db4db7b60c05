"""来件行 — the rows of one feed as a night keeps them: those that are linked, those without a number."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from matchers.schemas import DeliveredRows, LandedRows, Residue
from pipelines.base.frames import Night, together

ORDER = ("delivered_on", "file", "line", "person_id")


def keep_linked(night: Night, feed: str, parts: Sequence[pa.Table]) -> None:
    """Keep a feed's linked rows, in the order of its files: the same bytes from however many parts."""
    night.keep_sorted(f"linked/{feed}", together(parts), ORDER)


def residue(night: Night, feed: str) -> Residue:
    """The feed's rows without a usable number, with delivery_id and delivered_on as of every linked row."""
    return delivered(night.frame(f"residue/{feed}"), feed)


def delivered(rows: LandedRows, feed: str) -> DeliveredRows:
    """A feed's rows with delivered_on as a day and delivery_id, ``<feed>/<day>``."""
    rows = rows.assign(delivered_on=pd.to_datetime(rows["delivered_on"]))
    return rows.assign(delivery_id=feed + "/" + rows["delivered_on"].dt.strftime("%Y-%m-%d"))
