"""一件疑点 — one candidate and all that stands behind it, as values for whoever shows it.

``reading`` fetches the rows, ``deriving`` says what follows from them, ``values`` is what comes out. Nothing
is written, and nobody is named in full unless that is asked for.
"""

from sqlalchemy import Engine

from pipelines.reports.case import deriving, reading
from pipelines.reports.case.values import Case


def read(engine: Engine, candidate_id: str, *, masked: bool = True) -> Case:
    """The case of a candidate; ``UsageError`` where there is none of that number.

    ``masked``: the person's particulars are covered, wherever they stand.
    """
    with engine.connect() as connection:
        rows = reading.rows(connection, candidate_id)
    return deriving.case(rows, masked=masked)
