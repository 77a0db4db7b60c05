"""漂移 — where tonight's model has moved further from the last one than chance and custom allow."""

from math import sqrt

from matchers.linkage.explain import WORDS
from matchers.linkage.fields import FIELDS
from matchers.linkage.parameters import FeedModel, Model

SIGMAS = 3.0
TOLERANCE = 0.03  # a share may move by this much beyond chance: deliveries differ
TIMES = 3.0  # the share of recipients' rows may rise or fall by this factor
FEWEST = 100  # links by number on both nights, below which a feed says nothing


def drift(model: Model, previous: Model) -> list[str]:
    """One sentence for every share that has left its band; empty where the model may be used.

    The mix of damage to numbers has no band: it is a matter of each delivery, not of the people in it.
    """
    sentences = []
    for name in sorted(set(model.feeds) & set(previous.feeds)):
        now, before = model.feeds[name], previous.feeds[name]
        if min(now.links, before.links) >= FEWEST:
            sentences += [f"{name}：{sentence}" for sentence in _feed(now, before)]
    return sentences


def _feed(now: FeedModel, before: FeedModel) -> list[str]:
    sentences = [
        f"“{WORDS[field][level]}”的比例由 {was:.1%} 变为 {is_now:.1%}，超出允许范围"
        for field, feature in FIELDS.items()
        if field != "id_number"
        for level in list(feature.levels)[:-1]
        if _left_band(
            is_now := float(now.m[field][level]),
            was := float(before.m[field][level]),
            now.links,
            before.links,
        )
    ]
    if not 1 / TIMES <= now.share / before.share <= TIMES:
        sentences.append(f"领取人员在来件中所占比例由 {before.share:.2%} 变为 {now.share:.2%}，超出允许范围")
    return sentences


def _left_band(now: float, before: float, links: int, links_before: int) -> bool:
    chance = sqrt(before * (1 - before) * (1 / links + 1 / links_before))
    return abs(now - before) > SIGMAS * chance + TOLERANCE
