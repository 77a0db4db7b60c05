"""同一号码登记为不同的人 — one number, and no sign that they are one person."""

import pandas as pd

from matchers.cleanup.register import Register


def rule(register: Register) -> pd.DataFrame:
    """The clusters, each under its members."""
    clusters = register.clusters
    rows = clusters[clusters["tier"] == "shared"]
    return pd.DataFrame(
        {
            "record_key": rows["members"],
            "district": register.districts(rows["keep_person_no"]),
        }
    )
