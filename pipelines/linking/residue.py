"""概率匹配步骤 — the rows without a usable number: a model learnt tonight proposes links and asks questions.

What people decided about a pair binds: a pair found different is neither linked nor asked again, one found
the same is linked. A model that drifted from the night before proposes nothing and says so.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from matchers.evidence import digest
from pipelines.base.frames import Night
from pipelines.base.settings import Settings
from pipelines.base.store import Store

if TYPE_CHECKING:
    from matchers.linkage.parameters import Model

PLACE = ["delivery_id", "file", "line"]
CONTENT = ["id_number", "name_key", "birth_date", "sex", "phone", "district"]
MODEL = "linkage.json"
EMPLOYER = {"last_employer_name": "employer_name", "last_employer_uscc": "employer_uscc"}
COLUMNS = ["pair_id", "person_id", "feed", *PLACE, "tier", "probability", "explanation"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the model proposes for one night.

    ``links``: ``COLUMNS``, a row each. ``questions``: the same, with kind ``possible_match`` for the tier,
    one for each pair. ``drift``: Chinese sentences; where there is one, nothing is proposed.
    """

    links: pd.DataFrame
    questions: pd.DataFrame
    drift: tuple[str, ...]


def propose(
    settings: Settings,
    as_of: date,
    shares: Mapping[str, tuple[int, int]],
    names: pd.DataFrame,
    decisions: Mapping[str, str],
) -> Proposed:
    """Proposed links and questions for the residue of every feed in ``shares`` (usable rows, hits).

    ``names``: person_id, name_key, present; ``decisions``: pair → ``same`` or ``different``.
    """
    night = Night.of(settings, as_of)
    residues = {feed: residue(night, feed) for feed in shares}
    if all(rows.empty for rows in residues.values()):
        return Proposed(_none(), _none(), ())
    from matchers.linkage import FeedRows, Linkage, drift, learn

    linkage = Linkage(
        _recipients(night), names.loc[~names["present"].astype(bool), ["person_id", "name_key"]]
    )
    seen = {f: FeedRows(night.frame(f"linked/{f}"), residues[f], *shares[f]) for f in shares}
    model = learn(linkage, seen)
    with Store.replacing(night.folder / MODEL) as unfinished:
        unfinished.write_text(model.to_json(), "utf-8")
    before = _before(settings, as_of)
    drifted = tuple(drift(model, before)) if before else ()
    links, questions = [], []
    for feed, rows in residues.items():
        found = linkage.link(rows, model, feed)
        links.append(_paired(found.links, rows, feed))
        questions.append(_paired(found.questions.rename(columns={"kind": "tier"}), rows, feed))
    told = _decided(_together(links), _together(questions), decisions)
    return Proposed(_none(), _none(), drifted) if drifted else Proposed(*told, ())


def residue(night: Night, feed: str) -> pd.DataFrame:
    """The feed's rows without a usable number, with delivery_id and delivered_on as of every linked row."""
    rows = night.frame(f"residue/{feed}")
    rows = rows.assign(delivered_on=pd.to_datetime(rows["delivered_on"]))
    return rows.assign(delivery_id=feed + "/" + rows["delivered_on"].dt.strftime("%Y-%m-%d"))


def linked_rows(rows: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The rows of a residue that are linked, in the columns of linked rows."""
    told = links[["person_id", *PLACE]].assign(
        link_tier=links["tier"],
        link_probability=links["probability"].astype(float),
        link_words=[json.loads(e)["sentence"] for e in links["explanation"]],
        differs="",
    )
    return rows.merge(told, on=PLACE, validate="1:1")


def _recipients(night: Night) -> pd.DataFrame:
    """Recipients with the last employer of their latest claim."""
    claims = night.frame("claims").sort_values(["start_month", "claim_id"])
    latest = claims.drop_duplicates("person_id", keep="last")[["person_id", *EMPLOYER]]
    found = night.frame("recipients").merge(latest, on="person_id", how="left", validate="1:1")
    return found.rename(columns=EMPLOYER)


def _before(settings: Settings, as_of: date) -> "Model | None":
    from matchers.linkage import Model

    earlier: list[Path] = sorted(
        path for path in Store(settings.store).root.glob(f"nights/*/{MODEL}") if path.parent.name < str(as_of)
    )
    return Model.from_json(earlier[-1].read_text("utf-8")) if earlier else None


def _paired(found: pd.DataFrame, rows: pd.DataFrame, feed: str) -> pd.DataFrame:
    """Found pairs with ``pair_id``: the same recipient and the same content are the same pair."""
    if found.empty:
        return _none()
    content = rows[[*PLACE, *CONTENT]].merge(found, on=PLACE, validate="1:1")
    told = content[CONTENT].astype(object).where(content[CONTENT].notna(), "").astype(str)
    ids = [
        digest(["possible_match", person, feed, *row])
        for person, row in zip(content["person_id"], told.itertuples(index=False, name=None), strict=True)
    ]
    return content.assign(pair_id=ids, feed=feed)[COLUMNS]


def _decided(
    links: pd.DataFrame, questions: pd.DataFrame, decisions: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    said = questions["pair_id"].map(decisions)
    confirmed = questions[said == "same"].assign(tier="probable", probability=1.0)
    open_pairs = questions[said.isna()].sort_values(["pair_id", *PLACE]).drop_duplicates("pair_id")
    standing = links[links["pair_id"].map(decisions) != "different"]
    return _together([standing, confirmed]), open_pairs


def _together(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    told = [f for f in frames if not f.empty]
    return pd.concat(told, ignore_index=True) if told else _none()


def _none() -> pd.DataFrame:
    kinds = {"line": "int64", "probability": "float64"}
    return pd.DataFrame({c: pd.Series(dtype=kinds.get(c, "object")) for c in COLUMNS})
