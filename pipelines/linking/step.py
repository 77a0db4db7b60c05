"""匹配 — every feed's extracts in use, linked by number to the recipients of the night, feed after feed."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pandas as pd
import pyarrow as pa

from expectations.feed import feeds
from matchers.parts import parts
from matchers.people import identity, questions
from matchers.people.register import Register, register
from matchers.schemas import Linked, Questions, Recipients, RecipientsByName, shown
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.deliveries import InUse
from pipelines.engine.seam import MatchEngine, match_engine
from pipelines.linking.rows import delivered, keep_linked
from sql import match

ROWS_A_PART = 250_000
DOUBTED = ["delivery_id", "file", "line", "person_id"]
CHANGES = "identity_changes"
CHANGE = ["id_key", "old_id_key", "name_key", "old_name_key"]


@shown("recipients_by_name", "questions")
@dataclass(frozen=True, slots=True)
class ByNumber:
    """What linking by number leaves beside the linked rows themselves.

    ``counts``: linked rows by feed. ``shares``: by feed, how many rows have a usable number, and how many of
    these are recipients'. ``questions``: about shared numbers, and rows that seem to be somebody else's.
    """

    counts: Mapping[str, int]
    shares: Mapping[str, tuple[int, int]]
    names: RecipientsByName
    questions: Questions


def link(
    settings: Settings, night: Night, used: Mapping[str, InUse], decisions: Mapping[str, str]
) -> ByNumber:
    """Links every feed of ``used`` that can be relied on to the ``recipients`` of the night.

    Keeps ``identities``, ``recipients_by_key``, and by feed ``linked/<feed>`` and ``residue/<feed>``.
    ``decisions``: by question, ``same`` or ``different``.
    """
    recipients = night.frame("recipients")
    counts, shares = {}, {}
    with match_engine(settings, chain.from_iterable(u.extracts for u in used.values())) as matcher:
        registered = register(recipients, _changes(matcher, used[CHANGES].extracts))
        night.keep("identities", registered.identities)
        night.keep("recipients_by_key", registered.keys)
        matcher.register("recipients_by_key", [night.path("recipients_by_key")])
        asked = [questions.shared(registered)]
        for feed in feeds():
            if feed == CHANGES or not (used[feed].available and used[feed].extracts):
                night.forget(f"linked/{feed}")
                night.forget(f"residue/{feed}")
                continue
            matcher.register("extract", used[feed].extracts)
            matcher.write(match("linked"), night.path(f"matched/{feed}"))
            matcher.write(match("residue"), night.path(f"residue/{feed}"))
            asked.append(_keep_links(night, feed, recipients, registered, decisions))
            night.forget(f"matched/{feed}")
            [usable] = matcher.rows(match("usable"))
            counts[feed], shares[feed] = night.rows(f"linked/{feed}"), (usable["usable"], usable["hits"])
    return ByNumber(counts, shares, registered.names, together(asked))


def together(frames: Sequence[Questions]) -> Questions:
    """The questions as one frame; empty ones have no say in the types of its columns."""
    return pd.concat([f for f in frames if not f.empty] or frames, ignore_index=True)


def _changes(matcher: MatchEngine, extracts: Sequence[Path]) -> pd.DataFrame:
    """Every change of number or name on record: ``CHANGE``."""
    if not extracts:
        return pd.DataFrame(columns=CHANGE, dtype=object)
    matcher.register("extract", extracts)
    return pd.DataFrame(matcher.rows(match("changes")), dtype=object)


def _keep_links(
    night: Night, feed: str, recipients: Recipients, registered: Register, decisions: Mapping[str, str]
) -> Questions:
    """The questions that the feed's rows under a recipient's number raise; those that are linked are kept.

    The rows of a great city are tiered part by part: whose number a row may bear are in one part.
    """
    links, asked = [], []
    for people in _parts(night, feed, registered):
        matched = delivered(night.frame(f"matched/{feed}", people), feed)
        linked, doubts = _links(matched, recipients, registered, decisions, feed)
        links.append(pa.Table.from_pandas(linked, preserve_index=False))
        asked.append(doubts)
    keep_linked(night, feed, links)
    return together(asked).sort_values(DOUBTED, ignore_index=True)


def _parts(night: Night, feed: str, registered: Register) -> Iterator[tuple[str, Set[str]] | None]:
    """The people of each part, by whom rows are read; None where one part holds all rows."""
    many = round(night.rows(f"matched/{feed}") / ROWS_A_PART)
    if many <= 1:
        yield None
        return
    ties = registered.keys[["person_id", "id_key"]].set_axis(["person_id", "key"], axis=1)
    part = parts(ties, many)
    for number in range(many):
        yield "person_id", set(part.index[part == number])


def _links(
    matched: pd.DataFrame,
    recipients: Recipients,
    registered: Register,
    decisions: Mapping[str, str],
    feed: str,
) -> tuple[Linked, Questions]:
    """The feed's linked rows and its questions.

    Rows of somebody else's number count as the recipient's where a person has decided that they are.
    """
    links, doubtful = identity.tiers(matched, recipients, registered, decisions)
    decided = questions.doubt_ids(doubtful, feed).map(dict(decisions))
    links = pd.concat([links, doubtful[decided == "same"]]).assign(link_probability=1.0, link_words=None)
    return links.drop(columns="own"), questions.doubts(doubtful[decided.isna()], feed)
