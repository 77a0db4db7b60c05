"""合并的决定 — which merges the core system has carried out, and which pairs people found to be two."""

from itertools import combinations

import pandas as pd
from sqlalchemy import Connection, select

from matchers.cleanup.proposals import MERGE
from matchers.schemas import Joined
from sql.cleanup_tables import correction_proposal


def superseded(connection: Connection) -> dict[str, str]:
    """Each number that an applied merge has given up → the number it kept."""
    c = correction_proposal.c
    wanted = select(c.record_key, c.after_value).where(c.check_code == MERGE, c.status == "applied")
    rows = connection.execute(wanted.order_by(c.record_key)).all()
    return {number: keep for members, keep in rows for number in members.split("+") if number != keep}


def rejected(connection: Connection) -> Joined:
    """a, b of the pairs of every rejected merge; they are asked about, never proposed again."""
    c = correction_proposal.c
    wanted = select(c.record_key).where(c.check_code == MERGE, c.status == "rejected").order_by(c.record_key)
    pairs = [
        pair
        for members in connection.execute(wanted).scalars()
        for pair in combinations(members.split("+"), 2)
    ]
    return pd.DataFrame(pairs, columns=["a", "b"], dtype=object)
