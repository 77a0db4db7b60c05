"""参数 — the model of a night: for every feed the chance of each level, for one person and for two.

It is stored as JSON, named by a digest of its content, and every link names the model it came from.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matchers.linkage.classify import FellegiSunterClassifier, Floats
from matchers.linkage.fields import FIELDS

FORMAT = 1

# m where a night teaches nothing: assumptions, read as percentages in the order of the levels. The number's
# errors follow the share of each kind of damage in the residue task of benchmarks/residue_task.py; the other
# fields are typical of exact links in register data (telephones change, employers change more often).
PRIOR_M: dict[str, tuple[float, ...]] = {
    "name": (88, 1, 4.5, 1, 2.5, 0.8, 0.6, 0.6, 0.5, 0.3, 0.1, 0.1),
    "id_number": (0.1, 9, 12, 9, 15, 8, 3, 4, 2, 18, 7, 1, 1, 1, 1, 0.5, 0.3, 0.3),
    "birth_date": (97, 0.3, 1.2, 0.3, 0.5, 0.3, 0.4),
    "sex": (99.3, 0.7),
    "phone": (70, 1, 29),
    "district": (85, 15),
    "employer": (25, 4, 1, 70),
}
PRIOR_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class FeedModel:
    """One feed's parameters; ``m`` and ``u`` by field in the order of the levels, missing last with 1.

    ``share``: the chance that a row without a usable number belongs to a recipient. ``links``: how many
    links by number taught ``m``.
    """

    m: Mapping[str, Floats]
    u: Mapping[str, Floats]
    share: float
    links: int

    def classifier(self, candidates: int) -> FellegiSunterClassifier:
        """The classifier of pairs drawn from ``candidates`` recipients; no disagreement speaks for a link."""
        return FellegiSunterClassifier.of(
            [self.m[field] for field in FIELDS],
            [_never_for(self.m[field], self.u[field]) for field in FIELDS],
            self.share / max(candidates, 1),
            [len(feature.levels) - 1 for feature in FIELDS.values()],
        )


def _never_for(m: Floats, u: Floats) -> Floats:
    """U with ``DIFFERENT``, in every field the last level before missing, at least as likely as m."""
    return np.append(u[:-2], [max(u[-2], m[-2]), u[-1]])


@dataclass(frozen=True, slots=True)
class Model:
    """The models of all feeds of a night; ``feed`` falls back to ``pooled``, what all feeds taught."""

    feeds: Mapping[str, FeedModel]
    pooled: FeedModel

    def feed(self, name: str) -> FeedModel:
        """The parameters of a feed."""
        return self.feeds.get(name, self.pooled)

    @property
    def version(self) -> str:
        """Twelve characters that name this content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """The model as text; equal models give equal texts."""
        feeds = {name: _stored(feed) for name, feed in sorted(self.feeds.items())}
        return json.dumps({"format": FORMAT, "pooled": _stored(self.pooled), "feeds": feeds}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """The model in ``text``; raises ``ValueError`` where the format is another one."""
        stored = json.loads(text)
        if stored.get("format") != FORMAT:
            raise ValueError(
                f"概率匹配参数的格式为 {stored.get('format')}，本版本只读格式 {FORMAT}，请重新学习参数"
            )
        feeds = {name: _read(feed) for name, feed in stored["feeds"].items()}
        return cls(feeds, _read(stored["pooled"]))


def _stored(feed: FeedModel) -> dict[str, Any]:
    fields = {
        field: {
            level.name: [_rounded(feed.m[field][level]), _rounded(feed.u[field][level])]
            for level in list(feature.levels)[:-1]
        }
        for field, feature in FIELDS.items()
    }
    return {"share": _rounded(feed.share), "links": feed.links, "fields": fields}


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _read(stored: Mapping[str, Any]) -> FeedModel:
    m, u = (
        {
            field: np.array(
                [*(stored["fields"][field][level.name][side] for level in list(f.levels)[:-1]), 1.0]
            )
            for field, f in FIELDS.items()
        }
        for side in (0, 1)
    )
    return FeedModel(m, u, stored["share"], stored["links"])


def prior_m() -> dict[str, Floats]:
    """``PRIOR_M`` as chances, with the missing level last."""
    return {field: np.array([*(np.array(shares) / sum(shares)), 1.0]) for field, shares in PRIOR_M.items()}
