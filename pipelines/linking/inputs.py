"""比对依据 — what a night rests on beside the benefit records: deliveries in use, and what people decided."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Engine, select

from expectations.feed import feeds
from matchers.law import policy
from matchers.schemas import Claims
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.decisions.precision import confirmed, demoted
from pipelines.deliveries import InUse, in_use, retention
from pipelines.runs import Decisions
from sql.tables import identity_decision


def deliveries(settings: Settings, engine: Engine, as_of: date, claims: Claims) -> Mapping[str, InUse]:
    """What is in use of every feed, by feed, as far as it can speak of one of ``claims``.

    What retention removed of it is landed again; ``CrossmatchError`` names what no longer lies in the inbox.
    """
    store, first = Store(settings.store), retention.first_month(claims, as_of)
    return {n: retention.at_hand(settings, engine, in_use(engine, n, as_of, store), first) for n in feeds()}


def decisions(settings: Settings, engine: Engine, as_of: date) -> Decisions:
    """What people decided, as the night goes by it."""
    c = identity_decision.c
    with engine.connect() as connection:
        pairs = {pair: decision for pair, decision in connection.execute(select(c.pair_id, c.decision))}
    weak = demoted(engine, policy(settings.policy), as_of)
    return Decisions(pairs, weak, confirmed(engine) if weak else ())
