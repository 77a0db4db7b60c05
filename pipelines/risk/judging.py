"""研判 — what the rules say of a month, and which claims stand under leads that its cap leaves unwritten."""

from sqlalchemy import Engine

from expectations.feed import feeds as declared
from matchers.risk.ground import Ground
from matchers.risk.judge import Outcome, judge
from pipelines.base.settings import Settings
from pipelines.risk import impact, memory
from pipelines.risk.ground import ground as read_ground


def judged(engine: Engine, ground: Ground) -> Outcome:
    """Every rule over the ground, less what people have answered; nothing is written."""
    with engine.connect() as connection:
        answered = memory.unfounded(connection)
    return judge(ground, {name: feed.title for name, feed in declared().items()}, answered)


def cut_claims(settings: Settings, engine: Engine, month: int) -> frozenset[str]:
    """The claims under leads of the month beyond the cap of their district, of which nothing is on record.

    None where nobody has signed the assessment of personal information: then no rule may look.
    """
    with engine.connect() as connection:
        if impact.signature_of(connection) is None:
            return frozenset()
    return judged(engine, read_ground(settings, engine, month)).cut_claims
