"""一人多个个人编号 — what the clusters propose to merge; twins and namesakes are in none."""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """The clusters, each under its members."""
    clusters = register.clusters
    rows = clusters[clusters["outcome"] == "merge"]
    return pd.DataFrame(
        {
            "record_key": rows["members"],
            "district": register.districts(rows["keep_person_no"]),
            "value": rows["keep_person_no"],
            "evidence": rows["evidence"],
            "confidence": rows["tier"].map(lambda tier: "likely" if tier == "damaged" else "certain"),
        }
    )
