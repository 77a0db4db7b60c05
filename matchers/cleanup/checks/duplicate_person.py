"""一人多个个人编号 — what the clusters propose to merge, and the rest as questions; twins and namesakes are
in no merge, and one number with two names is another check's.
"""

import pandas as pd

from matchers.cleanup.register import Register
from matchers.schemas import Marked


def rule(register: Register) -> Marked:
    """The clusters, each under its members; a merge has the kept number as value, a question none."""
    clusters = register.clusters
    rows = clusters[(clusters["outcome"] == "merge") | (clusters["tier"] != "shared")]
    merge = rows["outcome"] == "merge"
    confidence = rows["tier"].map(lambda tier: "likely" if tier == "damaged" else "certain")
    return pd.DataFrame(
        {
            "record_key": rows["members"],
            "district": register.districts(rows["keep_person_no"]),
            "value": rows["keep_person_no"].where(merge, ""),
            "evidence": rows["evidence"],
            "confidence": confidence.where(merge, "ask"),
            "why": rows["why"],
        }
    )
