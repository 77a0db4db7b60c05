"""亲属 — how likely a row is to be a close relative's, who resembles the recipient more than a stranger does.

Relatives share surname, place and often telephone; twins the birth date too, and all of a number but its end.
No row shows who is related to whom, so these are assumptions: for every recipient about one relative of his
surname occurs in a feed as often as he does himself, and one recipient in a hundred has a twin in the city
(one birth in seventy-five to a hundred is a twin's).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from matchers.linkage.classify import Floats
from matchers.linkage.fields import FIELDS
from matchers.linkage.number_levels import HOLDS_BIRTH, NumberLevel
from matchers.linkage.parameters import FeedModel

RELATIVES, TWINS = 1.0, 0.01
# Percentages in the order of the levels: three in ten share a character of the given name.
NAME = (0.1, 0.1, 0.1, 0.5, 2, 0.3, 3, 0.3, 25, 60, 0.1, 8.5)
SEX, PHONE = (50, 50), (20, 0.1, 79.9)
# A number of the same damage shows only what relatives share; otherwise little more than the region agrees.
ALIKE = {NumberLevel.FLOAT6: 1.0}
ALIKE_TWINS = {NumberLevel.FLOAT6: 1.0, NumberLevel.MASKED_SERIAL: 1.0, NumberLevel.FLOAT15: 0.9}
APART = {NumberLevel.REGION_ONLY: 0.4, NumberLevel.DIFFERENT: 0.2}
APART_TWINS = {
    NumberLevel.REGION_BIRTH: 0.1, NumberLevel.BIRTH_ONLY: 0.1, NumberLevel.REGION_ONLY: 0.2,
    NumberLevel.SERIAL_DIGIT: 0.003,
}  # fmt: skip
NEVER = 1e-6  # times the chance for the recipient himself


def resemblance(levels: Mapping[str, npt.NDArray[np.int8]], feed: FeedModel) -> Floats:
    """For each pair, how much likelier a relative of the recipient is than the recipient himself."""
    total = np.zeros(len(levels["name"]))
    in_number = np.isin(levels["id_number"], list(HOLDS_BIRTH))
    for often, twins in ((RELATIVES, False), (TWINS, True)):
        times = np.full(len(total), often)
        for field, ratio in _ratios(feed, twins=twins).items():
            of_field = ratio[levels[field]]
            if field == "birth_date":
                of_field[in_number] = 1.0
            times *= of_field
        total += times
    return total


def _ratios(feed: FeedModel, *, twins: bool) -> dict[str, Floats]:
    """By field and level, the chance for a relative as a multiple of that for the recipient himself."""
    himself = feed.m
    number = himself["id_number"] * NEVER
    number[-1] = 1.0
    for level, share in (ALIKE_TWINS if twins else ALIKE).items():
        number[level] = himself["id_number"][level] * share
    for level, share in (APART_TWINS if twins else APART).items():
        number[level] = share
    relative = {
        "name": np.append(np.array(NAME) / 100, 1.0),
        "id_number": number,
        "birth_date": himself["birth_date"] if twins else feed.u["birth_date"],
        "sex": np.append(np.array(SEX) / 100, 1.0),
        "phone": np.append(np.array(PHONE) / 100, 1.0),
        "district": himself["district"],
        "employer": feed.u["employer"],
    }
    return {field: relative[field] / himself[field] for field in FIELDS}
