"""概率匹配步骤 — the rows without a usable number: a model learnt tonight proposes links and asks questions.

What people decided about a pair binds: a pair decided to be different is neither linked nor asked again, one
decided to be the same is linked. A model that drifted from the night before proposes nothing and says so.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from matchers.evidence import digest
from matchers.links import PLACE
from matchers.schemas import Linked, ProbableLinks, Questions, RecipientsByName, Residue, shown
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store
from pipelines.engine.seam import for_rows
from pipelines.linking import blocks, rows

CONTENT = ["id_number", "name_key", "birth_date", "sex", "phone", "district"]
MODEL = "linkage.json"
EMPLOYER = {"last_employer_name": "employer_name", "last_employer_uscc": "employer_uscc"}
COLUMNS = ["pair_id", "person_id", "feed", *PLACE, "tier", "probability", "explanation"]
AS_QUESTION = {"pair_id": "question_id", "tier": "kind"}


@shown("probable_links", "questions")
@dataclass(frozen=True, slots=True)
class Proposed:
    """What the model proposes for one night.

    ``links``: one for each row. ``questions``: of the kind ``possible_match``, one for each pair. ``drift``:
    Chinese sentences; where there is one, nothing is proposed.
    """

    links: ProbableLinks
    questions: Questions
    drift: tuple[str, ...]


def propose(
    settings: Settings,
    as_of: date,
    shares: Mapping[str, tuple[int, int]],
    names: RecipientsByName,
    decisions: Mapping[str, str],
) -> Proposed:
    """Proposed links and questions for the residue of every feed in ``shares`` (usable rows, hits).

    ``decisions``: by pair, ``same`` or ``different``.
    """
    night = Night.of(settings, as_of)
    (night.folder / MODEL).unlink(missing_ok=True)
    residues = {feed: rows.residue(night, feed) for feed in shares}
    if all(residue.empty for residue in residues.values()):
        return Proposed(_none(), _questions(_none()), ())
    from matchers.linkage import FeedRows, Model, drift, fields, learn

    former = names.loc[~names["present"].astype(bool), ["person_id", "name_key"]]
    people = blocks.People(_recipients(night), former)
    linkage = people.linkage()
    taught = ("person_id", *PLACE, *fields.ROW)
    feeds = {f: FeedRows(night.frame(f"linked/{f}", columns=taught), residues[f], *shares[f]) for f in shares}
    model = learn(linkage, feeds)
    with Store.replacing(night.folder / MODEL) as unfinished:
        unfinished.write_text(model.to_json(), "utf-8")
    earlier = before(settings, as_of)
    drifted = tuple(drift(model, Model.from_json(earlier.read_text("utf-8")))) if earlier else ()
    links, questions = [], []
    rows_in_all = sum(map(len, residues.values())) + sum(usable for usable, _ in shares.values())
    workers = for_rows(settings)(rows_in_all)
    with Store(settings.store).scratch() as folder:
        of_feeds = blocks.linked(workers, folder, people, linkage, residues, model)
    for feed, of_feed in of_feeds.items():
        links.append(_paired(of_feed.links, residues[feed], feed))
        questions.append(_paired(of_feed.questions.rename(columns={"kind": "tier"}), residues[feed], feed))
    if drifted:
        return Proposed(_none(), _questions(_none()), drifted)
    standing, undecided = _decided(_together(links), _together(questions), decisions)
    return Proposed(standing, _questions(undecided), ())


def linked_rows(residue: Residue, links: ProbableLinks) -> Linked:
    """The rows of a residue that are linked, in the columns of linked rows."""
    described = links[["person_id", *PLACE]].assign(
        link_tier=links["tier"],
        link_probability=links["probability"].astype(float),
        link_words=[json.loads(e)["sentence"] for e in links["explanation"]],
        differs="",
    )
    return residue.merge(described, on=PLACE, validate="1:1")


def _recipients(night: Night) -> pd.DataFrame:
    """Recipients with the last employer of their latest claim."""
    claims = night.frame("claims").sort_values(["start_month", "claim_id"])
    latest = claims.drop_duplicates("person_id", keep="last")[["person_id", *EMPLOYER]]
    recipients = night.frame("recipients").merge(latest, on="person_id", how="left", validate="1:1")
    return recipients.rename(columns=EMPLOYER)


def before(settings: Settings, as_of: date) -> Path | None:
    """The model of the last night before that learnt one, by which drift is measured."""
    earlier: list[Path] = sorted(
        path for path in Store(settings.store).root.glob(f"nights/*/{MODEL}") if path.parent.name < str(as_of)
    )
    return earlier[-1] if earlier else None


def _paired(pairs: pd.DataFrame, residue: Residue, feed: str) -> ProbableLinks:
    """The pairs with ``pair_id``: the same recipient and the same content are the same pair."""
    if pairs.empty:
        return _none()
    content = residue[[*PLACE, *CONTENT]].merge(pairs, on=PLACE, validate="1:1")
    texts = content[CONTENT].astype(object).where(content[CONTENT].notna(), "").astype(str)
    ids = [
        digest(["possible_match", person, feed, *row])
        for person, row in zip(content["person_id"], texts.itertuples(index=False, name=None), strict=True)
    ]
    return content.assign(pair_id=ids, feed=feed)[COLUMNS]


def _decided(
    links: ProbableLinks, questions: ProbableLinks, decisions: Mapping[str, str]
) -> tuple[ProbableLinks, ProbableLinks]:
    """The links that stand, with those that people decided, and the pairs that are still to be asked."""
    decided = questions["pair_id"].map(decisions)
    confirmed = questions[decided == "same"].assign(tier="probable", probability=1.0)
    undecided = questions[decided.isna()].sort_values(["pair_id", *PLACE]).drop_duplicates("pair_id")
    standing = links[links["pair_id"].map(decisions) != "different"]
    return _together([standing, confirmed]), undecided


def _together(frames: Iterable[ProbableLinks]) -> ProbableLinks:
    filled = [f for f in frames if not f.empty]
    return pd.concat(filled, ignore_index=True) if filled else _none()


def _questions(pairs: ProbableLinks) -> Questions:
    return pairs.rename(columns=AS_QUESTION)


def _none() -> ProbableLinks:
    kinds = {"line": "int64", "probability": "float64"}
    return pd.DataFrame({c: pd.Series(dtype=kinds.get(c, "object")) for c in COLUMNS})
