"""再次匹配 — a night whose links rest on what those of an earlier run rested on takes them from there.

What links rest on says nothing of the day but through the claims, recipients and deliveries that it reads,
so the night before may have left them too.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from expectations.feed import feeds
from pipelines.base import made
from pipelines.base.frames import Night
from pipelines.base.made import Made
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.deliveries import InUse
from pipelines.linking import checks, proposals, recipients, residue, step

NOTE = "link.json"
LEFT = (
    "identities.parquet", "recipients_by_key.parquet", "linked/*.parquet", "residue/*.parquet",
    "probable_links.parquet", "questions.parquet", residue.MODEL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """What linking came to: linked rows by feed, links ``proposed``, ``questions`` asked, why the model
    proposes nothing, if so, and what the checks say. ``model``, ``before``: digests of the model that was
    learnt and of the one that drift was measured by.
    """

    counts: Mapping[str, int]
    proposed: int
    questions: int
    drift: tuple[str, ...]
    checks: tuple[str, ...]
    model: str
    before: str


def link(
    settings: Settings, as_of: date, night: Night, used: Mapping[str, InUse], decisions: Mapping[str, str]
) -> tuple[Links, date | None]:
    """What the links come to that now lie in the night's folder, and the night they are taken from, if any.

    ``decisions``: by question, ``same`` or ``different``.
    """
    grounds = _grounds(settings, night, used, decisions)
    earlier = residue.before(settings, as_of)
    before = made.file_digest(earlier) if earlier else ""
    for day, record in made.newest(settings.store, NOTE, as_of):
        folder = Store(settings.store).night(day)
        if _fits(record, grounds, before) and record.stands(folder, LEFT):
            if day != as_of:
                record.copy(folder, night.folder, LEFT)
            links = replace(_links(record), before=before)
            break
    else:
        day, links = None, _worked_out(settings, as_of, night, used, decisions, before)
    Made.of(grounds, night.folder, LEFT, asdict(links)).keep(night.folder / NOTE)
    return links, day


def _worked_out(
    settings: Settings,
    as_of: date,
    night: Night,
    used: Mapping[str, InUse],
    decisions: Mapping[str, str],
    before: str,
) -> Links:
    by_number = step.link(settings, night, used, decisions)
    proposed = proposals.propose(settings, as_of, by_number, decisions)
    return Links(
        counts=by_number.counts,
        proposed=len(proposed.links),
        questions=len(proposed.questions),
        drift=proposed.drift,
        checks=checks.check(night, by_number.counts),
        model=made.file_digest(night.folder / residue.MODEL),
        before=before,
    )


def _grounds(
    settings: Settings, night: Night, used: Mapping[str, InUse], decisions: Mapping[str, str]
) -> str:
    """A digest of all that links rest on, but for the model before."""
    frames = [f"{name} {made.file_digest(night.path(name))}" for name in recipients.BENEFIT]
    extracts = [
        f"{feed} {one.available} {[str(path.relative_to(settings.store)) for path in one.extracts]}"
        for feed, one in sorted(used.items())
    ]
    decided = [f"{pair} {decision}" for pair, decision in sorted(decisions.items())]
    return made.digest([made.product(), repr(feeds()), *frames, *extracts, *decided])


def _fits(record: Made, grounds: str, before: str) -> bool:
    """Whether the record is of links on these grounds, drift being measured by the same model.

    A model has not drifted from itself, so links that were proposed would be proposed after it too.
    """
    if record.grounds != grounds:
        return False
    links = _links(record)
    return links.before == before or (not links.drift and links.model == before)


def _links(record: Made) -> Links:
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in record.outcome.items()}
    return Links(**given)
