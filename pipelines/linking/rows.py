"""来件行 — the rows of one feed as a night keeps them: those that are linked, those without a number."""

import pandas as pd

from matchers.schemas import DeliveredRows, LandedRows, Linked, Residue
from pipelines.base.frames import Night


def keep_linked(night: Night, feed: str, links: Linked) -> None:
    """Keep a feed's linked rows, in the order of its files."""
    order = ["delivered_on", "file", "line", "person_id"]
    night.keep(f"linked/{feed}", links.sort_values(order).reset_index(drop=True))


def residue(night: Night, feed: str) -> Residue:
    """The feed's rows without a usable number, with delivery_id and delivered_on as of every linked row."""
    return delivered(night.frame(f"residue/{feed}"), feed)


def delivered(rows: LandedRows, feed: str) -> DeliveredRows:
    """A feed's rows with delivered_on as a day and delivery_id, ``<feed>/<day>``."""
    rows = rows.assign(delivered_on=pd.to_datetime(rows["delivered_on"]))
    return rows.assign(delivery_id=feed + "/" + rows["delivered_on"].dt.strftime("%Y-%m-%d"))
