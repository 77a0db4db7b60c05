"""事务 — the one way in which what people decide, and what waits to be sent, is written."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from pipelines.database import lock


@contextmanager
def deciding(engine: Engine, *, beside_nights: bool = False) -> Iterator[Connection]:
    """A transaction that waits its turn among those who write; the audit event of a decision belongs in it.

    What moves a candidate is refused while a run works alone (``Locked``); what no night changes, but only
    reads when it begins, may be written ``beside_nights``.
    """
    if beside_nights:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    else:
        with lock.held(engine, shared=True) as held, held.writing() as connection:
            yield connection
