"""同一号码登记为不同的人 — one number, and no sign that they are one person."""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """The clusters, each under its members."""
    clusters = register.clusters
    rows = clusters[clusters["tier"] == "shared"]
    return pd.DataFrame(
        {
            "record_key": rows["members"],
            "district": register.districts(rows["keep_person_no"]),
        }
    )
