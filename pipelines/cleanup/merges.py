"""合并的决定 — which merges the core system has carried out, and which pairs people found to be two."""

from collections.abc import Mapping
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
    kept = {number: keep for members, keep in rows for number in members.split("+") if number != keep}
    return {number: _last(number, kept) for number in kept}


def _last(number: str, kept: Mapping[str, str]) -> str:
    """The number that is left when a kept number was itself given up later."""
    passed = {number}
    while (following := kept.get(number)) is not None and following not in passed:
        passed.add(number := following)
    return number


def rejected(connection: Connection) -> Joined:
    """a, b of the pairs of every rejected merge, under the numbers that applied merges have kept; they are
    asked about, never proposed again.
    """
    c = correction_proposal.c
    wanted = select(c.record_key).where(c.check_code == MERGE, c.status == "rejected").order_by(c.record_key)
    now = superseded(connection)
    pairs = {
        tuple(sorted((now.get(a, a), now.get(b, b))))
        for members in connection.execute(wanted).scalars()
        for a, b in combinations(members.split("+"), 2)
    }
    return pd.DataFrame(sorted(pairs), columns=["a", "b"], dtype=object)
