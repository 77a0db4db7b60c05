"""研判步骤 — judges the docket of the night and keeps the judgement.

A great city is judged part by part, so that memory grows with the largest part and not with the city; people
who are tied together are in one part, and what is kept is the same to the byte however many parts there are.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import fields
from datetime import date
from pathlib import Path

import pyarrow as pa

from matchers import judge as rules
from matchers.judge import Judgement
from matchers.schemas import schemas
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.base.workers import Workers
from pipelines.engine.seam import in_memory
from pipelines.judging import merged, parts
from pipelines.judging.docket import filled, linked_feeds, without_rows
from pipelines.judging.merged import Part
from pipelines.judging.standing import Standing
from pipelines.judging.writeback import Who

CLAIMS_AT_ONCE = 20_000  # in one process
EXCLUDED = "excluded"
AT_ONCE = 50_000  # rows of it that are written back together
EMPTY = {
    "key": pa.string(), "text": pa.string(), "month": pa.int64(), "fen": pa.int64(), "whole": pa.int64(),
    "day": pa.date32(), "share": pa.float64(), "flag": pa.bool_(),
}  # fmt: skip
FINEST = 4  # one in so many of these is a part for many workers: smaller ones cost more to begin
MOST = 500  # parts: each has an open file while rows are dealt out


def judge(settings: Settings, as_of: date, standing: Standing | None = None) -> dict[str, int]:
    """Candidates by cause; the whole judgement is kept in the night's folder, each frame by claim.

    ``standing``: what holds of an earlier judgement; then its people alone are judged.
    """
    night = Night.of(settings, as_of)
    with Store(settings.store).scratch() as folder:
        anew = _anew(settings, as_of, folder, standing.people if standing else None)
        for name in parts.ORDER:
            keep(night, name, [*([standing.part(name)] if standing else []), *anew(name)])
    causes = night.frame("judged/candidates", columns=["cause"])["cause"]
    return {str(cause): int(n) for cause, n in causes.value_counts().sort_index().items()}


def _anew(
    settings: Settings, as_of: date, folder: Path, people: Set[str] | None
) -> Callable[[str], list[Part]]:
    """By its name, a frame of the judgement of ``people``, None for everybody, as the parts that they are cut
    into; ``folder`` is empty.
    """
    night, bare = Night.of(settings, as_of), without_rows(settings, as_of, people)
    if bare.claims.empty:
        return lambda name: []
    read = ["payments", *(f"linked/{feed}" for feed in linked_feeds(night))]
    workers = in_memory(settings)(sum(map(night.rows, read)))
    many = _many(len(bare.claims), workers)
    if many == 1:
        judgement = rules.judge(filled(bare, night, people))
        return lambda name: [parts.of_table(parts.table(judgement, name), name)]
    done = parts.judged(workers, folder, night, bare, many, people)
    return lambda name: [parts.of_file(part / name) for part in done]


def keep(night: Night, name: str, rows: Sequence[Part]) -> None:
    """Store one frame of a judgement from its parts: the same bytes however it was cut."""
    empty = pa.schema([(c.name, EMPTY[c.kind]) for c in schemas()[name].columns])
    merged.write(night.path(f"judged/{name}"), rows, parts.ORDER[name], empty)


def kept(settings: Settings, as_of: date) -> tuple[Judgement, Who]:
    """The judgement of the night, and who is who; questions stand on each person's latest claim.

    Of the matched rows that are no evidence, twenty times the claims, only a piece is held at a time.
    """
    night = Night.of(settings, as_of)
    held = {part.name for part in fields(Judgement)} - {EXCLUDED}
    judgement = Judgement(
        **{name: night.frame(f"judged/{name}") for name in held}, excluded=schemas()[EXCLUDED].empty()
    )
    claims = night.frame("claims").sort_values(["start_month", "claim_id"])
    latest = claims.drop_duplicates("person_id", keep="last").set_index("person_id")["claim_id"]
    asked = night.frame("questions")
    asked = asked.assign(claim_id=asked["person_id"].map(latest))
    excluded = night.frames(f"judged/{EXCLUDED}", AT_ONCE)
    return judgement, Who(asked[asked["claim_id"].notna()], night.frame("probable_links"), excluded)


def live_claims(settings: Settings, as_of: date) -> int:
    """How many claims are live on the night."""
    return int(Night.of(settings, as_of).frame("claims")["live"].sum())


def _many(claims: int, workers: Workers) -> int:
    """Into how many parts the people are cut."""
    full = claims / CLAIMS_AT_ONCE
    return 1 if round(full) <= 1 else min(MOST, round(full * min(workers.shares, FINEST)))
