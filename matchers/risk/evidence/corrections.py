"""更正 — reasons that an employer corrected from voluntary to involuntary, beside others of its kind."""

import pandas as pd

from matchers.risk import reasons, shares
from matchers.risk.ground import Ground
from matchers.risk.policy import INVOLUNTARY, VOLUNTARY
from matchers.schemas import EmployerCounts, ReadForms


def corrected(ground: Ground) -> ReadForms:
    """The forms of the twelve months that made a reason involuntary; an award with its number is none."""
    kept = reasons.forms(ground)
    turned = kept[(kept["before"] == VOLUNTARY) & (kept["meaning"] == INVOLUNTARY) & kept["reference"].isna()]
    return turned[ground.within(turned["filed_on"])]


def counts(ground: Ground, turned: ReadForms) -> EmployerCounts:
    """By employer: people corrected (seen), leavers, expected of its kind, lower bound of the ratio."""
    people = turned.groupby("employer")["person"].nunique().rename("seen")
    both = pd.concat([reasons.leavers(ground).rename("left"), people], axis=1).fillna(0.0).astype(float)
    return shares.by_kind(ground, both["seen"], both.max(axis=1))
