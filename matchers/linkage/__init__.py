"""概率匹配 — record linkage for rows without a usable ID number: a Fellegi–Sunter model of seven fields.

``Linkage`` makes the recipients of a night ready; ``learn`` takes the night's parameters from the rows that
are linked by their number; ``Linkage.link`` gives the links and questions of one feed's residue; ``drift``
says where a model has left its band; ``waterfall`` draws why a link was made. Names are imported when first
used: recordlinkage takes seconds to load, and drawing a picture needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matchers.linkage.bands import drift
    from matchers.linkage.learning import FeedRows, learn
    from matchers.linkage.linking import Linkage, Links, link
    from matchers.linkage.parameters import Model
    from matchers.linkage.picture import waterfall

_HOME = {
    "FeedRows": "learning",
    "Linkage": "linking",
    "Links": "linking",
    "Model": "parameters",
    "drift": "bands",
    "learn": "learning",
    "link": "linking",
    "waterfall": "picture",
}
__all__ = ["FeedRows", "Linkage", "Links", "Model", "drift", "learn", "link", "waterfall"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"matchers.linkage.{_HOME[name]}"), name)
