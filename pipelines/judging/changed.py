"""变动 — of whom a night knows something else than an earlier night did."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from matchers.parts import tied
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.engine.seam import EMBEDDED, MatchEngine, match_engine
from pipelines.judging.docket import PERSON, linked_feeds, ties
from sql import match

HOLDER, CLAIM = "person_id", "claim_id"


@dataclass(frozen=True, slots=True)
class Compared:
    """A frame of two nights: the columns that are compared, and by which of them a row is somebody's."""

    name: str
    columns: tuple[str, ...]
    key: str


def people(settings: Settings, earlier: Night, night: Night) -> set[str] | None:
    """Who has other rows in the frames that a judgement reads than on the earlier night; None where these
    frames have other columns.

    The frames of one night are few enough for the embedded engine, whichever joins the extracts.
    """
    differing: set[str] = set()
    with match_engine(replace(settings, engine=EMBEDDED)) as engine:
        for frame in _read(night):
            keys = _differing(engine, frame, earlier.path(frame.name), night.path(frame.name))
            if keys is None:
                return None
            differing |= keys if frame.key == HOLDER else _holders(keys, earlier, night)
    return differing


def with_tied(changed: Set[str], *nights: Night) -> frozenset[str]:
    """With whoever is tied to one of them on any of the nights."""
    first = tied(pd.concat([ties(night) for night in nights], ignore_index=True).drop_duplicates())
    touched = {first[person] for person in changed if person in first}
    return frozenset(changed | {person for person, of in first.items() if of in touched})


def _read(night: Night) -> Iterator[Compared]:
    """The frames that a judgement reads of people and claims."""
    yield Compared("recipients", (*PERSON, "id_key"), HOLDER)
    for name in ("claims", "identities", *(f"linked/{feed}" for feed in linked_feeds(night)), "payments"):
        columns = tuple(pq.read_schema(night.path(name)).names)
        yield Compared(name, columns, HOLDER if HOLDER in columns else CLAIM)


def _differing(engine: MatchEngine, frame: Compared, earlier: Path, tonight: Path) -> set[str] | None:
    """Whose rows differ; None where one file has a column that the other lacks or types otherwise."""
    before, now = (pq.read_schema(path) for path in (earlier, tonight))
    if frame.name != "recipients" and set(before.names) != set(now.names):
        return None
    if not all(_alike(before.field(name).type, now.field(name).type) for name in frame.columns):
        return None
    engine.register("earlier", [earlier])
    engine.register("tonight", [tonight])
    asked = match("differing").format(
        key=frame.key,
        columns=", ".join(frame.columns),
        earlier=_selected(frame, before),
        tonight=_selected(frame, now),
    )
    return {row[frame.key] for row in engine.rows(asked)}


def _alike(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether values of both types can be equal: what holds nothing has no type, and a column of whole
    numbers of which some are missing is one of fractions.
    """
    numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in (one, other))
    return one == other or numbers or any(pa.types.is_null(kind) for kind in (one, other))


def _selected(frame: Compared, schema: pa.Schema) -> str:
    empty = {name for name in frame.columns if pa.types.is_null(schema.field(name).type)}
    return ", ".join(f"NULL AS {name}" if name in empty else name for name in frame.columns)


def _holders(claims: Set[str], *nights: Night) -> set[str]:
    """Whose the claims are, or were."""
    return {person for night in nights for person in night.frame("claims", (CLAIM, claims))[HOLDER]}
