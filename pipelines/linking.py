"""匹配 — every feed's extracts in use, linked to the recipients of the night, feed after feed."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from expectations.feed import Feed, feeds
from matchers import identity, resident_id
from matchers.text import name_key
from pipelines import benefit, runs
from pipelines.deliveries import in_use
from pipelines.engine import MatchEngine, match_engine
from pipelines.frames import Night
from pipelines.settings import Settings
from pipelines.store import Store
from sql import match

CHANGES = "identity_changes"
BENEFIT = ("claims", "payments", "recipients")


def prepared(recipients: pd.DataFrame) -> pd.DataFrame:
    """``recipients`` with id_text, id_class, id_key and name_key; a resident's own number must be sound to
    be a key, a passport is its own.
    """
    numbers = [resident_id.normalise(n or "") for n in recipients["id_number"]]
    told = recipients.assign(
        id_text=[n.text for n in numbers],
        id_class=[n.id_class for n in numbers],
        id_key=pd.Series([n.key for n in numbers], index=recipients.index, dtype=object),
        name_key=[name_key(n or "") for n in recipients["name"]],
    )
    foreign = (told["id_class"] == "other") & (told["id_kind"] != "resident_id")
    usable = told["id_class"].isin(resident_id.USABLE) | (foreign & told["id_key"].notna())
    return told.assign(id_usable=usable, id_key=told["id_key"].where(usable, None))


def link(settings: Settings, engine: Engine, as_of: date) -> dict[str, int]:
    """Linked rows by feed, and questions.

    Leaves what the night knows in its folder: ``claims``, ``payments``, ``recipients``, ``identities``,
    ``linked/<feed>``, ``residue/<feed>``, ``questions``, and opens the run.
    """
    night = Night.of(settings, as_of)
    found = _benefit(settings, engine, as_of, night)
    store = Store(settings.store)
    used = {name: in_use(engine, name, as_of, store) for name in feeds()}
    runs.begin(engine, settings, as_of, used.values(), [night.frame(n) for n in BENEFIT])
    with match_engine(settings) as matcher:
        known = identity.register(found, _changes(matcher, used[CHANGES].extracts))
        night.keep("identities", known.identities)
        night.keep("known_key", known.keys)
        matcher.register("known_key", [night.path("known_key")])
        questions = [identity.shared(found, known)]
        counts = {}
        for name, feed in feeds().items():
            if name == CHANGES or not (used[name].available and used[name].extracts):
                night.forget(f"linked/{name}")
                continue
            matcher.register("extract", used[name].extracts)
            links, asked = _link_feed(matcher, night, feed, found, known)
            questions.append(asked)
            counts[name] = len(links)
    asked_all = pd.concat([q for q in questions if not q.empty] or questions, ignore_index=True)
    night.keep("questions", asked_all.astype({"probability": "float64"}))
    return counts | {"questions": len(asked_all)}


def _benefit(settings: Settings, engine: Engine, as_of: date, night: Night) -> pd.DataFrame:
    """The recipients of the night; the benefit records are kept as they were read, in one transaction."""
    with engine.connect() as connection:
        claims = benefit.claims(connection, as_of, settings.lookback_months)
        payments = benefit.payments(connection, as_of, settings.lookback_months)
        found = prepared(benefit.recipients(connection, as_of, settings.lookback_months))
    night.keep("claims", benefit.last_benefit_months(claims, payments, as_of))
    night.keep("payments", payments)
    night.keep("recipients", found)
    return found


def _changes(matcher: MatchEngine, extracts: Sequence[Path]) -> pd.DataFrame:
    if not extracts:
        return pd.DataFrame(columns=["id_key", "old_id_key", "name_key", "old_name_key"], dtype=object)
    matcher.register("extract", extracts)
    return pd.DataFrame(matcher.rows(match("changes")), dtype=object)


def _link_feed(
    matcher: MatchEngine, night: Night, feed: Feed, found: pd.DataFrame, known: identity.Register
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The feed's links and its questions; its linked rows and its residue are kept with the night."""
    matched = night.path(f"matched/{feed.name}")
    matcher.write(match("linked"), matched)
    matcher.write(match("residue"), night.path(f"residue/{feed.name}"))
    rows = night.frame(f"matched/{feed.name}")
    rows = rows.assign(delivered_on=pd.to_datetime(rows["delivered_on"]))
    rows = rows.assign(delivery_id=feed.name + "/" + rows["delivered_on"].dt.strftime("%Y-%m-%d"))
    links, doubtful = identity.tiers(rows, found, known)
    order = ["delivered_on", "file", "line", "person_id"]
    links = links.assign(link_probability=1.0).drop(columns="own").sort_values(order)
    night.keep(f"linked/{feed.name}", links.reset_index(drop=True))
    matched.unlink()
    return links, identity.doubts(doubtful, feed.name)
